// Runs the build's programs: output goes to a log file, a failure says where that log is and shows its end.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { RecipeError } from './errors.mjs';

const LOG_LINES_SHOWN = 40;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends what is still running, so that neither an interrupt nor a failure leaves compilers behind. */
export function stopAll() {
  for (const child of running) {
    // The whole process group: ninja's compilers are not our direct children.
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has just ended by itself.
      }
    }
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} log file that the program's output is added to
 * @property {string} subject whose program it is, for the error message
 */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<void>}
 */
export function run(command, args, options) {
  const log = openSync(options.log, 'a');
  writeSync(log, `\n$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    // setpriv: should this process be killed outright, no compiler may go on in a folder that the next
    // build resumes.
    const child = spawn('setpriv', ['--pdeathsig=TERM', command, ...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    running.add(child);
    // 'close' comes after this, too.
    child.on('error', (error) => {
      reject(new RecipeError(`${options.subject}: cannot run ${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      closeSync(log);
      if (code === 0) resolve();
      else reject(failure(command, signal ?? `exit code ${code}`, options));
    });
  });
}

/**
 * @param {string} command
 * @param {string} outcome
 * @param {RunOptions} options
 */
function failure(command, outcome, options) {
  const tail = readFileSync(options.log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
  return new RecipeError(
    [
      `${options.subject}: ${command} failed (${outcome}). The end of ${options.log}:`,
      ...tail.map((line) => `  | ${line}`),
    ].join('\n'),
  );
}

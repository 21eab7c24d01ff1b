// A Node script, watched in a process of its own.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../../driver/package-files.ts';
import { CommandError } from '../exit-codes.ts';
import { checkFile } from '../files.ts';
import { FOUND_FILE, type NodeTask, RECORDING_FILE, TASK_VARIABLE } from './node-task.ts';
import type { RunOptions, RunOutcome } from './outcome.ts';

/**
 * @param args for the script.
 * @param isQuiet what the script prints goes to stderr.
 */
export async function runNodeScript(
  path: string,
  args: readonly string[],
  { track, ...options }: RunOptions,
  isQuiet: boolean,
): Promise<RunOutcome> {
  checkFile(path);
  const folder = mkdtempSync(join(tmpdir(), 'gegl-memory-profiler-'));
  try {
    const task: NodeTask = { ...options, folder, script: resolve(path) };
    const ended = await runChild(task, args, track, isQuiet);
    return readResults(path, folder, ended);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
}

async function runChild(
  task: NodeTask,
  args: readonly string[],
  track: string,
  isQuiet: boolean,
): Promise<Ended> {
  const imported = (file: string) => ['--import', pathToFileURL(packageFile(file)).href];
  const child = 'dist/cli/node-child.js';
  const commandLine =
    task.scenario === null
      ? [...imported('dist/esm/register.js'), ...imported(child), task.script]
      : ['--expose-gc', ...imported('dist/esm/register.js'), packageFile(child)];
  const started = spawn(process.execPath, [...commandLine, ...args], {
    stdio: ['inherit', isQuiet ? 2 : 'inherit', 'inherit'],
    env: { ...process.env, MEMPROF: track, [TASK_VARIABLE]: JSON.stringify(task) },
  });
  // This process stays to write what the script leaves.
  const pass = (signal: NodeJS.Signals) => started.kill(signal);
  // Ctrl-C: the terminal tells the script, too.
  const isTold = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const interrupt = isTold ? () => {} : pass;
  process.on('SIGINT', interrupt).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    return await new Promise<Ended>((done, failed) => {
      started.once('error', failed).once('close', (code, signal) => {
        const number = signal === null ? 0 : constants.signals[signal];
        done({ exitCode: code ?? 128 + number, signal });
      });
    });
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}

function readResults(path: string, folder: string, { exitCode, signal }: Ended): RunOutcome {
  const recording = join(folder, RECORDING_FILE);
  const found = join(folder, FOUND_FILE);
  if (!existsSync(recording)) {
    const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
    throw new CommandError(`${path} ended ${how} and left no recording.`, exitCode || undefined);
  }
  return {
    recording: readFileSync(recording, 'utf8'),
    found: existsSync(found) ? JSON.parse(readFileSync(found, 'utf8')) : null,
    exitCode,
  };
}

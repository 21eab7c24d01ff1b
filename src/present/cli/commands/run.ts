// gegl-memory-profiler run: a script or page, watched, and an action of it looked at for leaks.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { applySuppressions } from '../../../analyze/suppressions.ts';
import { TRACK_MODES, type TrackMode } from '../../../recording/heap-types.ts';
import { parseRecording } from '../../../recording/parse.ts';
import type { Finding, Severity } from '../../../recording/types.ts';
import { PageError } from '../../driver/page.ts';
import { type FormatOptions, formatFindings, formatFoundLeaks } from '../../text/index.ts';
import { CommandEnd, CommandError, EXIT } from '../exit-codes.ts';
import {
  checkFile,
  checkOutput,
  outputName,
  refuseJsonOnStdout,
  refuseSameFile,
  STDOUT,
  writeOutput,
} from '../files.ts';
import { type Output, plain, printJson, progressOn, textOptions } from '../output.ts';
import { readSuppressions, reportOf } from '../recordings.ts';
import { runNodeScript } from '../run/node.ts';
import type { RunOptions, RunOutcome } from '../run/outcome.ts';
import { runPage } from '../run/page.ts';
import { ScenarioError } from '../run/scenario.ts';

const FAIL_ON: Readonly<Record<string, readonly Severity[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  none: [],
};

const PAGE = /^(https?|file):/;
/** A host with its port, or another scheme. */
const LIKE_AN_ADDRESS = /^([a-z][\w.-]*:\d+(\/|$)|[a-z]+:\/\/)/i;

interface Options {
  readonly output?: string;
  readonly json?: true;
  readonly scenario?: string;
  readonly track: TrackMode;
  readonly interval: number;
  readonly iterations: number;
  readonly warmup: number;
  readonly duration: number;
  readonly failOn: string;
  readonly suppressions?: string;
  readonly browser?: string;
}

export function addRun(program: Command, output: Output): void {
  program
    .command('run')
    .summary('watch a script or a page, and find what an action of it leaks')
    .description(
      'Runs a Node script, or opens a page in a browser without a window, with its WebAssembly modules tracked from ' +
        'the first one on; nothing in it has to be changed. With a scenario, its action is repeated, and what each run ' +
        'leaves behind is a leak. Without one, what the recording shows is told: of a script from start to exit, of a ' +
        'page for some seconds.',
    )
    .argument(
      '<script | url>',
      'a script for Node, or the address of a page (http:, https:, file:)',
    )
    .argument('[arguments...]', 'for the script, after --')
    .option(
      '-o, --output <recording.json>',
      'keep the recording, for summary, report, diff and check; - for stdout, and what else is said goes to stderr',
    )
    .option(
      '--scenario <file.mjs>',
      'exports setup, action, back and teardown; each may be left out, and may be asynchronous',
    )
    .addOption(
      new Option('--track <mode>', 'how closely allocations are followed')
        .choices(TRACK_MODES)
        .default('sampled'),
    )
    .option('--iterations <n>', 'runs of the action that are watched, 3 to 1000', count(3, 1000), 7)
    .option('--warmup <n>', 'runs before, in which caches fill up, 0 to 1000', count(0, 1000), 1)
    .option('--interval <ms>', 'time between samples', count(10, 86_400_000), 500)
    .option('--duration <s>', 'how long a page without an action is watched', count(1, 86_400), 10)
    .addOption(
      new Option('--fail-on <severity>', 'which leaks end with exit code 1')
        .choices(Object.keys(FAIL_ON))
        .default('error'),
    )
    .option('--suppressions <file>', 'findings that are known and accepted')
    .option(
      '--browser <name | path>',
      'chromium, firefox, or the path of one; left out: CHROME_PATH, or a Chromium that is installed',
    )
    .option(
      '--json',
      'print what was found as one line of JSON; what the script prints goes to stderr',
    )
    .addHelpText(
      'after',
      `
A scenario for a page gets puppeteer's page (https://pptr.dev); one for a script gets the exports of the script:
  export const setup = (page) => page.waitForSelector('#open:enabled');
  export const action = (page) => page.click('#open');
  export const back = (page) => page.click('#close');

A page is run by puppeteer-core in Chromium or Firefox, which must be installed; no browser is downloaded. In Firefox
garbage can't be collected between the runs.

Examples:
  $ gegl-memory-profiler run app.mjs -o recording.json -- --input photo.png
  $ gegl-memory-profiler run editor.mjs --scenario open-close.mjs --iterations 20
  $ gegl-memory-profiler run http://localhost:8080/ --scenario open-close.mjs --fail-on warning
  $ gegl-memory-profiler run http://localhost:8080/ --duration 30 -o recording.json

Exit codes: 0 no leaks; 1 leaks, or it could not be run, or no heap was seen; 2 the command line is wrong. A script that
fails ends it with the script's own exit code.`,
    )
    .action((target: string, args: string[], options: Options) =>
      runTarget(target, args, options, output),
    );
}

async function runTarget(
  target: string,
  args: readonly string[],
  options: Options,
  output: Output,
): Promise<void> {
  refuseJsonOnStdout(options.output, options.json);
  const suppressions = readSuppressions(options.suppressions);
  if (options.scenario !== undefined) checkFile(options.scenario);
  if (options.output !== undefined) {
    refuseSameFile([target, options.scenario, options.suppressions], options.output);
    checkOutput(options.output);
  }
  const outcome = await watch(target, args, options, output);
  const { found, exitCode } = outcome;
  if (options.output !== undefined) {
    writeOutput(options.output, outcome.recording, output);
  }
  const report = reportOf(parseRecording(outcome.recording), suppressions);
  const findings = found ? applySuppressions(found.findings, suppressions).findings : report.leaks;
  const { totalSamples, duration } = report.summary;
  const print = options.output === STDOUT ? output.err : output.out;
  if (options.json) {
    printJson(output, {
      target,
      recording: options.output ?? null,
      findings,
      balance: found?.balance ?? null,
      warnings: found?.warnings ?? report.warnings.map(({ message }) => message),
      summary: report.summary,
    });
  } else if (found) {
    print(formatFoundLeaks({ ...found, findings }, textOptionsFor(target, output)));
  } else if (findings.length > 0) {
    print(formatFindings(findings, textOptionsFor(target, output)));
  }
  const isCutShort = options.scenario !== undefined && !found && exitCode !== 0;
  const isBlind =
    !isCutShort &&
    options.track !== 'off' &&
    findings.length === 0 &&
    (found ? !found.balance.heap : !report.heap);
  if (isBlind) {
    const reasons = report.warnings.filter(({ code }) => code === 'no-allocator');
    output.err(
      `${[
        `${target}: no heap was tracked, as no module with a known allocator was loaded: what leaks in one would not have been seen.`,
        ...reasons.map(({ message }) => message),
      ].join(' ')}\n`,
    );
  }
  output.err(
    `${target}: ${totalSamples} samples in ${(duration / 1000).toFixed(1)} s; ${
      isCutShort ? 'the scenario was not run to its end' : leaksText(findings)
    }. ${
      options.output === undefined
        ? 'The recording was not kept: -o keeps it.'
        : `The recording is in ${outputName(options.output)}.`
    }\n`,
  );
  if (exitCode !== 0)
    throw new CommandError(`${target} ended with exit code ${exitCode}.`, exitCode);
  const failing = FAIL_ON[options.failOn] ?? [];
  const sawNothing = isBlind && found !== null && failing.length > 0;
  if (sawNothing || findings.some(({ severity }) => failing.includes(severity))) {
    throw new CommandEnd(EXIT.failed);
  }
}

async function watch(
  target: string,
  args: readonly string[],
  options: Options,
  output: Output,
): Promise<RunOutcome> {
  const common: RunOptions = {
    track: options.track,
    sampleInterval: options.interval,
    repetition: { iterations: options.iterations, warmup: options.warmup },
    scenario: options.scenario ?? null,
  };
  if (!PAGE.test(target)) {
    if (LIKE_AN_ADDRESS.test(target)) {
      throw new CommandError(
        `${target} is no address of a page: it begins with http:, https: or file:, as http://localhost:8080/.`,
        EXIT.usage,
      );
    }
    const isTaken = options.json === true || options.output === STDOUT;
    return runNodeScript(target, args, common, isTaken);
  }
  if (args.length > 0) throw new CommandError('A page takes no arguments.', EXIT.usage);
  try {
    return await runPage(target, {
      ...common,
      browser: options.browser,
      duration: options.duration * 1000,
      say: (line) => output.err(`${plain(line)}\n`),
      progress: progressOn(output),
    });
  } catch (error) {
    if (error instanceof CommandEnd) throw error;
    const isOurs = error instanceof ScenarioError || error instanceof PageError;
    // Of the scenario's author, who needs the stack.
    const text = error instanceof Error ? (isOurs ? error.message : error.stack) : error;
    throw new CommandError(`${target} could not be run to the end: ${text}`);
  }
}

/** Scripts of a page are shown from its origin on. */
function textOptionsFor(target: string, output: Output): FormatOptions {
  const options = textOptions(output);
  return PAGE.test(target) ? { ...options, root: new URL(target).origin } : options;
}

function leaksText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no leaks';
  return `${findings.length} ${findings.length === 1 ? 'leak' : 'leaks'}`;
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

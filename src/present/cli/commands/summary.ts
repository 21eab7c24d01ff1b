// gegl-memory-profiler summary: a recording as text.

import type { Command } from 'commander';
import { formatFindings, formatReport } from '../../text/index.ts';
import { type Output, printJson, textOptions } from '../output.ts';
import { readRecording, readSuppressions, reportOf } from '../recordings.ts';

interface Options {
  readonly json?: true;
  readonly leaksOnly?: true;
  readonly suppressions?: string;
}

export function addSummary(program: Command, output: Output): void {
  program
    .command('summary')
    .summary('tell what a recording holds, and what leaks')
    .description(
      'Prints a recording as text: memory over time, objects, what allocated the live memory, operations, types, and ' +
        'what seems to leak, with stacks and what to do. A recording is what memoryProfiler.exportData() makes, and ' +
        'what the command "run" writes.',
    )
    .argument('<recording.json>', 'the recording')
    .option('--json', 'print the report (as of getReport()) as one line of JSON')
    .option('--leaks-only', 'print the findings alone')
    .option(
      '--suppressions <file>',
      'findings that are known and accepted: lines "what:pattern -- reason"',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ gegl-memory-profiler summary recording.json
  $ gegl-memory-profiler summary recording.json --leaks-only --suppressions accepted.txt
  $ gegl-memory-profiler summary recording.json --json | jq '.leaks[].message'

Exit codes: 0 printed, whatever it leaks ("check" and "run" fail on leaks); 1 a file can't be read or is broken; 2 the
command line is wrong.`,
    )
    .action((path: string, options: Options) => summary(path, options, output));
}

function summary(path: string, options: Options, output: Output): void {
  const suppressions = readSuppressions(options.suppressions);
  const report = reportOf(readRecording(path), suppressions);
  if (options.json) {
    printJson(output, options.leaksOnly ? report.leaks : report);
  } else if (!options.leaksOnly) {
    output.out(formatReport(report, textOptions(output)));
  } else if (report.leaks.length > 0) {
    output.out(formatFindings(report.leaks, textOptions(output)));
  } else {
    output.err('No leaks found.\n');
  }
}

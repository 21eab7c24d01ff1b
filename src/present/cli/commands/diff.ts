// gegl-memory-profiler diff: what changed from one recording to another.

import type { Command } from 'commander';
import { diffRecordings } from '../../../analyze/recording-diff/index.ts';
import { formatDiff } from '../../text/index.ts';
import { inputName } from '../files.ts';
import { type Output, printJson, textOptions } from '../output.ts';
import { leakFinder, readRecording, readSuppressions } from '../recordings.ts';

interface Options {
  readonly json?: true;
  readonly suppressions?: string;
}

export function addDiff(program: Command, output: Output): void {
  program
    .command('diff')
    .summary('compare two recordings: what is new, gone, grown')
    .description(
      'Compares two recordings, as before and after a change of the code: heap size, live bytes and peaks, objects, ' +
        'types, operations, allocation sites and leaks. Sites are matched by their stacks; where lines have moved, by ' +
        'functions and files. Figures of sampled sites are estimates: a change of at most two standard errors is told ' +
        'to be noise.',
    )
    .argument('<before.json>', 'the recording to compare with')
    .argument('<after.json>', 'the recording that may be worse')
    .option('--json', 'print all changes as one line of JSON')
    .option('--suppressions <file>', 'findings that are known and accepted, on both sides')
    .addHelpText(
      'after',
      `
Record both in the same way, for as long: what grows with time differs else for that alone, which is said.

Examples:
  $ gegl-memory-profiler diff main.json branch.json
  $ gegl-memory-profiler diff main.json branch.json --json | jq '.findings[] | select(.status == "new")'

Exit codes: 0 compared, whatever the outcome ("check" fails where a budget is broken); 1 a file can't be read or is
broken; 2 the command line is wrong.`,
    )
    .action((before: string, after: string, options: Options) => {
      const findLeaks = leakFinder(readSuppressions(options.suppressions));
      const diff = diffRecordings(readRecording(before), readRecording(after), findLeaks);
      if (options.json) printJson(output, diff);
      else {
        const names = { before: inputName(before), after: inputName(after) };
        output.out(formatDiff(diff, names, textOptions(output)));
      }
    });
}

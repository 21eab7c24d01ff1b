// gegl-memory-profiler check: a recording against a budget, for continuous integration.

import type { Command } from 'commander';
import { type Budget, BudgetError, checkBudget } from '../../../analyze/budget/index.ts';
import { geglKnowledge } from '../../../gegl/knowledge.ts';
import { formatBudgetCheck } from '../../text/index.ts';
import { CommandEnd, CommandError, EXIT } from '../exit-codes.ts';
import { inputName, onFile, readText } from '../files.ts';
import { type Output, printJson, textOptions } from '../output.ts';
import { readRecording, readSuppressions } from '../recordings.ts';

interface Options {
  readonly budget: string;
  readonly json?: true;
  readonly all?: true;
  readonly suppressions?: string;
}

export function addCheck(program: Command, output: Output): void {
  program
    .command('check')
    .summary('fail where a recording breaks a budget')
    .description(
      'Compares a recording with a file of limits, and ends with 1 and a table of those that are broken. For ' +
        'continuous integration.',
    )
    .argument('<recording.json>', 'the recording')
    .requiredOption('--budget <budgets.json>', 'the limits')
    .option('--json', 'print the outcome of every limit as one line of JSON')
    .option('--all', 'print also the limits that are kept')
    .option('--suppressions <file>', 'findings that are known and accepted; they are not counted')
    .addHelpText(
      'after',
      `
A file of limits; each part may be left out. Sizes are bytes, or texts such as "64 MB" (1 KB is 1024 B):
  {
    "$schema": "node_modules/gegl-memory-profiler/src/analyze/budget/budget.schema.json",
    "heapSize":  { "peak": "256 MB" },
    "liveBytes": { "peak": "120 MB", "end": "40 MB" },
    "objects":   { "buffers": 12, "processors": 0 },
    "types":     { "GeglBuffer": 40, "gegl_op_*": 100 },
    "sites":     { "stack:src/undo.js": "20 MB", "function:gegl_tile_*": "64 MB" },
    "leaks":     { "error": 0, "warning": 2 }
  }
Types and objects are counted, and sites measured, at the end; patterns sum up what they fit. A figure that is not
recorded, as of sites in the mode "counts", breaks its limit, unless the file says "allowUnknown": true. An estimate
breaks its limit when it is more than two of its standard errors above it.

Examples:
  $ gegl-memory-profiler check recording.json --budget budgets.json
  $ gegl-memory-profiler check recording.json --budget budgets.json --all --suppressions accepted.txt

Exit codes: 0 within the budget; 1 a limit is broken, or a file can't be read or is broken; 2 the command line is
wrong.`,
    )
    .action((path: string, options: Options) => check(path, options, output));
}

function check(path: string, options: Options, output: Output): void {
  const suppressions = readSuppressions(options.suppressions);
  const budget = readBudget(options.budget);
  const recording = readRecording(path);
  const result = onFile(options.budget, BudgetError, () =>
    checkBudget(recording, budget, geglKnowledge, suppressions),
  );
  if (options.json) printJson(output, result);
  else {
    const showsAll = options.all === true;
    output.out(formatBudgetCheck(result, { ...textOptions(output), showsAll }));
  }
  if (!result.isWithin) throw new CommandEnd(EXIT.failed);
}

/** Its contents are looked at when it is used. */
function readBudget(path: string): Budget {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${inputName(path)}: This is no JSON: ${(error as Error).message}`);
  }
}

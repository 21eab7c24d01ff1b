// The command line: one file a command in commands/. Every error ends with a message and an exit code.

import { Command, CommanderError } from 'commander';
import { PROFILER } from '../../record/version.ts';
import { PackageError } from '../driver/package-files.ts';
import { addCheck } from './commands/check.ts';
import { addConvert } from './commands/convert.ts';
import { addDiff } from './commands/diff.ts';
import { addInstrument } from './commands/instrument.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addSummary } from './commands/summary.ts';
import { addSymbolize } from './commands/symbolize.ts';
import { CommandEnd, CommandError, EXIT, EXIT_CODES } from './exit-codes.ts';
import { type Output, plain } from './output.ts';

/** In the order of the help. */
const COMMANDS: readonly ((program: Command, output: Output) => void)[] = [
  addRun,
  addSummary,
  addReport,
  addDiff,
  addCheck,
  addConvert,
  addSymbolize,
  addInstrument,
];

/**
 * @param args without the names of node and of the script.
 * @returns the exit code.
 */
export async function run(args: readonly string[], output: Output): Promise<number> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has written its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const isTold = error instanceof CommandError || error instanceof PackageError;
    if (isTold) output.err(`${PROFILER.name}: ${plain(error.message)}\n`);
    if (error instanceof CommandEnd) return error.exitCode;
    if (isTold) return EXIT.failed;
    throw error;
  }
}

function createProgram(output: Output): Command {
  // Settings are inherited by commands that are added after them.
  const program = new Command(PROFILER.name)
    .description(
      'What is in use in the heap of a WebAssembly module, who holds it, whether it leaks.',
    )
    .version(PROFILER.version)
    .exitOverride()
    .configureOutput({
      writeOut: output.out,
      writeErr: output.err,
      getOutHelpWidth: () => output.width,
      getErrHelpWidth: () => output.width,
      getOutHasColors: () => output.color,
      getErrHasColors: () => output.color && output.isWatched,
    })
    .showHelpAfterError('Add --help for the options and examples.')
    .addHelpText(
      'after',
      `
${PROFILER.name} COMMAND --help explains a command, with examples.

${EXIT_CODES}`,
    );
  for (const add of COMMANDS) add(program, output);
  return program;
}

// The command line: one file a command in commands/. Every error ends with a message and an exit code.

import { Command, CommanderError } from 'commander';
import { PROFILER } from '../../record/version.ts';
import { addInstrument } from './commands/instrument.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

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
    if (!(error instanceof CommandError)) throw error;
    output.err(`${PROFILER.name}: ${error.message}\n`);
    return error.exitCode;
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
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .showHelpAfterError('Add --help for the options and examples.')
    .addHelpText(
      'after',
      `
${PROFILER.name} COMMAND --help explains a command. Exit codes: 0 done, 1 failed, 2 the command line is wrong.`,
    );
  addInstrument(program, output);
  return program;
}

// How a command ends.

export const EXIT = {
  ok: 0,
  /** The input could not be read or worked on, or the output not be written; a message says why. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What ends a command with a message instead of a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

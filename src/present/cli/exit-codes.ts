// How a command ends.

export const EXIT = {
  ok: 0,
  /**
   * The input could not be read or worked on, or the output not be written; or the command looked for something wrong,
   * and found it: a leak, or a broken budget. A message says which.
   */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
} as const;

/** As every help tells it. */
export const EXIT_CODES = `Exit codes: 0 all is well; 1 a file can't be read, understood or written, a budget is broken, or a leak was found; 2 the
command line is wrong. "run" of a script that fails ends as the script does.`;

/** What ends a command early, or with another code than 0, without a word. */
export class CommandEnd extends Error {
  override readonly name: string = 'CommandEnd';
  readonly exitCode: number;

  constructor(exitCode: number, message = '') {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What ends a command with a message instead of a stack. */
export class CommandError extends CommandEnd {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(exitCode, message);
  }
}

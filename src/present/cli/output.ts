// Where a command writes: results to `out`, for people and other programs; what it has to say of itself to `err`.

import { PROFILER } from '../../record/version.ts';
import type { FormatOptions } from '../text/index.ts';
import { EXIT } from './exit-codes.ts';

export interface Output {
  /** Bytes are of a file that is not text. */
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** Of `out`: whether it shows colors, how many characters it has a line, and whether a person reads it. */
  readonly color: boolean;
  readonly width: number;
  readonly isTerminal: boolean;
  /** Whether a person watches `err`, so that a line in it may be written over. */
  readonly isWatched: boolean;
}

/** Colors only on a terminal, and there as NO_COLOR, FORCE_COLOR and TERM say. */
export function outputOf(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Output {
  return {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    color: out.isTTY && out.hasColors(),
    width: Math.min(out.isTTY ? out.columns : DEFAULT_WIDTH, MAX_WIDTH),
    isTerminal: Boolean(out.isTTY),
    isWatched: err.isTTY,
  };
}

/** Of a process that is the command's own. */
export function endOnWriteErrors(out: NodeJS.WriteStream, err: NodeJS.WriteStream): void {
  for (const stream of [out, err]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever reads it may leave early, as `head` does: the command ends as it would have.
      if (error.code === 'EPIPE') return;
      if (stream === out) {
        err.write(`${PROFILER.name}: The output could not be written: ${error.message}\n`);
      }
      process.exit(EXIT.failed);
    });
  }
}

const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 120;

/** Paths below the present folder are shown without it. */
export function textOptions({ color, width }: Output): FormatOptions {
  return { color, width, root: process.cwd() };
}

export function printJson({ out }: Output, value: unknown): void {
  out(`${JSON.stringify(value)}\n`);
}

/** A message may quote a file or a page, which may say anything to a terminal. */
export function plain(message: string): string {
  return message.replace(/[^\P{Cc}\n\t]/gu, '');
}

/** The line that says how far long work is; only where somebody watches. */
export interface Progress {
  show(line: string): void;
  /** Takes the line away. */
  end(): void;
}

export function progressOn({ isWatched, err, width }: Output): Progress {
  if (!isWatched) return { show() {}, end() {} };
  return {
    show: (line) => err(`\r\u001b[K${line.slice(0, width - 1)}`),
    end: () => err('\r\u001b[K'),
  };
}

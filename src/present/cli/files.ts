// Reading and writing the files of a command, with errors that name the file.

import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

/** What `-o` takes for stdout; a file of this name is `./-`. */
export const STDOUT = '-';

/** As messages call what `-o` was given. */
export function outputName(path: string): string {
  return path === STDOUT ? 'stdout' : path;
}

export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new CommandError(`${path} could not be read: ${reasonOf(error)}`);
  }
}

export function readText(path: string): string {
  const bytes = readInput(path);
  try {
    return new TextDecoder().decode(bytes);
  } catch {
    throw new CommandError(
      `${path} could not be read: it has ${bytes.length.toLocaleString('en-US')} bytes, more than a text of JavaScript can have.`,
    );
  }
}

/** @param path what `-o` was given. */
export function writeOutput(path: string, contents: string | Uint8Array, { out }: Output): void {
  if (path === STDOUT) {
    out(contents);
    return;
  }
  try {
    writeFileSync(path, contents);
  } catch (error) {
    throw new CommandError(`${path} could not be written: ${reasonOf(error)}`);
  }
}

/** To be asked before long work: whether its outcome can be written. */
export function checkFolder(path: string): void {
  if (path === STDOUT) return;
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new CommandError(`${path} could not be written: ${reasonOf(error)}`);
  }
}

/** Runs work on what is in a file; where that is refused, the message names the file. */
export function onFile<Result>(
  path: string,
  Refusal: new (...parameters: never[]) => Error,
  work: () => Result,
): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}

/** Also by a link, or written otherwise. */
export function refuseSameFile(input: string, output: string): void {
  if (output === STDOUT) return;
  const one = statSync(input, { throwIfNoEntry: false });
  const other = statSync(output, { throwIfNoEntry: false });
  if (one && other && one.dev === other.dev && one.ino === other.ino) {
    throw new CommandError(
      `${output} is the input itself, which is not overwritten. Give another file to -o.`,
      EXIT.usage,
    );
  }
}

/** Two things in one stream are read by nobody. */
export function refuseJsonOnStdout(output: string | undefined, json: boolean | undefined): void {
  if (output !== STDOUT || !json) return;
  throw new CommandError(
    '--json prints to stdout, which "-o -" takes. Give -o a file, or leave out --json.',
    EXIT.usage,
  );
}

/** What Node says, without the path again. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/, \w+( '.*')?$/, '');
}

// Reading and writing the files of a command, with errors that name the file.

import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit-codes.ts';

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

export function writeOutput(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new CommandError(`${path} could not be written: ${reasonOf(error)}`);
  }
}

/** To be asked before long work: whether its outcome can be written. */
export function checkFolder(path: string): void {
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
  const one = statSync(input, { throwIfNoEntry: false });
  const other = statSync(output, { throwIfNoEntry: false });
  if (one && other && one.dev === other.dev && one.ino === other.ino) {
    throw new CommandError(
      `${output} is the input itself, which is not overwritten. Give another file to -o.`,
      EXIT.usage,
    );
  }
}

/** What Node says, without the path again. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/, \w+( '.*')?$/, '');
}

// Reading and writing the files of a command, with errors that name the file.

import {
  accessSync,
  chmodSync,
  constants,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

/** What `-o` takes for stdout; a file of this name is `./-`. */
export const STDOUT = '-';
/** What stands for stdin where a file is read. */
const STDIN = '-';

/** As messages call what `-o` was given. */
export function outputName(path: string): string {
  return path === STDOUT ? 'stdout' : path;
}

/** As messages call a file that is read. */
export function inputName(path: string): string {
  return path === STDIN ? 'stdin' : path;
}

/** It can be read but once. */
let stdinIsRead = false;

/** @param path `-` is stdin. @throws CommandError that names the file. */
export function readInput(path: string): Uint8Array {
  if (path !== STDIN) return readFile(path);
  if (stdinIsRead) {
    throw new CommandError(
      '"-" is stdin, which only one input can be read from. Give files for the others.',
      EXIT.usage,
    );
  }
  stdinIsRead = true;
  return readFile(0);
}

/** What a command runs is a file. @throws CommandError that names it. */
export function checkFile(path: string): void {
  readFile(path);
}

function readFile(path: string | 0): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const name = path === 0 ? inputName(STDIN) : named(path);
    throw new CommandError(`${name} could not be read: ${reasonOf(error)}`);
  }
}

/** What is no text is said by its name, since a parser would tell its first bytes only. */
const BINARY: readonly (readonly [first: readonly number[], what: string])[] = [
  [[0, 0x61, 0x73, 0x6d], 'it is a WebAssembly module'],
  [[0x1f, 0x8b], 'it is compressed; unpack it with gunzip'],
];

export function readText(path: string): string {
  const bytes = readInput(path);
  const [, what] = BINARY.find(([first]) => first.every((byte, at) => bytes[at] === byte)) ?? [];
  if (what !== undefined) throw new CommandError(`${inputName(path)} is no text: ${what}.`);
  try {
    return new TextDecoder().decode(bytes);
  } catch {
    throw new CommandError(
      `${inputName(path)} could not be read: it has ${bytes.length.toLocaleString('en-US')} bytes, more than a text of JavaScript can have.`,
    );
  }
}

/**
 * A file that is there stays as it is where this fails.
 *
 * @param path what `-o` was given.
 */
export function writeOutput(path: string, contents: string | Uint8Array, { out }: Output): void {
  if (path === STDOUT) {
    out(contents);
    return;
  }
  try {
    const before = statOf(path);
    if (before?.isFile()) replaceFile(realpathSync(path), contents, before.mode);
    else if (before) writeFileSync(path, contents);
    else writeNew(path, contents);
  } catch (error) {
    throw new CommandError(`${named(path)} could not be written: ${reasonOf(error)}`);
  }
}

/** Written whole beside it first, where that can be. */
function replaceFile(path: string, contents: string | Uint8Array, mode: number): void {
  accessSync(path, constants.W_OK);
  const beside = `${path}.${process.pid}.part`;
  if (canWrite(dirname(path))) {
    writeNew(beside, contents);
    try {
      chmodSync(beside, mode);
      renameSync(beside, path);
      return;
    } catch {
      // As where the file is a mount point.
      rmSync(beside, { force: true });
    }
  }
  writeFileSync(path, contents);
}

/** Half a file is none. */
function writeNew(path: string, contents: string | Uint8Array): void {
  try {
    writeFileSync(path, contents);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** To be asked before long work: whether its outcome can be written. */
export function checkOutput(path: string): void {
  if (path === STDOUT) return;
  try {
    const before = statOf(path);
    if (before?.isDirectory()) throw new Error('it is a folder');
    accessSync(before ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw new CommandError(`${named(path)} could not be written: ${reasonOf(error)}`);
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
    if (error instanceof Refusal) {
      throw new CommandError(`${inputName(path)}: ${error.message}`);
    }
    throw error;
  }
}

/**
 * Also by a link, or written otherwise.
 *
 * @param inputs paths; undefined is an option that was not given.
 */
export function refuseSameFile(inputs: readonly (string | undefined)[], output: string): void {
  const other = output === STDOUT ? undefined : statOf(output);
  // What is written to a device is not lost to whom it is read from.
  if (!other?.isFile()) return;
  for (const input of inputs) {
    const one = input === undefined || input === STDIN ? undefined : statOf(input);
    if (one?.dev === other.dev && one.ino === other.ino) {
      throw new CommandError(
        `${output} is the input itself, which is not overwritten. Give another file to -o.`,
        EXIT.usage,
      );
    }
  }
}

/** Undefined where there is none, and where that can't be told: who reads or writes it says why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** As messages call it. */
function named(path: string): string {
  return path === '' ? '""' : path;
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
  return error.message.replace(/, \w+( '.*')?$/s, '');
}

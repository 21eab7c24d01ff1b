// Names of functions for a module that has none: from a symbol map, or from its twin that was not stripped.

import { WasmFormatError } from '../../instrument/errors.ts';
import { parseModule } from '../../instrument/module.ts';
import { parseSymbolMap, readFunctionNames } from '../../instrument/names.ts';
import { CommandError } from './exit-codes.ts';
import { inputName, onFile, readInput } from './files.ts';

type Names = ReadonlyMap<number, string>;

interface Symbols {
  readonly names: Names;
  /** How many functions the module has; null where a symbol map does not tell. */
  readonly functions: number | null;
}

/** @throws CommandError where the file is neither, or belongs to another module. */
export function readSymbols(path: string, wasm: Uint8Array): Names {
  const { length } = parseModule(wasm).functions;
  return readFor(path, ({ names, functions }) =>
    functions === null ? [...names.keys()].every((index) => index < length) : functions === length,
  );
}

/**
 * @param indices of the functions that names are wanted for.
 * @throws CommandError where the file is neither, or belongs to another module.
 */
export function readSymbolsOf(path: string, indices: readonly number[]): Names {
  return readFor(
    path,
    ({ names, functions }) =>
      indices.some((index) => names.has(index)) &&
      indices.every((index) => index < (functions ?? Number.POSITIVE_INFINITY)),
  );
}

function readFor(path: string, belongs: (symbols: Symbols) => boolean): Names {
  const symbols = read(path);
  if (belongs(symbols)) return symbols.names;
  throw new CommandError(
    `${inputName(path)} belongs to another build: its functions are not those of the module.`,
  );
}

function read(path: string): Symbols {
  const bytes = readInput(path);
  if (isWasm(bytes)) {
    const twin = onFile(path, WasmFormatError, () => parseModule(bytes));
    const names = readFunctionNames(twin);
    if (names.size === 0)
      throw new CommandError(`${inputName(path)} is a module without names of functions.`);
    return { names: names.all(), functions: twin.functions.length };
  }
  const names = parseSymbolMap(new TextDecoder().decode(bytes));
  if (names.size === 0) {
    throw new CommandError(
      `${inputName(path)} is neither a symbol map (lines index:name, as by --emit-symbol-map) nor a WebAssembly module.`,
    );
  }
  return { names, functions: null };
}

function isWasm(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

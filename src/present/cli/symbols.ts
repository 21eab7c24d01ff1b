// Names of functions for a module that has none: from a symbol map, or from its twin that was not stripped.

import { WasmFormatError } from '../../instrument/errors.ts';
import { parseModule, type WasmModule } from '../../instrument/module.ts';
import { parseSymbolMap, readFunctionNames } from '../../instrument/names.ts';
import { CommandError } from './exit-codes.ts';
import { readInput } from './files.ts';

/** @throws CommandError where the file is neither, or belongs to another module. */
export function readSymbols(path: string, wasm: Uint8Array): ReadonlyMap<number, string> {
  const bytes = readInput(path);
  const functions = parseModule(wasm).functions.length;
  const belongs = (fits: boolean) => {
    if (!fits) {
      throw new CommandError(
        `${path} belongs to another build: its functions are not those of the module.`,
      );
    }
  };
  if (isWasm(bytes)) {
    const twin = parseTwin(path, bytes);
    const names = readFunctionNames(twin);
    if (names.size === 0) throw new CommandError(`${path} is a module without names of functions.`);
    belongs(twin.functions.length === functions);
    return names;
  }
  const symbols = parseSymbolMap(new TextDecoder().decode(bytes));
  if (symbols.size === 0) {
    throw new CommandError(
      `${path} is neither a symbol map (lines index:name, as by --emit-symbol-map) nor a WebAssembly module.`,
    );
  }
  belongs([...symbols.keys()].every((index) => index < functions));
  return symbols;
}

function parseTwin(path: string, bytes: Uint8Array): WasmModule {
  try {
    return parseModule(bytes);
  } catch (error) {
    throw error instanceof WasmFormatError ? new CommandError(`${path}: ${error.message}`) : error;
  }
}

function isWasm(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

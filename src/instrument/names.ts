// Names of functions: read from the name section, written to it, or taken from Emscripten's symbol map. The
// name section is a custom one: where it is damaged the module runs all the same, so it is only warned of.

import { WasmFormatError } from './errors.ts';
import { customSection, type WasmModule } from './module.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter, name, u32 } from './writer.ts';

export const NAME_SECTION = 'name';
/** Subsection of the names of functions. */
const FUNCTION_NAMES = 1;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * None where there is no name section, or a damaged one, of which `warn` hears. Names of functions that the module
 * does not have are left out.
 */
export function readFunctionNames(
  module: WasmModule,
  warn: (message: string) => void = () => {},
): FunctionNames {
  const section = customSection(module, NAME_SECTION);
  if (!section) return NO_NAMES;
  try {
    const found = findFunctionNames(new ByteReader(module.bytes, section.contents, section.end));
    return found ? new FunctionNames(found.names, module.counts.function) : NO_NAMES;
  } catch (error) {
    if (!(error instanceof WasmFormatError)) throw error;
    warn(`The name section is damaged, so functions have no names. ${error.message}`);
    return NO_NAMES;
  }
}

/** Those that are given, by index, in the form of those that were read. */
export function namesGiven(symbols: ReadonlyMap<number, string>): FunctionNames {
  const sorted = [...symbols].sort(([a], [b]) => a - b);
  const list = writeNames(new ByteWriter().push(u32(sorted.length)), sorted);
  return new FunctionNames(new ByteReader(list.bytes), Number.POSITIVE_INFINITY);
}

function writeNames(
  list: ByteWriter,
  names: readonly (readonly [index: number, name: string])[],
): ByteWriter {
  for (const [index, text] of names) list.push(u32(index)).push(name(text));
  return list;
}

function among(wanted: readonly string[]): (name: string) => boolean {
  const whole = new Set(wanted);
  const beginnings = wanted.flatMap((text) => (text.endsWith('*') ? text.slice(0, -1) : []));
  return (name) => whole.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}

/** Names of functions as they lie in a module: of thousands only those are decoded that are asked for. */
export class FunctionNames {
  readonly #bytes: Uint8Array;
  /** Of each name its function, ascending, and where it begins and ends. */
  readonly #indices: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly size: number;

  constructor(reader: ByteReader, functions: number) {
    this.#bytes = reader.bytes;
    const count = reader.count('names');
    this.#indices = new Uint32Array(count);
    this.#starts = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
    let size = 0;
    let next = 0;
    for (let left = count; left > 0; left--) {
      const start = reader.offset;
      const index = reader.u32();
      if (index < next) reader.fail(`the name of function ${index} at the wrong place`, start);
      next = index + 1;
      const length = reader.u32();
      this.#indices[size] = index;
      this.#starts[size] = reader.offset;
      reader.skip(length);
      this.#ends[size] = reader.offset;
      if (index < functions) size++;
    }
    if (!reader.isAtEnd) reader.fail('bytes are left behind the function names');
    this.size = size;
  }

  get(index: number): string | undefined {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#indices[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low < this.size && this.#indices[low] === index ? this.#nameAt(low) : undefined;
  }

  /** Those that are among the wanted ones, or begin with one that ends in `*` behind three characters or more. */
  find(wanted: readonly string[]): [index: number, name: string][] {
    const isWanted = among(wanted);
    const found: [number, string][] = [];
    const bytes = this.#bytes;
    // Nearly all others are told apart by their first three bytes.
    const beginnings = new Uint8Array(HASHES);
    for (const text of wanted) beginnings[hashOfThree(encoder.encode(text), 0)] = 1;
    for (let place = 0; place < this.size; place++) {
      const start = this.#starts[place] as number;
      const isShort = (this.#ends[place] as number) < start + 3;
      if (!isShort && beginnings[hashOfThree(bytes, start)] === 0) continue;
      const name = this.#nameAt(place);
      if (isWanted(name)) found.push([this.#indices[place] as number, name]);
    }
    return found;
  }

  all(): ReadonlyMap<number, string> {
    const names = new Map<number, string>();
    for (let place = 0; place < this.size; place++) {
      names.set(this.#indices[place] as number, this.#nameAt(place));
    }
    return names;
  }

  #nameAt(place: number): string {
    return utf8.decode(this.#bytes.subarray(this.#starts[place], this.#ends[place]));
  }
}

const NO_NAMES = new FunctionNames(new ByteReader(Uint8Array.of(0)), 0);

const HASHES = 4096;

function hashOfThree(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  return (first * 961 + second * 31 + third) % HASHES;
}

/**
 * The contents of a name section (empty: of a new one) with names of further functions, whose indices are
 * ascending and greater than all that have a name; all else stays byte for byte. Null where the section is
 * damaged, or has names of such functions already.
 */
export function appendFunctionNames(
  contents: Uint8Array,
  additions: readonly (readonly [index: number, name: string])[],
): ByteWriter | null {
  const first = additions[0]?.[0];
  if (first === undefined) return new ByteWriter().push(contents);
  try {
    return append(contents, first, additions);
  } catch (error) {
    if (error instanceof WasmFormatError) return null;
    throw error;
  }
}

function append(
  contents: Uint8Array,
  first: number,
  additions: readonly (readonly [index: number, name: string])[],
): ByteWriter | null {
  const found = findFunctionNames(new ByteReader(contents));
  const subsection = new ByteWriter();
  if (found) {
    const { names } = found;
    const count = names.count('names');
    const start = names.offset;
    for (let left = count; left > 0; left--) {
      if (names.u32() >= first) return null;
      names.skip(names.u32());
    }
    if (!names.isAtEnd) return null;
    subsection.push(u32(count + additions.length)).push(contents.subarray(start, names.end));
  } else subsection.push(u32(additions.length));
  writeNames(subsection, additions);
  const start = found?.start ?? placeOfFunctionNames(contents);
  return new ByteWriter()
    .push(contents.subarray(0, start))
    .push([FUNCTION_NAMES, ...u32(subsection.length)])
    .append(subsection)
    .push(contents.subarray(found?.names.end ?? start));
}

/** Subsections stand in the order of their kinds, the module's own name first. */
function placeOfFunctionNames(contents: Uint8Array): number {
  const reader = new ByteReader(contents);
  let place = 0;
  while (!reader.isAtEnd && reader.u8() < FUNCTION_NAMES) {
    reader.skip(reader.u32());
    place = reader.offset;
  }
  return place;
}

/** Passes over all subsections, so that a damaged one anywhere is noticed. */
function findFunctionNames(reader: ByteReader): { start: number; names: ByteReader } | null {
  let found: { start: number; names: ByteReader } | null = null;
  while (!reader.isAtEnd) {
    const start = reader.offset;
    const kind = reader.u8();
    const names = reader.part(reader.u32());
    if (kind !== FUNCTION_NAMES) continue;
    if (found) reader.fail('function names for the second time', start);
    found = { start, names };
  }
  return found;
}

/** Symbols of another module are none: what loads beside the module that they are for has them, too. */
export function symbolsFor(
  functions: number,
  symbols: ReadonlyMap<number, string> = new Map(),
): ReadonlyMap<number, string> {
  for (const index of symbols.keys()) if (index >= functions) return new Map();
  return symbols;
}

/**
 * Reads what Emscripten's `--emit-symbol-map` writes: a line `index:name` for each function, in which special
 * characters are escaped, as `\28` for a bracket. Lines of another form are passed over, so that the map is
 * empty for a text that is no symbol map.
 */
export function parseSymbolMap(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const [, index, escaped] of text.matchAll(/^(\d+):(.+?)\r?$/gm)) {
    if (index !== undefined && escaped !== undefined)
      names.set(Number(index), withoutEscapes(escaped));
  }
  return names;
}

function withoutEscapes(escaped: string): string {
  return escaped.replace(/(?:\\[\da-fA-F]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split('\\'), (pair) => Number.parseInt(pair, 16))),
  );
}

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

/**
 * Names of functions by index; none where there is no name section, or a damaged one, of which `warn` hears.
 * Names of functions that the module does not have are left out.
 */
export function readFunctionNames(
  module: WasmModule,
  warn: (message: string) => void = () => {},
): ReadonlyMap<number, string> {
  const section = customSection(module, NAME_SECTION);
  if (!section) return new Map();
  try {
    const found = findFunctionNames(new ByteReader(module.bytes, section.contents, section.end));
    return found ? readNameMap(found.names, module.counts.function) : new Map();
  } catch (error) {
    if (!(error instanceof WasmFormatError)) throw error;
    warn(`The name section is damaged, so functions have no names. ${error.message}`);
    return new Map();
  }
}

/**
 * The contents of a name section (empty: of a new one) with names of further functions, whose indices are
 * ascending and greater than all that have a name; all else stays byte for byte. Null where the section is
 * damaged, or has names of such functions already.
 */
export function appendFunctionNames(
  contents: Uint8Array,
  additions: readonly (readonly [index: number, name: string])[],
): Uint8Array | null {
  const first = additions[0]?.[0];
  if (first === undefined) return contents;
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
): Uint8Array | null {
  const found = findFunctionNames(new ByteReader(contents));
  let count = 0;
  let existing = new Uint8Array();
  if (found) {
    const { names } = found;
    count = names.count('names');
    existing = contents.slice(names.offset, names.end);
    for (let left = count; left > 0; left--) {
      if (names.u32() >= first) return null;
      names.skip(names.u32());
    }
    if (!names.isAtEnd) return null;
  }
  const subsection = new ByteWriter(existing.length + 64 * additions.length);
  subsection.push(u32(count + additions.length)).push(existing);
  for (const [index, text] of additions) subsection.push(u32(index)).push(name(text));
  const start = found?.start ?? placeOfFunctionNames(contents);
  return new ByteWriter(contents.length + subsection.length)
    .push(contents.subarray(0, start))
    .push([FUNCTION_NAMES, ...u32(subsection.length)])
    .push(subsection.bytes)
    .push(contents.subarray(found?.names.end ?? start))
    .bytes.slice();
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

function readNameMap(reader: ByteReader, functions: number): Map<number, string> {
  const { bytes } = reader;
  // All names in one, decoded at one go and cut: a call of the decoder for each takes several times as long.
  const joined = new Uint8Array(reader.end - reader.offset);
  const indices: number[] = [];
  const ends: number[] = [];
  let end = 0;
  let highest = 0;
  for (let count = reader.count('names'); count > 0; count--) {
    const index = reader.u32();
    const length = reader.u32();
    let at = reader.offset;
    reader.skip(length);
    if (index >= functions) continue;
    for (; at < reader.offset; at++) {
      const byte = bytes[at] as number;
      joined[end++] = byte;
      highest |= byte;
    }
    indices.push(index);
    ends.push(end);
  }
  if (!reader.isAtEnd) reader.fail('bytes are left behind the function names');
  const text = highest < 0x80 ? utf8.decode(joined.subarray(0, end)) : null;
  const names = new Map<number, string>();
  let start = 0;
  for (let entry = 0; entry < ends.length; entry++) {
    const to = ends[entry] as number;
    const decoded = text?.slice(start, to) ?? utf8.decode(joined.subarray(start, to));
    names.set(indices[entry] as number, decoded);
    start = to;
  }
  return names;
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

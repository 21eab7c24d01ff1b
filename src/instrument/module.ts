// A WebAssembly module as far as the rewriter must understand it: where its sections and function bodies
// lie, the signatures of its functions, and its imports, exports, memories. Everything unknown is refused.

import { ADDED_EXPORTS } from './abi.ts';
import { hex, WasmFormatError } from './errors.ts';
import { ByteReader } from './reader.ts';
import { type FunctionType, readFlag, readTypes, readValueType, type TypeTable } from './types.ts';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections must stand, by id. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

export interface Section {
  readonly id: number;
  /** Of the id byte. */
  readonly start: number;
  /** Of the contents: of a custom section, behind its name. */
  readonly contents: number;
  readonly end: number;
  /** Of a custom section. */
  readonly name: string;
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag';
const EXTERNAL_KINDS: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag'];

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
}

/** Where a function's body lies, from its declarations of locals to its `end`. */
export interface Body {
  /** Of the body's size, which precedes it. */
  readonly entry: number;
  readonly start: number;
  readonly end: number;
}

/** All bodies, of which there are thousands, in one array of numbers. */
export class Bodies implements Iterable<Body> {
  readonly #places: Uint32Array;

  /** `entry`, `start` and `end` of each. */
  constructor(places: Uint32Array) {
    this.#places = places;
  }

  get length(): number {
    return this.#places.length / 3;
  }

  at(position: number): Body | null {
    const entry = this.#places[position * 3];
    const start = this.#places[position * 3 + 1];
    const end = this.#places[position * 3 + 2];
    if (entry === undefined || start === undefined || end === undefined) return null;
    return { entry, start, end };
  }

  *[Symbol.iterator](): Generator<Body> {
    for (let position = 0; ; position++) {
      const body = this.at(position);
      if (!body) return;
      yield body;
    }
  }
}

const NO_BODIES = new Bodies(new Uint32Array());

export interface Memory {
  readonly isShared: boolean;
  readonly is64: boolean;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: TypeTable;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** Index into `types` of every function, imported ones first. */
  readonly functions: Uint32Array;
  /** How many of each kind are imported. */
  readonly imported: Readonly<Record<ExternalKind, number>>;
  /** How many there are of each kind, imported ones among them. */
  readonly counts: Readonly<Record<ExternalKind, number>>;
  /** Memories, imported ones first. */
  readonly memories: readonly Memory[];
  /** Bodies of the functions that are not imported. */
  readonly bodies: Bodies;
  /** Index of the start function; null where there is none. */
  readonly start: number | null;
}

/** @throws WasmFormatError */
export function parseModule(bytes: Uint8Array): WasmModule {
  const reader = new ByteReader(bytes);
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 8 || header.getUint32(0) !== 0x0061736d) {
    reader.fail('this is no WebAssembly: a module begins with the bytes 00 61 73 6d');
  }
  const version = header.getUint32(4, true);
  if (version !== 1) {
    const component =
      version === 0x1000d ? ' (a component; instrument the core modules in it)' : '';
    reader.fail(`version ${version}${component}; only version 1 is known`, 4);
  }
  reader.skip(8);
  const sections = readSections(reader);
  const of = (id: number) => {
    const section = sections.find((candidate) => candidate.id === id);
    return section && new ByteReader(bytes, section.contents, section.end);
  };
  const types = inSection(of(SECTION.type), readTypes) ?? [];
  const imports = inSection(of(SECTION.import), (part) => readImports(part, types)) ?? [];
  const imported = countKinds(imports);
  const defined =
    inSection(of(SECTION.function), (part) =>
      part.numbers('functions', () => readFunctionType(part, types)),
    ) ?? new Uint32Array();
  const functions = new Uint32Array(imported.function + defined.length);
  functions.set(imports.flatMap(({ type }) => type ?? []));
  functions.set(defined, imported.function);
  const memories = [
    ...imports.flatMap(({ memory }) => memory ?? []),
    ...(inSection(of(SECTION.memory), (part) => part.list('memories', () => readLimits(part))) ??
      []),
  ];
  const counts = {
    function: functions.length,
    table: imported.table + (of(SECTION.table)?.count('tables') ?? 0),
    memory: memories.length,
    global: imported.global + (of(SECTION.global)?.count('globals') ?? 0),
    tag: imported.tag + (of(SECTION.tag)?.count('tags') ?? 0),
  };
  const exports = inSection(of(SECTION.export), (part) => readExports(part, counts)) ?? [];
  const code = of(SECTION.code);
  const bodies = inSection(code, readBodies) ?? NO_BODIES;
  if (bodies.length !== defined.length) {
    (code ?? reader).fail(`${bodies.length} function bodies for ${defined.length} functions`);
  }
  const start = inSection(of(SECTION.start), (part) => part.u32()) ?? null;
  return {
    bytes,
    sections,
    types,
    imports,
    exports,
    functions,
    imported,
    counts,
    memories,
    bodies,
    start,
  };
}

/**
 * The signature of a function, imported or not.
 *
 * @throws WasmFormatError for a function that there is not, as invalid code may call.
 */
export function typeOf(module: WasmModule, index: number): FunctionType {
  const type = module.types[module.functions[index] ?? -1];
  // parseModule() has looked at every function's type.
  if (!type) {
    const { start } = module.sections.find(({ id }) => id === SECTION.code) ?? { start: 0 };
    throw new WasmFormatError(start, `its code calls function ${index}, which is not there`);
  }
  return type;
}

/** The body of a function; null for an imported one. */
export function bodyOf(module: WasmModule, index: number): Body | null {
  return module.bodies.at(index - module.imported.function);
}

export function isInstrumented(module: WasmModule): boolean {
  return module.exports.some(({ name }) => name === ADDED_EXPORTS.hooks);
}

export function customSection(module: WasmModule, name: string): Section | null {
  return module.sections.find((section) => section.id === 0 && section.name === name) ?? null;
}

function inSection<T>(
  reader: ByteReader | undefined,
  read: (reader: ByteReader) => T,
): T | undefined {
  if (!reader) return undefined;
  const value = read(reader);
  if (!reader.isAtEnd) reader.fail('bytes are left at the end of the section');
  return value;
}

function readSections(reader: ByteReader): Section[] {
  const sections: Section[] = [];
  let last = -1;
  while (!reader.isAtEnd) {
    const start = reader.offset;
    const id = reader.u8();
    const part = reader.part(reader.u32());
    const place = SECTION_ORDER.indexOf(id);
    if (id !== SECTION.custom) {
      if (place < 0) reader.fail(`a section of the unknown kind ${id}`, start);
      if (place <= last) reader.fail(`a section of kind ${id} at the wrong place, or twice`, start);
      last = place;
    }
    const name = id === SECTION.custom ? part.name() : '';
    sections.push({ id, start, contents: part.offset, end: part.end, name });
  }
  return sections;
}

interface ReadImport extends Import {
  readonly type?: number;
  readonly memory?: Memory;
}

function readImports(reader: ByteReader, types: TypeTable): ReadImport[] {
  return reader.list('imports', () => {
    const module = reader.name();
    const entry = { module, name: reader.name(), kind: readExternalKind(reader, 'import') };
    const { kind } = entry;
    if (kind === 'function') return { ...entry, type: readFunctionType(reader, types) };
    if (kind === 'memory') return { ...entry, memory: readLimits(reader) };
    if (kind === 'tag') {
      readFlag(reader, 'kind of tag', 0);
      readFunctionType(reader, types);
    } else {
      readValueType(reader);
      if (kind === 'table') readLimits(reader);
      else readFlag(reader, 'mutability', 1);
    }
    return entry;
  });
}

function readExternalKind(reader: ByteReader, what: string): ExternalKind {
  const byte = reader.u8();
  return (
    EXTERNAL_KINDS[byte] ??
    reader.fail(`an ${what} of the unknown kind ${hex(byte)}`, reader.offset - 1)
  );
}

function readFunctionType(reader: ByteReader, types: TypeTable): number {
  const start = reader.offset;
  const type = reader.u32();
  if (!types[type]) reader.fail(`type ${type} is no function type`, start);
  return type;
}

/** Bits of the flags of limits. */
const HAS_MAXIMUM = 1;
const IS_SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

function readLimits(reader: ByteReader): Memory {
  const flags = readFlag(reader, 'kind of limits', 15);
  const bits = flags & IS_64 ? 64 : 32;
  reader.integer(bits);
  if (flags & HAS_MAXIMUM) reader.integer(bits);
  if (flags & HAS_PAGE_SIZE) reader.u32();
  return { isShared: (flags & IS_SHARED) !== 0, is64: bits === 64 };
}

function readExports(reader: ByteReader, counts: WasmModule['counts']): Export[] {
  return reader.list('exports', () => {
    const name = reader.name();
    const kind = readExternalKind(reader, 'export');
    const start = reader.offset;
    const index = reader.u32();
    if (index >= counts[kind]) reader.fail(`there is no ${kind} ${index} to export`, start);
    return { name, kind, index };
  });
}

function readBodies(reader: ByteReader): Bodies {
  const places = new Uint32Array(3 * reader.count('function bodies'));
  for (let at = 0; at < places.length; at += 3) {
    places[at] = reader.offset;
    const length = reader.u32();
    places[at + 1] = reader.offset;
    reader.skip(length);
    places[at + 2] = reader.offset;
  }
  return new Bodies(places);
}

function countKinds(imports: readonly Import[]): Record<ExternalKind, number> {
  const counts = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };
  for (const { kind } of imports) counts[kind] += 1;
  return counts;
}

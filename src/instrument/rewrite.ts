// Rewrites a module so that functions can be watched. Append-only: nothing is put before an existing index,
// so no code but that of the watched functions is touched, and, with contexts, of those that carry them. A watched
// function's body moves to the end, and a wrapper takes its place.

import { ADDED_EXPORTS, HOOK_COUNT } from './abi.ts';
import { type CarrierBody, type Carriers, carrierBodies } from './carriers.ts';
import {
  bodyOf,
  customSection,
  SECTION,
  SECTION_ORDER,
  type Section,
  typeOf,
  type WasmModule,
} from './module.ts';
import { appendFunctionNames, type FunctionNames, NAME_SECTION } from './names.ts';
import { addSpan, type OffsetMap, type OffsetSpan } from './offset-map.ts';
import { ByteReader } from './reader.ts';
import { bytesOfType, type FunctionType, I32, I64, signature } from './types.ts';
import { type Watch, WrapperWriter } from './wrappers.ts';
import { ByteWriter, name, u32 } from './writer.ts';

export interface Rewritten {
  readonly bytes: Uint8Array;
  readonly offsetMap: OffsetMap;
  /** Of each function that was added, in order, the index of the function that it belongs to. */
  readonly moved: readonly number[];
}

export interface RewriteOptions {
  /** By function index. None of them is imported. */
  readonly watches: ReadonlyMap<number, Watch>;
  /** Functions that carry the calling context and are not watched. */
  readonly carriers: Carriers;
  readonly names: FunctionNames;
  /**
   * Whether a wrapper is made as long as the body that it replaces, so that all other code stays where it
   * is but for one constant, and debug information with it.
   */
  readonly keepsOffsets: boolean;
  readonly mayCatch: boolean;
}

const NOP = 0x01;
const FUNCREF = 0x70;

interface Replacement {
  readonly type: FunctionType;
  readonly typeNumber: number;
  readonly start: number;
  readonly end: number;
  /** The index of the moved body, and of the wrapper where its slot is too small for it. */
  readonly body: number;
  readonly watch: Watch;
}

export function rewrite(module: WasmModule, options: RewriteOptions): Rewritten {
  const functions = module.functions.length;
  const replacements = new Map<number, Replacement>();
  for (const [index, watch] of [...options.watches].sort(([a], [b]) => a - b)) {
    const body = bodyOf(module, index);
    if (!body) throw new RangeError(`function ${index} has no body to watch`);
    const typeNumber = module.functions[index] ?? 0;
    const place = functions + replacements.size;
    const type = typeOf(module, index);
    replacements.set(index, { type, typeNumber, ...body, body: place, watch });
  }
  const types = new AddedTypes(module);
  const context = module.counts.global + 1;
  const typeIndex = (type: FunctionType) => types.indexOf(type);
  const carriers = carrierBodies(module, options.carriers, context, typeIndex);
  const writer = new WrapperWriter({
    pointer: module.memories[0]?.is64 ? I64 : I32,
    hasMemory: module.memories.length > 0,
    table: module.counts.table,
    enabled: module.counts.global,
    context,
    mayCatch: options.mayCatch,
    typeIndex,
  });
  const { slots, added } = makeBodies(replacements, functions, writer, options.keepsOffsets);
  const hasAdded = [...added.keys()];
  const moved = [...[...replacements.keys()], ...hasAdded];
  const typeNumbers = moved.map((index) => replacements.get(index)?.typeNumber ?? 0);

  const output = new ByteWriter().push(module.bytes.subarray(0, 8));
  const spans: OffsetSpan[] = [];
  const additions: Readonly<Record<number, () => ByteWriter>> = {
    [SECTION.type]: () => appended(module, SECTION.type, types.entries, types.bytes()),
    [SECTION.function]: () =>
      appended(module, SECTION.function, typeNumbers.length, typeNumbers.flatMap(u32)),
    [SECTION.table]: () =>
      appended(module, SECTION.table, 1, [FUNCREF, 1, ...u32(HOOK_COUNT), ...u32(HOOK_COUNT)]),
    [SECTION.global]: () =>
      appended(module, SECTION.global, 2, [0x7f, 1, 0x41, 0, 0x0b, 0x7f, 1, 0x41, 0, 0x0b]),
    [SECTION.export]: () => {
      const exports = addedExports(module);
      return appended(module, SECTION.export, exports.length, exports.flat());
    },
  };
  for (const step of steps(module, Object.keys(additions).map(Number))) {
    const { id, section } = step;
    const make = additions[id];
    if (id === SECTION.code && section) {
      writeCode(output, module, section, { replacements, slots, carriers, added, spans });
    } else if (make) {
      const contents = make();
      output.push([id, ...u32(contents.length)]).append(contents);
    } else if (section && section === nameSection(module)) {
      writeNames(output, module, section, { functions, moved, replacements, names: options.names });
    } else if (section) output.push(module.bytes.subarray(section.start, section.end));
  }
  return { bytes: output.bytes, offsetMap: spans, moved };
}

/** All sections in order, with those that must be made although they are not there yet. */
function* steps(
  module: WasmModule,
  needed: readonly number[],
): Generator<{ id: number; section: Section | null }> {
  const missing = needed
    .filter((id) => !module.sections.some((section) => section.id === id))
    .sort((a, b) => SECTION_ORDER.indexOf(a) - SECTION_ORDER.indexOf(b));
  for (const section of module.sections) {
    if (section.id !== SECTION.custom) {
      const place = SECTION_ORDER.indexOf(section.id);
      while (missing[0] !== undefined && SECTION_ORDER.indexOf(missing[0]) < place) {
        yield { id: missing.shift() ?? 0, section: null };
      }
    }
    yield { id: section.id, section };
  }
  for (const id of missing) yield { id, section: null };
}

/** What stands in the slots of the watched functions, and the wrappers that did not fit there. */
function makeBodies(
  replacements: ReadonlyMap<number, Replacement>,
  functions: number,
  writer: WrapperWriter,
  keepsOffsets: boolean,
): { slots: Map<number, number[]>; added: Map<number, number[]> } {
  const slots = new Map<number, number[]>();
  const added = new Map<number, number[]>();
  for (const [index, { type, start, end, body, watch }] of replacements) {
    const wrapper = writer.body(index, body, type, watch);
    const length = end - start;
    if (!keepsOffsets) slots.set(index, wrapper);
    else if (wrapper.length <= length) slots.set(index, padded(wrapper, length));
    else {
      const target = functions + replacements.size + added.size;
      const trampoline = writer.trampoline(target, type);
      if (trampoline.length > length) slots.set(index, wrapper);
      else {
        slots.set(index, padded(trampoline, length));
        added.set(index, wrapper);
      }
    }
  }
  return { slots, added };
}

/** Fills a body up before its last `end`. */
function padded(body: readonly number[], length: number): number[] {
  return [...body.slice(0, -1), ...new Array<number>(length - body.length).fill(NOP), 0x0b];
}

/** A section's contents with entries added at its end. */
function appended(
  module: WasmModule,
  id: number,
  entries: number,
  bytes: readonly number[],
): ByteWriter {
  const section = module.sections.find((candidate) => candidate.id === id);
  if (!section) return new ByteWriter().push(u32(entries)).push(bytes);
  const reader = new ByteReader(module.bytes, section.contents, section.end);
  const count = reader.u32();
  return new ByteWriter()
    .push(atLeast(u32(count + entries), reader.offset - section.contents))
    .push(module.bytes.subarray(reader.offset, section.end))
    .push(bytes);
}

/** The same number in more bytes, so that what follows stays where it is. */
function atLeast(leb: readonly number[], width: number): number[] {
  if (leb.length >= width) return [...leb];
  const last = leb.length - 1;
  return [
    ...leb.map((byte, at) => (at === last ? byte | 0x80 : byte)),
    ...new Array<number>(width - leb.length - 1).fill(0x80),
    0,
  ];
}

function addedExports(module: WasmModule): number[][] {
  const { table, global, memory } = module.counts;
  return [
    [...name(ADDED_EXPORTS.hooks), 1, ...u32(table)],
    [...name(ADDED_EXPORTS.enabled), 3, ...u32(global)],
    [...name(ADDED_EXPORTS.context), 3, ...u32(global + 1)],
    ...(memory > 0 ? [[...name(ADDED_EXPORTS.memory), 2, 0]] : []),
  ];
}

interface CodeParts {
  readonly replacements: ReadonlyMap<number, Replacement>;
  readonly slots: ReadonlyMap<number, readonly number[]>;
  readonly carriers: ReadonlyMap<number, CarrierBody>;
  readonly added: ReadonlyMap<number, readonly number[]>;
  /** Filled here. */
  readonly spans: OffsetSpan[];
}

/** The section's size is known before it is written, so that its bytes are copied once. */
function writeCode(
  output: ByteWriter,
  module: WasmModule,
  section: Section,
  { replacements, slots, carriers, added, spans }: CodeParts,
): void {
  const { bytes } = module;
  const reader = new ByteReader(bytes, section.contents, section.end);
  const count = reader.u32();
  const countBytes = atLeast(
    u32(count + replacements.size + added.size),
    reader.offset - section.contents,
  );
  let size = countBytes.length + section.end - reader.offset;
  const slotEntries = new Map<number, number[]>();
  for (const [index, slot] of slots) {
    const body = bodyOf(module, index);
    if (!body) continue;
    const { entry, start, end } = body;
    const head = atLeast(u32(slot.length), slot.length === end - start ? start - entry : 0);
    slotEntries.set(index, head);
    size += head.length + slot.length - (end - entry);
    size += u32(end - start).length + (end - start);
  }
  for (const [index, { length }] of carriers) {
    const body = bodyOf(module, index);
    if (body) size += u32(length).length + length - (body.end - body.entry);
  }
  for (const wrapper of added.values()) size += u32(wrapper.length).length + wrapper.length;

  output.push([SECTION.code, ...u32(size)]).push(countBytes);
  let from = reader.offset;
  const copy = (to: number) => {
    addSpan(spans, { original: from, rewritten: output.length, length: to - from });
    output.push(bytes.subarray(from, to));
  };
  for (const index of [...slots.keys(), ...carriers.keys()].sort((a, b) => a - b)) {
    const body = bodyOf(module, index);
    if (!body) continue;
    copy(body.entry);
    const carrier = carriers.get(index);
    if (carrier) {
      output.push(u32(carrier.length));
      for (const { before, start, end } of carrier.pieces) {
        output.push(before);
        from = start;
        copy(end);
      }
      output.push(carrier.after);
    } else output.push(slotEntries.get(index) ?? []).push(slots.get(index) ?? []);
    from = body.end;
  }
  copy(section.end);
  for (const { start, end } of replacements.values()) {
    output.push(u32(end - start));
    addSpan(spans, { original: start, rewritten: output.length, length: end - start });
    output.push(bytes.subarray(start, end));
  }
  for (const wrapper of added.values()) output.push(u32(wrapper.length)).push(wrapper);
  spans.sort((a, b) => a.original - b.original);
}

function nameSection(module: WasmModule): Section | null {
  return customSection(module, NAME_SECTION);
}

function writeNames(
  output: ByteWriter,
  module: WasmModule,
  section: Section,
  parts: {
    readonly functions: number;
    readonly moved: readonly number[];
    readonly replacements: ReadonlyMap<number, Replacement>;
    readonly names: FunctionNames;
  },
): void {
  const additions = parts.moved.flatMap((index, at): [number, string][] => {
    const isWrapper = at >= parts.replacements.size;
    const name = parts.names.get(index) ?? index;
    return [[parts.functions + at, `memprof:${isWrapper ? 'wrapper' : 'original'} ${name}`]];
  });
  const before = module.bytes.subarray(section.contents, section.end);
  // A damaged section stays as it is.
  const contents = appendFunctionNames(before, additions) ?? new ByteWriter().push(before);
  const title = name(section.name);
  output.push([SECTION.custom, ...u32(title.length + contents.length), ...title]).append(contents);
}

/** Function types that the hooks need, appended to the module's own. */
class AddedTypes {
  readonly #first: number;
  readonly #types: FunctionType[] = [];
  readonly #indices = new Map<string, number>();

  constructor(module: WasmModule) {
    this.#first = module.types.length;
  }

  get entries(): number {
    return this.#types.length;
  }

  indexOf(type: FunctionType): number {
    const key = signature(type);
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.#first + this.#types.push(type) - 1;
    this.#indices.set(key, index);
    return index;
  }

  bytes(): number[] {
    const list = (types: FunctionType['parameters']) => [
      ...u32(types.length),
      ...types.flatMap(bytesOfType),
    ];
    return this.#types.flatMap(({ parameters, results }) => [
      0x60,
      ...list(parameters),
      ...list(results),
    ]);
  }
}

// What the words of GEGL's and GLib's objects mean: which pointers have a name, which belong to registers that keep
// nothing alive, and what holds no pointers at all. Layouts are those of GEGL 0.4 and GLib 2 on wasm32, as their
// headers give them; each is checked as it is read, and what does not fit stays unnamed.

import type { BlockTable } from '../record/heap/contents.ts';
import type { HeapNotes } from '../record/heap/image/notes.ts';
import type { HeapMemory } from '../record/heap/memory.ts';
import type { Instance } from '../record/heap/probe-binding.ts';
import { isTile, TILE } from './tiles.ts';

/** Offsets of pointers by the type of their holder. */
const POINTERS: readonly (readonly [type: RegExp, pointers: Readonly<Record<number, string>>])[] = [
  [/^(?!G(egl)?Param)/, { 8: 'qdata' }],
  [/^Gegl(Buffer|Cache|TileStorage|TileHandler.*)$/, { 32: 'source', 36: 'private' }],
  [/^Gegl(Buffer|Cache)$/, { 92: 'tile storage', 112: 'path', 144: 'backend' }],
  [/^GeglTileStorage$/, { 40: 'handlers', 44: 'cache', 88: 'hot tile' }],
  [/^GeglTileHandlerCache$/, { 56: 'items', 60: 'first item', 64: 'last item' }],
  [/^GeglTileBackend/, { 32: 'private' }],
  [/^GeglTileBackendRam$/, { 36: 'tiles' }],
  [
    /^GeglNode$/,
    {
      12: 'operation',
      36: 'pads',
      40: 'input pads',
      44: 'output pads',
      52: 'cache',
      56: 'output visitable',
      88: 'private',
    },
  ],
  [/^GeglPad$/, { 12: 'param spec', 20: 'connections', 28: 'name' }],
  [/^GeglEvalManager$/, { 16: 'pad name', 20: 'traversal' }],
  [/^GeglProcessor$/, { 12: 'node', 16: 'real node', 52: 'input', 60: 'context' }],
  [/^GeglColor$/, { 12: 'private' }],
];

/** `struct _GeglNode`, and `struct _GeglNodePrivate`, to which it points. */
export const NODE = { operation: 12, isGraph: 48, private: 88 };
export const NODE_PARENT = 12;
/** The name of the pointer to it. */
export const NODE_PRIVATE = 'private';
const NODE_PRIVATE_POINTERS: Readonly<Record<number, string>> = {
  0: 'sources',
  4: 'sinks',
  8: 'children',
  16: 'name',
  20: 'debug name',
  24: 'eval manager',
};
/** Pointers from a part back to its owner, which a part does not keep alive. */
const OWNERS: readonly (readonly [type: RegExp, offset: number, name: string])[] = [
  [/^GeglPad$/, 16, 'node'],
  [/^GeglEvalManager$/, 12, 'node'],
  [/^GeglNodeOutputVisitable$/, 12, 'node'],
  [/^GeglTileHandlerCache$/, 40, 'tile storage'],
];
/** Of an operation: the node that it works for, which also owns it. */
const OPERATION_NODE = 12;
/** Of GeglTileHandlerCache: its GList in the queue of all caches. */
const CACHE_LINK = { at: 44, next: 48, previous: 52 };

/** Of GBinding: weak references to itself, its source, its target. */
const BINDING_CONTEXT = 12;

/** `struct _Handler` of gsignal.c. */
const HANDLER = { bytes: 36, next: 4, previous: 8, closure: 28, instance: 32 };
/** Offsets, and in the first word the places of how many guards and finalizers a closure has. */
const CLOSURE = { data: 8, notifiers: 12, guards: 16, finalizers: 17 };

/** `struct _GHashTable` of ghash.c, with and without the version that assertions use. */
const HASH_TABLE = { bytes: [56, 60], mask: 8, keys: 24, hashes: 28, values: 32 };
const LEAST_TABLE = 8;
/** Lower ones say that a slot is not in use. */
const FIRST_HASH = 2;

/** What GEGL makes once, by its size; of random numbers many look like pointers. */
const ONLY_ONES: Readonly<Record<number, { readonly label: string; readonly isOpaque: boolean }>> =
  {
    [15101 * 3 * 4 + 16]: { label: 'random numbers', isOpaque: true },
    [128 * 128 * 4 * 8 + 16]: { label: 'empty tile data', isOpaque: false },
  };

/** Where babl's own allocator puts its mark. */
const BABL_MARK = 'babl-memory';

/** `struct _GeglTileBlock`: the first words of a block in which tiles lie; the rest is pixels. */
const POOL_HEADER = 48;
const POOL_SIZE = 4;
const POOL_HEAD = 8;
const LEAST_POOL = 4096;
/** `gegl_malloc` hands out addresses of this, and asks for as much more. */
const GEGL_ALIGNMENT = 16;
/** What may stand before pixels in a block of their own. */
const BEFORE_PIXELS = 48;
/** What is looked at between two yields: blocks, and bytes of static data. */
const STEP = 5_000;
const PART = 256 * 1024;

/** @param types GTypes that were registered. */
export function* describeHeap(
  memory: HeapMemory,
  blocks: BlockTable,
  instances: readonly Instance[],
  notes: HeapNotes,
  types: Iterable<number> = [],
): Generator<void, void> {
  if (memory.pointerBits !== 32) return;
  const layouts = new Layouts(memory, blocks, notes);
  for (const [at, instance] of instances.entries()) {
    layouts.instance(instance);
    if (at % 1000 === 999) yield;
  }
  for (const type of types) layouts.type(type);
  for (let place = 0; place < blocks.addresses.length; place++) {
    layouts.block(place);
    if (place % STEP === STEP - 1) yield;
  }
  yield* layouts.registers();
}

class Layouts {
  readonly #memory: HeapMemory;
  readonly #blocks: BlockTable;
  readonly #notes: HeapNotes;
  readonly #types = new Map<number, string>();
  readonly #storages = new Set<number>();
  readonly #cacheLinks = new Set<number>();
  readonly #tables: number[] = [];
  /** Handlers by address: the instance whose signal they are for. */
  readonly #handlers = new Map<number, number>();
  #bablMark: number | null = null;

  constructor(memory: HeapMemory, blocks: BlockTable, notes: HeapNotes) {
    this.#memory = memory;
    this.#blocks = blocks;
    this.#notes = notes;
  }

  instance({ address, type }: Instance): void {
    const place = this.#blocks.find(address);
    if (place < 0) return;
    this.#types.set(address, type);
    this.#notes.label(place, type);
    for (const [types, pointers] of POINTERS) {
      if (types.test(type)) this.#nameAll(address, pointers);
    }
    if (type === 'GeglTileStorage') this.#storages.add(address);
    for (const [types, offset, name] of OWNERS) {
      if (types.test(type)) this.#notes.weak(address + offset, name);
    }
    if (type === 'GeglNode') {
      const details = this.#word(address + NODE.private);
      this.#nameAll(details, NODE_PRIVATE_POINTERS);
      if (details !== 0) this.#notes.weak(details + NODE_PARENT, 'parent');
    }
    if (type === 'GBinding') this.#binding(this.#word(address + BINDING_CONTEXT));
    if (type === 'GeglTileHandlerCache') {
      this.#cacheLinks.add(address + CACHE_LINK.at);
      this.#notes.weak(address + CACHE_LINK.next, 'next cache');
      this.#notes.weak(address + CACHE_LINK.previous, 'previous cache');
    }
  }

  /** A binding of properties ends with one of the objects; it holds neither. */
  #binding(context: number): void {
    this.#notes.label(this.#blocks.find(context), 'GBinding context');
    this.#notes.name(context, 'binding');
    this.#notes.weak(context + 4, 'source');
    this.#notes.weak(context + 8, 'target');
  }

  /** A GType of GObject's own or of somebody's is the address of what GLib knows of it, its class included. */
  type(address: number): void {
    this.#notes.label(this.#blocks.find(address), 'GType');
  }

  /** What a block tells by its shape. */
  block(place: number): void {
    const address = this.#blocks.addresses[place] ?? 0;
    const size = this.#blocks.sizes[place] ?? 0;
    if (size === HANDLER.bytes) this.#handler(place, address);
    if (HASH_TABLE.bytes.includes(size)) this.#hashTable(place, address);
    const known = ONLY_ONES[size];
    if (known) {
      this.#notes.label(place, known.label);
      if (known.isOpaque) this.#notes.opaque(place);
    }
    const tile = isTile(this.#memory, address, size, this.#storages);
    if (tile) this.#tile(place, address, tile.data);
    if (size >= 16) this.#babl(place, address);
    if (size >= LEAST_POOL) this.#pool(place, address, size);
  }

  *registers(): Generator<void> {
    for (const table of this.#tables) this.#signals(table);
    yield;
    const end = Math.min(this.#blocks.addresses[0] ?? 0, this.#memory.bytes);
    const first = end - (end % 4);
    for (let from = 0; from < first; from += PART) {
      const words = this.#memory.words(from, Math.min(first, from + PART));
      for (let at = 0; at < words.length; at++) {
        const word = words[at] ?? 0;
        if (word !== 0 && this.#cacheLinks.has(word)) {
          this.#notes.weak(from + 4 * at, 'tile caches');
        }
      }
      yield;
    }
    for (const address of this.#types.keys()) {
      const node = this.#word(address + OPERATION_NODE);
      const isOperation = this.#types.get(node) === 'GeglNode' && this.#word(node + 12) === address;
      if (isOperation) this.#notes.weak(address + OPERATION_NODE, 'node');
    }
  }

  #tile(place: number, address: number, data: number): void {
    this.#notes.label(place, 'GeglTile');
    this.#notes.name(address + TILE.data, 'data');
    // The storage owns its tiles, not they it.
    this.#notes.weak(address + TILE.storage, 'tile storage');
    const pixels = this.#blocks.find(data);
    if (pixels < 0) return;
    const isAlone = data - (this.#blocks.addresses[pixels] ?? 0) <= BEFORE_PIXELS;
    this.#notes.label(pixels, isAlone ? 'tile data' : 'tile data pool');
    this.#notes.opaque(pixels, isAlone ? 0 : POOL_HEADER);
  }

  /** Tiles that are free now leave their pixels in a pool. */
  #pool(place: number, address: number, size: number): void {
    const pool = address + GEGL_ALIGNMENT - (address % GEGL_ALIGNMENT);
    const isPool =
      this.#word(pool + POOL_SIZE) === size - GEGL_ALIGNMENT &&
      this.#word(pool + POOL_HEAD) - pool < size;
    if (!isPool) return;
    this.#notes.label(place, 'tile data pool');
    this.#notes.opaque(place, POOL_HEADER);
  }

  #handler(place: number, address: number): void {
    const instance = this.#word(address + HANDLER.instance);
    const closure = this.#word(address + HANDLER.closure);
    const closureBlock = this.#blocks.find(closure);
    if (!this.#types.has(instance) || closureBlock < 0) return;
    const { next, previous } = HANDLER;
    if (![next, previous].every((at) => this.#isNullOrBlock(this.#word(address + at)))) return;
    this.#handlers.set(address, instance);
    this.#notes.label(place, 'signal handler');
    this.#notes.name(address + next, 'next handler');
    this.#notes.name(address + previous, 'previous handler');
    this.#notes.name(address + HANDLER.closure, 'closure');
    this.#notes.weak(address + HANDLER.instance, 'instance');
    this.#notes.label(closureBlock, 'GClosure');
    this.#notes.name(closure + CLOSURE.notifiers, 'notifiers');
    // Who connects a signal keeps its data; a closure owns them only where it is to free them.
    const finalizers = (this.#word(closure) >>> CLOSURE.finalizers) & 3;
    if (finalizers > 0) this.#notes.name(closure + CLOSURE.data, 'data');
    else this.#notes.weak(closure + CLOSURE.data, 'data');
    const guards = 2 * ((this.#word(closure) >>> CLOSURE.guards) & 1);
    const notifiers = this.#word(closure + CLOSURE.notifiers);
    this.#notifiers(notifiers, (at) => at >= guards && at < guards + finalizers);
  }

  /** Pairs of data and a function, which only finalizers own: guards and those who are told of its end do not. */
  #notifiers(address: number, isOwned: (at: number) => boolean): void {
    const place = this.#blocks.find(address);
    if (this.#blocks.addresses[place] !== address) return;
    this.#notes.label(place, 'GClosure notifiers');
    const count = (this.#blocks.sizes[place] ?? 0) >> 3;
    for (let at = 0; at < count; at++) {
      if (!isOwned(at)) this.#notes.weak(address + at * 8, 'data');
    }
  }

  #hashTable(place: number, address: number): void {
    const slots = this.#word(address);
    const isPower = slots >= LEAST_TABLE && (slots & (slots - 1)) === 0;
    if (!isPower || this.#word(address + HASH_TABLE.mask) !== slots - 1) return;
    const arrays = [HASH_TABLE.keys, HASH_TABLE.hashes, HASH_TABLE.values].map((at) =>
      this.#blocks.find(this.#word(address + at)),
    );
    if (arrays.some((array) => (this.#blocks.sizes[array] ?? 0) < slots * 4)) return;
    const [keys = -1, hashes = -1, values = -1] = arrays;
    this.#tables.push(address);
    this.#notes.label(place, 'GHashTable');
    this.#notes.name(address + HASH_TABLE.keys, 'keys');
    this.#notes.name(address + HASH_TABLE.hashes, 'hashes');
    this.#notes.name(address + HASH_TABLE.values, 'values');
    this.#notes.label(keys, keys === values ? 'GHashTable entries' : 'GHashTable keys');
    this.#notes.label(hashes, 'GHashTable hashes');
    this.#notes.label(values, 'GHashTable values');
    // The hash of a pointer is that pointer.
    this.#notes.opaque(hashes);
    for (let slot = 0; slot < slots; slot++) {
      if (this.#word(this.#word(address + HASH_TABLE.hashes) + slot * 4) >= FIRST_HASH) continue;
      for (const array of [HASH_TABLE.keys, HASH_TABLE.values]) {
        const at = this.#word(address + array) + slot * 4;
        // What stood there before, or was in that memory.
        if (this.#blocks.find(this.#word(at)) >= 0) this.#notes.weak(at, 'unused');
      }
    }
  }

  /** Where a table is that of all signal handlers by instance, it keeps no instance alive. */
  #signals(table: number): void {
    const slots = this.#word(table);
    const keys = this.#word(table + HASH_TABLE.keys);
    const values = this.#word(table + HASH_TABLE.values);
    if (keys === values) return;
    const listsAt = (slot: number) => this.#blocks.find(this.#word(values + slot * 4));
    const instances: [slot: number, instance: number][] = [];
    for (let slot = 0; slot < slots; slot++) {
      const instance = this.#word(keys + slot * 4);
      if (this.#types.has(instance)) instances.push([slot, instance]);
    }
    if (!instances.some(([slot, instance]) => this.#holdsHandlerOf(instance, listsAt(slot))))
      return;
    // Those whose handlers are gone stay in it, too.
    for (const [slot] of instances) {
      this.#notes.weak(keys + slot * 4, 'instance with signal handlers');
      this.#notes.name(values + slot * 4, 'signal handlers');
      this.#notes.label(listsAt(slot), 'signal handler lists');
    }
  }

  #holdsHandlerOf(instance: number, place: number): boolean {
    const start = this.#blocks.addresses[place] ?? 0;
    const end = start + (this.#blocks.sizes[place] ?? 0);
    for (let at = start; at + 4 <= end; at += 4) {
      if (this.#handlers.get(this.#word(at)) === instance) return true;
    }
    return false;
  }

  #babl(place: number, address: number): void {
    const mark = this.#word(address);
    if (mark === 0) return;
    if (mark !== this.#bablMark) {
      const isStatic = mark < (this.#blocks.addresses[0] ?? 0);
      if (this.#bablMark !== null || !isStatic || this.#memory.text(mark) !== BABL_MARK) return;
      this.#bablMark = mark;
    }
    this.#notes.label(place, 'babl memory');
  }

  #nameAll(address: number, pointers: Readonly<Record<number, string>>): void {
    for (const [offset, name] of Object.entries(pointers)) {
      const at = address + Number(offset);
      // The lowest bits of qdata are flags.
      if (this.#blocks.find(this.#word(at) & ~7) >= 0) this.#notes.name(at, name);
    }
  }

  #isNullOrBlock(address: number): boolean {
    return address === 0 || this.#blocks.find(address) >= 0;
  }

  #word(address: number): number {
    return this.#memory.word(address) ?? 0;
  }
}

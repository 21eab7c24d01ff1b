// Takes the image of a heap: between tasks, in slices, and anew where the module ran between two of them.

import type { HeapImage, ImageSite } from '../../../analyze/heap-graph/types.ts';
import { frameText } from '../../../recording/frame-text.ts';
import type { SiteFrame } from '../../../recording/site-tables.ts';
import { nextTask, runAtOnce, runInTasks } from '../../../slices.ts';
import type { BlockTable } from '../contents.ts';
import { HeapMemory } from '../memory.ts';
import type { Instance } from '../probe-binding.ts';
import type { TrackedHeap } from '../registry.ts';
import { type BlockColumns, readBlocks } from './blocks.ts';
import { copyMemory, type MemoryCopy } from './copy.ts';
import { bindingPointers, handlePointers } from './handles.ts';
import { CollectedNotes, type HeapNotes, Names } from './notes.ts';
import { findRoots, globalPointers } from './roots.ts';

/** Attempts in slices, before the page is stopped for it. */
const ATTEMPTS = 3;
/** Stacks that are put into words between two yields, and blocks. */
const SITES = 20;
const BLOCKS = 20_000;

/** What is known of a heap beside the tracker's figures. */
export interface HeapKnowledge {
  readonly heap: TrackedHeap & { readonly memory: WebAssembly.Memory };
  /** Innermost first. */
  framesOf(site: number): readonly SiteFrame[];
  scopeNames(): ReadonlyMap<number, string>;
  instances(): readonly Instance[];
  /** The library's numbers of the types that it has registered. */
  types(): Iterable<number>;
}

/** Notes what a library's blocks and words are; yields often. */
export type Describe = (
  memory: HeapMemory,
  blocks: BlockTable,
  instances: readonly Instance[],
  notes: HeapNotes,
  types: Iterable<number>,
) => Generator<void, void>;

export interface CapturedImage {
  readonly image: HeapImage;
  /** Milliseconds for which the page was stopped; 0 where it was taken in slices. */
  readonly pauseMs: number;
  /** How often the module ran meanwhile, so that it was begun anew. */
  readonly restarts: number;
  /** False where the idle stack could not be told from static data. */
  readonly knowsStack: boolean;
}

/** All that the module could change meanwhile. */
interface Reading {
  readonly takenAt: number;
  readonly columns: BlockColumns;
  readonly notes: CollectedNotes;
  readonly copy: MemoryCopy;
  readonly roots: HeapImage['roots'];
  readonly pointers: HeapImage['pointers'];
  readonly knowsStack: boolean;
}

/** The heap as it is between two of the coming tasks. */
export async function captureHeap(
  knowledge: HeapKnowledge,
  describe: Describe,
): Promise<CapturedImage> {
  const { tracker, memory } = knowledge.heap;
  const state = () => {
    const { sequence, freedBlocks, allocatedBlocks } = tracker.counters();
    return [sequence, freedBlocks, allocatedBlocks, memory.buffer.byteLength].join();
  };
  let read: Reading | null = null;
  let pauseMs = 0;
  let restarts = 0;
  while (!read && restarts < ATTEMPTS) {
    await nextTask();
    const before = state();
    read = await runInTasks(readNow(knowledge, describe), () => state() === before);
    if (!read) restarts += 1;
  }
  if (!read) {
    await nextTask();
    const start = performance.now();
    read = runAtOnce(readNow(knowledge, describe));
    pauseMs = performance.now() - start;
  }
  const { columns, ...rest } = read;
  // What the tracker has of stacks and scopes stays as it is.
  const named = await runInTasks(nameColumns(knowledge, columns, rest.notes));
  await nextTask();
  const { sites, siteNumbers, scopes, scopeNumbers, words } = named;
  const { knowsStack, pointers, roots, copy, notes } = rest;
  return {
    image: {
      takenAt: rest.takenAt,
      pointerBits: knowledge.heap.pointerBits,
      memory: copy.bytes,
      blocks: {
        addresses: columns.addresses,
        sizes: columns.sizes,
        sites: siteNumbers,
        scopes: scopeNumbers,
        sequences: columns.sequences,
        labels: notes.labels,
        scanned: notes.scanned,
        offsets: copy.blockOffsets,
      },
      sites,
      scopes,
      labels: notes.labelNames,
      roots,
      pointers,
      ...words,
    },
    pauseMs,
    restarts,
    knowsStack,
  };
}

function* readNow(knowledge: HeapKnowledge, describe: Describe): Generator<void, Reading> {
  const { heap } = knowledge;
  // What is open then, an exception has left so.
  heap.tracker.closeScopes();
  const columns = yield* readBlocks(heap.tracker, heap.memory.buffer.byteLength);
  const notes = new CollectedNotes(columns.sizes);
  const memory = new HeapMemory(heap.memory, heap.pointerBits);
  yield* describe(memory, columns, knowledge.instances(), notes, knowledge.types());
  yield;
  const { ranges, knowsStack } = findRoots(heap, columns.addresses[0] ?? Infinity);
  const bindings = yield* bindingPointers(columns);
  const pointers = [
    ...handlePointers(heap.memory),
    ...bindings,
    ...globalPointers(heap.instance.exports),
  ];
  const copy = yield* copyMemory(heap.memory, ranges, columns, notes.scanned);
  yield;
  const roots = ranges.map((range, place) => ({
    ...range,
    offset: copy.rootOffsets[place] ?? 0,
  }));
  for (const root of roots) dropInitial(copy.bytes, root, heap.initialData);
  return { takenAt: Date.now(), columns, notes, copy, roots, pointers, knowsStack };
}

/** Words of static data that nobody has written to since the module was instantiated point to no block. */
function dropInitial(
  copy: Uint8Array<ArrayBuffer>,
  { from, to, offset }: HeapImage['roots'][number],
  initial: Uint8Array,
): void {
  const before = new Uint32Array(initial.buffer, initial.byteOffset, initial.length >> 2);
  const words = new Uint32Array(copy.buffer, 0, copy.length >> 2);
  const away = (offset - from) / 4;
  const end = Math.min(to >> 2, before.length);
  for (let at = Math.ceil(from / 4); at < end; at++) {
    if (words[at + away] === before[at]) words[at + away] = 0;
  }
}

function* nameColumns(knowledge: HeapKnowledge, columns: BlockColumns, notes: CollectedNotes) {
  const sites = yield* nameSites(knowledge, columns);
  const scopes = yield* nameScopes(knowledge, columns);
  return { ...sites, ...scopes, words: notes.words() };
}

function* nameSites({ framesOf }: HeapKnowledge, { siteIds }: BlockColumns) {
  const sites: ImageSite[] = [];
  const byText = new Map<string, number>();
  /** 0: not sampled. */
  const numbers = new Map([[0, 0]]);
  const siteNumbers = new Uint32Array(siteIds.length);
  for (let place = 0; place < siteIds.length; place++) {
    const id = siteIds[place] ?? 0;
    let number = numbers.get(id);
    if (number === undefined) {
      const stack = framesOf(id).map(frameText);
      const text = stack.join('\n');
      number = byText.get(text) ?? (stack.length === 0 ? 0 : sites.push({ stack }));
      byText.set(text, number);
      numbers.set(id, number);
      if (numbers.size % SITES === 0) yield;
    }
    siteNumbers[place] = number;
    if (place % BLOCKS === BLOCKS - 1) yield;
  }
  return { sites, siteNumbers };
}

function* nameScopes(knowledge: HeapKnowledge, { scopeIds }: BlockColumns) {
  const known = knowledge.scopeNames();
  const names = new Names();
  const numbers = new Map([[0, 0]]);
  const scopeNumbers = new Uint32Array(scopeIds.length);
  for (let place = 0; place < scopeIds.length; place++) {
    const id = scopeIds[place] ?? 0;
    const number = numbers.get(id) ?? names.of(known.get(id) ?? 'unknown');
    numbers.set(id, number);
    scopeNumbers[place] = number;
    if (place % BLOCKS === BLOCKS - 1) yield;
  }
  return { scopes: names.list, scopeNumbers };
}

// The conservative scan: every aligned word of roots and blocks that could be an address within a block is an edge.
//
// The kernel does the work, window by window: pieces of the heap are copied to its memory, and edges from there, so that
// it needs little of its own however large the heap is, and the graph can be handed over between threads.

import { type BlockIndex, findBlock, indexBlocks } from './block-index.ts';
import { countEdges, type EdgeList, joinEdges, newEdgeList, reserve } from './edge-list.ts';
import { type HeapEdges, INTERIOR, TAGGED, WEAK } from './graph-types.ts';
import * as layout from './kernel/assembly/layout.ts';
import type { Kernel } from './kernel/start.ts';
import { endUnit, firstUnit, memoryUnits } from './source-words.ts';
import type { HeapImage } from './types.ts';

const WINDOW_UNITS = layout.WINDOW_BYTES / 4;
/** Windows between yields. */
const BUDGET = 8;
/** Sources that are looked at for a window at most; those that are not scanned have no range in it. */
const MOST_SOURCES = 1 << 15;
/** One source in so many is looked at beforehand, to tell how many edges there will be. */
const SAMPLE = 61;

interface Scan {
  readonly image: HeapImage;
  /** The image's memory, in units of 32 bits. */
  readonly units: Uint32Array;
  /** Units in a word: 1 or 2. */
  readonly step: number;
  readonly index: BlockIndex;
  readonly list: EdgeList;
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The units of the module's own memory at which weak words start, rising. */
  readonly weak: Float64Array;
  readonly window: Window;
  /** The source at hand, and the next of its units; -1: its first. */
  source: number;
  unit: number;
  /** The next weak word, of the source at hand or behind it. */
  nextWeak: number;
}

/** What is in the kernel's memory. */
interface Window {
  readonly ranges: Uint32Array;
  readonly units: Uint32Array;
  readonly targets: Uint32Array;
  readonly flags: Uint8Array;
  /** By range: its source. */
  readonly sources: Uint32Array;
}

/** The edges of all blocks, then of the roots, then of the pointers. */
export function* scanEdges(
  image: HeapImage,
): Generator<void, { kernel: Kernel; edges: HeapEdges }> {
  const index = yield* indexBlocks(image);
  yield;
  const scan = startScan(image, index);
  yield;
  const { list, offsets } = scan;
  const sources = image.blocks.addresses.length + image.roots.length;
  for (let windows = 1; scan.source < sources; windows++) {
    scanWindow(scan);
    if (windows % BUDGET === 0) yield;
  }
  let source = sources;
  for (const { address } of image.pointers) {
    addPointer(scan, address);
    offsets[++source] = countEdges(list);
  }
  return { kernel: index.kernel, edges: yield* joinEdges(list, offsets) };
}

function startScan(image: HeapImage, index: BlockIndex): Scan {
  const { pointerBits, blocks, roots, pointers, words } = image;
  const units = memoryUnits(image);
  const step = pointerBits / 32;
  const { memory } = index.kernel;
  const isWeak = (address: number, place: number) =>
    words.weak[place] === 1 && address % (4 * step) === 0;
  return {
    image,
    units,
    step,
    index,
    list: newEdgeList(expectEdges(image, units, index)),
    offsets: new Uint32Array(blocks.addresses.length + roots.length + pointers.length + 1),
    weak: words.addresses.filter(isWeak).map((address) => address / 4),
    window: {
      ranges: new Uint32Array(memory, layout.RANGES, (layout.MOST_RANGES * layout.RANGE_BYTES) / 4),
      units: new Uint32Array(memory, layout.WINDOW, WINDOW_UNITS),
      targets: new Uint32Array(memory, layout.TARGETS, WINDOW_UNITS),
      flags: new Uint8Array(memory, layout.FLAGS, WINDOW_UNITS),
      sources: new Uint32Array(layout.MOST_RANGES),
    },
    source: 0,
    unit: -1,
    nextWeak: 0,
  };
}

/** About how many edges there will be, rather too many. */
function expectEdges(
  { blocks, pointerBits }: HeapImage,
  units: Uint32Array,
  { from: lowest, to: highest }: BlockIndex,
): number {
  const step = pointerBits / 32;
  let count = 0;
  for (let block = SAMPLE >> 1; block < blocks.addresses.length; block += SAMPLE) {
    const from = blocks.offsets[block] ?? 0;
    const scanned = Math.min(blocks.scanned[block] ?? 0, 4 * WINDOW_UNITS);
    const end = endUnit(units, step, from + scanned);
    for (let unit = firstUnit(step, from); unit < end; unit += step) {
      const low = units[unit] ?? 0;
      if (low >= lowest && low < highest) count++;
    }
  }
  return Math.ceil(count * SAMPLE * 1.1) + 2 * WINDOW_UNITS;
}

/** Scans what follows of the sources, as far as a window reaches. */
function scanWindow(scan: Scan): void {
  const { units, index, list, offsets, window } = scan;
  const first = scan.source;
  const { count, from, end } = layRanges(scan);
  const before = countEdges(list);
  reserve(list, WINDOW_UNITS);
  if (count > 0) {
    window.units.set(units.subarray(from, end));
    const edges = index.kernel.call('scan', count);
    const { current } = list;
    current.targets.set(window.targets.subarray(0, edges), current.length);
    current.flags.set(window.flags.subarray(0, edges), current.length);
    current.length += edges;
  }
  let total = before;
  let source = first;
  for (let range = 0; range < count; range++) {
    // Sources without a range have no edges.
    const next = window.sources[range] ?? 0;
    while (source < next) offsets[++source] = total;
    total = before + (window.ranges[4 * range + 3] ?? 0);
  }
  // The source at hand may go on in the next window.
  while (source < scan.source) offsets[++source] = total;
}

/**
 * Lists the ranges of a window: those of one source after the other, cut where weak words start and end. Goes on until the window
 * or the list is full, or the next source lies elsewhere.
 *
 * @returns how many there are, and the units of the window.
 */
function layRanges(scan: Scan): { count: number; from: number; end: number } {
  const { image, units, step, weak, window } = scan;
  const { addresses, scanned, offsets } = image.blocks;
  const blockCount = addresses.length;
  const last = Math.min(scan.source + MOST_SOURCES, blockCount + image.roots.length);
  let count = 0;
  let from = -1;
  let windowEnd = 0;
  for (; scan.source < last; scan.source++) {
    const { source } = scan;
    const root = source < blockCount ? undefined : image.roots[source - blockCount];
    const start = root?.offset ?? offsets[source] ?? 0;
    const end = endUnit(units, step, start + (root ? root.to - root.from : (scanned[source] ?? 0)));
    let unit = scan.unit < 0 ? firstUnit(step, start) : scan.unit;
    if (unit >= end) continue;
    if (from < 0) from = unit;
    if (unit < from || unit >= from + WINDOW_UNITS) break;
    // From a unit to that in the module's own memory.
    const away = ((root?.from ?? addresses[source] ?? 0) - start) / 4;
    if (scan.unit < 0) seekWeak(scan, unit + away);
    const stop = Math.min(end, from + WINDOW_UNITS);
    while (unit < stop && count < layout.MOST_RANGES) {
      const nextWeak = (weak[scan.nextWeak] ?? Number.POSITIVE_INFINITY) - away;
      const isWeak = nextWeak === unit;
      const rangeEnd = isWeak ? unit + step : Math.min(stop, nextWeak);
      window.sources[count] = source;
      window.ranges[4 * count] = layout.WINDOW + 4 * (unit - from);
      window.ranges[4 * count + 1] = layout.WINDOW + 4 * (rangeEnd - from);
      window.ranges[4 * count + 2] = isWeak ? WEAK : 0;
      count++;
      unit = rangeEnd;
      if (isWeak) seekWeak(scan, unit + away);
    }
    // Of blocks that overlap, an earlier one may end later.
    windowEnd = Math.max(windowEnd, unit);
    scan.unit = unit < end ? unit : -1;
    if (unit < end) break;
  }
  return { count, from, end: windowEnd };
}

/** Finds the first weak word from the unit on, from the one found last: blocks rise. */
function seekWeak(scan: Scan, unit: number): void {
  const { weak } = scan;
  let next = scan.nextWeak;
  while (next > 0 && (weak[next - 1] ?? 0) >= unit) next--;
  while (next < weak.length && (weak[next] ?? 0) < unit) next++;
  scan.nextWeak = next;
}

function addPointer({ index, list, image }: Scan, address: number): void {
  const block = findBlock(index, address);
  if (block < 0) return;
  reserve(list, 1);
  const { current } = list;
  const offset = address - (image.blocks.addresses[block] ?? 0);
  current.targets[current.length] = block;
  current.flags[current.length++] =
    offset === 0 ? 0 : offset < layout.ALIGNMENT ? TAGGED : INTERIOR;
}

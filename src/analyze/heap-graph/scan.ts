// The conservative scan: every aligned word of roots and blocks that could be an address within a block is an edge.

import {
  ALIGNMENT,
  type BlockIndex,
  type DenseIndex,
  findBlock,
  indexBlocks,
  lastStart,
} from './block-index.ts';
import { countEdges, type EdgeList, joinEdges, newEdgeList, reserve } from './edge-list.ts';
import { type HeapEdges, INTERIOR, TAGGED, WEAK } from './graph-types.ts';
import { endUnit, firstUnit, memoryUnits, wordAt } from './source-words.ts';
import type { HeapImage } from './types.ts';

/** Units between yields, and the most that are read in one go. */
const BUDGET = 1 << 17;
const SEGMENT = 1 << 16;
/** One source in so many is looked at beforehand, to tell how many edges there will be. */
const SAMPLE = 61;

interface Scan {
  readonly image: HeapImage;
  /** The memory, in units of 32 bits. */
  readonly units: Uint32Array;
  /** Units in a word: 1 or 2. */
  readonly step: number;
  readonly index: BlockIndex;
  readonly list: EdgeList;
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Of a segment, the units at which words start that may be pointers. */
  readonly candidates: Uint32Array;
  /** The units at which weak words start, rising. */
  readonly weak: Float64Array;
  /** The source at hand, and the next of its units; -1: its first. */
  source: number;
  unit: number;
}

/** The edges of all blocks, then of the roots, then of the pointers. */
export function* scanEdges(image: HeapImage): Generator<void, HeapEdges> {
  const index = yield* indexBlocks(image.blocks);
  yield;
  const scan = startScan(image, index);
  yield;
  const { list, offsets } = scan;
  while (!scanSome(scan)) yield;
  let source = image.blocks.addresses.length + image.roots.length;
  for (const { address } of image.pointers) {
    addPointer(scan, address);
    offsets[++source] = countEdges(list);
  }
  return yield* joinEdges(list, offsets);
}

function startScan(image: HeapImage, index: BlockIndex): Scan {
  const { pointerBits, blocks, roots, pointers, words } = image;
  const units = memoryUnits(image);
  const isWeak = (_: number, place: number) => words.weak[place] === 1;
  return {
    image,
    units,
    step: pointerBits / 32,
    index,
    list: newEdgeList(expectEdges(image, units, index)),
    offsets: new Uint32Array(blocks.addresses.length + roots.length + pointers.length + 1),
    candidates: new Uint32Array(SEGMENT + 1),
    weak: words.addresses.filter(isWeak).map((address) => address / 4),
    source: 0,
    unit: -1,
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
    if (blocks.opaque[block]) continue;
    const from = blocks.addresses[block] ?? 0;
    const end = endUnit(units, step, from + Math.min(blocks.sizes[block] ?? 0, SEGMENT));
    for (let unit = firstUnit(step, from); unit < end; unit += step) {
      const low = units[unit] ?? 0;
      if (low >= lowest && low < highest) count++;
    }
  }
  return Math.ceil(count * SAMPLE * 1.1) + 2 * SEGMENT;
}

/** Scans blocks and roots for a few milliseconds; true: that was the last. */
function scanSome(scan: Scan): boolean {
  const { image, units, step, list, offsets } = scan;
  const { addresses, sizes, opaque } = image.blocks;
  const count = addresses.length;
  const sources = count + image.roots.length;
  let budget = BUDGET;
  for (; scan.source < sources; scan.source++) {
    if (budget <= 0) return false;
    // A heap of a great many empty blocks is work, too.
    budget--;
    const { source } = scan;
    const root = source < count ? undefined : image.roots[source - count];
    const from = root?.from ?? addresses[source] ?? 0;
    const to = root?.to ?? (opaque[source] ? from : from + (sizes[source] ?? 0));
    const end = endUnit(units, step, to);
    let unit = scan.unit < 0 ? firstUnit(step, from) : scan.unit;
    while (unit < end && budget > 0) {
      const stop = Math.min(end, unit + SEGMENT);
      reserve(list, stop - unit);
      scanUnits(scan, unit, stop);
      budget -= stop - unit;
      unit = stop;
    }
    scan.unit = unit < end ? unit : -1;
    if (unit < end) return false;
    offsets[source + 1] = countEdges(list);
  }
  return true;
}

/** Adds the edges of words that start at units `from` to `to`, exclusive. */
function scanUnits(scan: Scan, from: number, to: number): void {
  const { list, step, index } = scan;
  const count = step === 1 ? collect32(scan, from, to) : collect64(scan, from, to);
  const first = list.current.length;
  if (index.dense) addDensely(scan, index.dense, count);
  else addBySearch(scan, count);
  weaken(scan, first, from, to);
}

/** Turns candidates into edges. What leads between two blocks is written over by what comes next. */
function addDensely(
  { units, index, list, candidates }: Scan,
  dense: DenseIndex,
  count: number,
): void {
  const { current } = list;
  const { targets, flags } = current;
  const { spans } = dense;
  const lowest = index.from | 0;
  const first = current.length;
  let { length } = current;
  for (let candidate = 0; candidate < count; candidate++) {
    const unit = candidates[candidate] ?? 0;
    const above = ((units[unit] ?? 0) - lowest) >>> 0;
    const block = lastStart(dense, above);
    const offset = (above - (spans[2 * block] ?? 0)) >>> 0;
    candidates[length - first] = unit;
    targets[length] = block;
    flags[length] = flagOf(offset);
    length += isBelow(offset, spans[2 * block + 1] ?? 0);
  }
  current.length = length;
}

function addBySearch({ image, units, step, index, list, candidates }: Scan, count: number): void {
  const { current } = list;
  const first = current.length;
  for (let candidate = 0; candidate < count; candidate++) {
    const unit = candidates[candidate] ?? 0;
    const address = wordAt(units, step, unit);
    const block = findBlock(index, address);
    if (block < 0) continue;
    candidates[current.length - first] = unit;
    current.targets[current.length] = block;
    current.flags[current.length++] = flagAt(image, block, address);
  }
}

/** Marks those of the edges from `first` on whose words are weak; their units stand in `candidates`. */
function weaken({ list, candidates, weak }: Scan, first: number, from: number, to: number): void {
  const { flags, length } = list.current;
  let edge = first;
  for (let place = firstNotBelow(weak, from); place < weak.length; place++) {
    const unit = weak[place] ?? 0;
    if (unit >= to) break;
    while (edge < length && (candidates[edge - first] ?? 0) < unit) edge++;
    if (edge === length) break;
    if (candidates[edge - first] === unit) flags[edge] = (flags[edge] ?? 0) | WEAK;
  }
}

/**
 * 1 where `a < b`, both unsigned, else 0. Without a branch, since no processor foresees which words are pointers, and
 * how far into a block (H. S. Warren, "Hacker's Delight", 2-12).
 */
function isBelow(a: number, b: number): number {
  return ((~a & b) | (~(a ^ b) & (a - b))) >>> 31;
}

/** Notes the units whose words lie between the first block and the end of the last; returns how many. */
function collect32({ units, index, candidates }: Scan, from: number, to: number): number {
  const lowest = index.from;
  const reach = Math.min(index.to, 2 ** 32) - lowest;
  const span = Math.max(0, Math.min(reach, 2 ** 32 - 1)) | 0;
  let count = 0;
  for (let unit = from; unit < to; unit++) {
    const above = ((units[unit] ?? 0) - lowest) | 0;
    candidates[count] = unit;
    count += isBelow(above, span);
  }
  return count;
}

function collect64({ units, index, candidates }: Scan, from: number, to: number): number {
  let count = 0;
  for (let unit = from; unit < to; unit += 2) {
    const address = wordAt(units, 2, unit);
    if (address >= index.from && address < index.to) candidates[count++] = unit;
  }
  return count;
}

/** 0 at the start, TAGGED below ALIGNMENT, else INTERIOR; without a branch. */
function flagOf(offset: number): number {
  const isInside = (offset | -offset) >>> 31;
  const isFurther = -(offset >>> 3) >>> 31;
  return isInside * TAGGED - isFurther * (TAGGED - INTERIOR);
}

/** Offsets may have more than 32 bits. */
function flagAt({ blocks }: HeapImage, block: number, address: number): number {
  return flagOf(Math.min(ALIGNMENT, address - (blocks.addresses[block] ?? 0)));
}

function addPointer({ index, list, image }: Scan, address: number): void {
  const block = findBlock(index, address);
  if (block < 0) return;
  reserve(list, 1);
  const { current } = list;
  current.targets[current.length] = block;
  current.flags[current.length++] = flagAt(image, block, address);
}

/** The first place in the rising numbers whose value is not below the wanted one. */
function firstNotBelow(rising: Float64Array, wanted: number): number {
  let from = 0;
  let to = rising.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((rising[middle] ?? 0) < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

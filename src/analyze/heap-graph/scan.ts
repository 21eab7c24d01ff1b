// The conservative scan: every aligned word of roots and blocks that could be an address within a block is an edge.

import { ALIGNMENT, type BlockIndex, findBlock, indexBlocks } from './block-index.ts';
import { countEdges, type EdgeList, joinEdges, newEdgeList, reserve } from './edge-list.ts';
import { type HeapEdges, INTERIOR, TAGGED, WEAK } from './graph-types.ts';
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
  const { memory, pointerBits, blocks, roots, pointers, words } = image;
  const aligned = memory.byteOffset % 4 === 0 ? memory : memory.slice();
  const units = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
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

function firstUnit(step: number, address: number): number {
  return Math.ceil(Math.max(0, address) / (4 * step)) * step;
}

function endUnit(units: Uint32Array, step: number, address: number): number {
  return Math.floor(Math.min(units.length, address / 4) / step) * step;
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
    const base = firstUnit(step, from);
    const end = endUnit(units, step, to);
    let unit = scan.unit < 0 ? base : scan.unit;
    while (unit < end && budget > 0) {
      const stop = Math.min(end, unit + SEGMENT);
      reserve(list, stop - unit);
      scanUnits(scan, unit, stop, base);
      budget -= stop - unit;
      unit = stop;
    }
    scan.unit = unit < end ? unit : -1;
    if (unit < end) return false;
    offsets[source + 1] = countEdges(list);
  }
  return true;
}

/** Adds the edges of words that start at units `from` to `to`, exclusive, of a source whose first is `base`. */
function scanUnits(scan: Scan, from: number, to: number, base: number): void {
  const { units, step, index, list, weak, candidates } = scan;
  const count = step === 1 ? collect32(scan, from, to) : collect64(scan, from, to);
  const { current } = list;
  const { targets, words, flags } = current;
  const { bounds } = index;
  let { length } = current;
  let place = weak.length === 0 ? 0 : firstNotBelow(weak, from);
  let nextWeak = weak[place] ?? Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < count; candidate++) {
    const unit = candidates[candidate] ?? 0;
    let address = units[unit] ?? 0;
    if (step === 2) address += (units[unit + 1] ?? 0) * 2 ** 32;
    const block = findBlock(index, address);
    if (block < 0) continue;
    let flag = flagOf(address - (bounds[2 * block] ?? 0));
    if (nextWeak <= unit) {
      while (nextWeak < unit) nextWeak = weak[++place] ?? Number.POSITIVE_INFINITY;
      if (nextWeak === unit) flag |= WEAK;
    }
    targets[length] = block;
    words[length] = (unit - base) >>> (step - 1);
    flags[length++] = flag;
  }
  current.length = length;
}

/**
 * Notes the units whose words lie between the first block and the end of the last; returns how many. Without a
 * branch, since no processor foresees which words are pointers: `above < span`, unsigned, as bit 31 (H. S. Warren,
 * "Hacker's Delight", 2-12).
 */
function collect32({ units, index, candidates }: Scan, from: number, to: number): number {
  const lowest = index.from;
  const reach = Math.min(index.to, 2 ** 32) - lowest;
  const span = Math.max(0, Math.min(reach, 2 ** 32 - 1)) | 0;
  let count = 0;
  for (let unit = from; unit < to; unit++) {
    const above = ((units[unit] ?? 0) - lowest) | 0;
    candidates[count] = unit;
    count += ((~above & span) | (~(above ^ span) & (above - span))) >>> 31;
  }
  return count;
}

function collect64({ units, index, candidates }: Scan, from: number, to: number): number {
  let count = 0;
  for (let unit = from; unit < to; unit += 2) {
    const address = (units[unit] ?? 0) + (units[unit + 1] ?? 0) * 2 ** 32;
    if (address >= index.from && address < index.to) candidates[count++] = unit;
  }
  return count;
}

function flagOf(offset: number): number {
  if (offset === 0) return 0;
  return offset < ALIGNMENT ? TAGGED : INTERIOR;
}

function addPointer({ index, list }: Scan, address: number): void {
  if (!(address >= index.from && address < index.to)) return;
  const block = findBlock(index, address);
  if (block < 0) return;
  reserve(list, 1);
  const { current } = list;
  current.targets[current.length] = block;
  current.flags[current.length++] = flagOf(address - (index.bounds[2 * block] ?? 0));
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

// The conservative scan: every aligned word of roots and blocks that could be an address within a block is an edge.

import { ALIGNMENT, type BlockIndex, findBlock, indexBlocks } from './block-index.ts';
import { countEdges, type EdgeList, joinEdges, newEdgeList, reserve } from './edge-list.ts';
import { type HeapEdges, INTERIOR, TAGGED, WEAK } from './graph-types.ts';
import type { HeapImage } from './types.ts';

/** Units between yields, and the most that are read in one go. */
const BUDGET = 1 << 18;
const SEGMENT = 1 << 16;

interface Scan {
  /** The memory, in units of 32 bits. */
  readonly units: Uint32Array;
  /** Units in a word: 1 or 2. */
  readonly step: number;
  readonly index: BlockIndex;
  readonly list: EdgeList;
  /** The units at which weak words start, rising. */
  readonly weak: Float64Array;
}

/** The edges of all blocks, then of the roots, then of the pointers. */
export function* scanEdges(image: HeapImage): Generator<void, HeapEdges> {
  const { addresses, sizes, opaque } = image.blocks;
  const scan = startScan(image);
  const offsets = new Uint32Array(
    addresses.length + image.roots.length + image.pointers.length + 1,
  );
  let budget = BUDGET;
  let source = 0;
  for (; source < addresses.length + image.roots.length; source++) {
    const isBlock = source < addresses.length;
    const root = isBlock ? undefined : image.roots[source - addresses.length];
    const from = root?.from ?? addresses[source] ?? 0;
    const to = root?.to ?? (opaque[source] ? from : from + (sizes[source] ?? 0));
    const base = firstUnit(scan, from);
    const end = endUnit(scan, to);
    for (let unit = base; unit < end; unit += SEGMENT) {
      const stop = Math.min(end, unit + SEGMENT);
      scanUnits(scan, unit, stop, base);
      budget -= stop - unit;
      if (budget > 0) continue;
      budget = BUDGET;
      yield;
    }
    // A heap of a great many empty blocks is work, too.
    budget--;
    offsets[source + 1] = countEdges(scan.list);
  }
  for (const { address } of image.pointers) {
    addPointer(scan, address);
    offsets[++source] = countEdges(scan.list);
  }
  return yield* joinEdges(scan.list, offsets);
}

function startScan({ memory, pointerBits, blocks, words }: HeapImage): Scan {
  const aligned = memory.byteOffset % 4 === 0 ? memory : memory.slice();
  const units = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  const isWeak = (_: number, place: number) => words.weak[place] === 1;
  return {
    units,
    step: pointerBits / 32,
    index: indexBlocks(blocks),
    list: newEdgeList(),
    weak: words.addresses.filter(isWeak).map((address) => address / 4),
  };
}

function firstUnit({ step }: Scan, address: number): number {
  return Math.ceil(Math.max(0, address) / (4 * step)) * step;
}

function endUnit({ step, units }: Scan, address: number): number {
  return Math.floor(Math.min(units.length, address / 4) / step) * step;
}

/** Adds the edges of words that start at units `from` to `to`, exclusive, of a source whose first is `base`. */
function scanUnits(
  { units, step, index, list, weak }: Scan,
  from: number,
  to: number,
  base: number,
): void {
  reserve(list, to - from);
  const { current } = list;
  const { targets, words, flags } = current;
  const { from: lowest, to: highest, starts } = index;
  let { length } = current;
  let place = firstNotBelow(weak, from);
  let nextWeak = weak[place] ?? Number.POSITIVE_INFINITY;
  for (let unit = from; unit < to; unit += step) {
    let address = units[unit] ?? 0;
    if (step === 2) address += (units[unit + 1] ?? 0) * 2 ** 32;
    if (address < lowest || address >= highest) continue;
    const block = findBlock(index, address);
    if (block < 0) continue;
    let flag = flagOf(address - (starts[block] ?? 0));
    while (nextWeak < unit) nextWeak = weak[++place] ?? Number.POSITIVE_INFINITY;
    if (nextWeak === unit) flag |= WEAK;
    targets[length] = block;
    words[length] = (unit - base) / step;
    flags[length++] = flag;
  }
  current.length = length;
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
  current.flags[current.length++] = flagOf(address - (index.starts[block] ?? 0));
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

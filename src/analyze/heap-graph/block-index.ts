// Which block an address lies in: a table over the heap, with one entry for about every block, and a few steps from there.

import type { HeapImage } from './types.ts';

/** Malloc's alignment: addresses are multiples of it, so that programs keep tags in the bits below. */
export const ALIGNMENT = 8;

/** Where a granule holds more blocks than this, they are searched by halves. */
const STEPS = 8;

export interface BlockIndex {
  readonly starts: Float64Array;
  /** Exclusive. At least `ALIGNMENT` from the start, so that tagged pointers to tiny blocks are met. */
  readonly ends: Float64Array;
  /** The first address of any block, and the end of the last. No block contains an address outside. */
  readonly from: number;
  readonly to: number;
  /** Granules per byte: an address times this is a place in `table`. */
  readonly scale: number;
  /** A granule: the last block that starts at or below its first byte, else 0. */
  readonly table: Uint32Array;
}

export function indexBlocks({ addresses, sizes }: HeapImage['blocks']): BlockIndex {
  const count = addresses.length;
  const ends = new Float64Array(count);
  let to = 0;
  for (let block = 0; block < count; block++) {
    const end = (addresses[block] ?? 0) + Math.max(sizes[block] ?? 0, ALIGNMENT);
    ends[block] = end;
    if (end > to) to = end;
  }
  const from = count === 0 ? 0 : (addresses[0] ?? 0);
  const granule = 2 ** Math.max(4, Math.ceil(Math.log2((to - from) / Math.max(1, count))));
  const scale = 1 / granule;
  const table = new Uint32Array(Math.ceil((to - from) * scale) + 2);
  let block = 0;
  for (let place = 0; place < table.length; place++) {
    const first = from + place * granule;
    while (block + 1 < count && (addresses[block + 1] ?? 0) <= first) block++;
    table[place] = block;
  }
  return { starts: addresses, ends, from, to, scale, table };
}

/** The block that contains the address, which must lie in `from..to`; -1: none. */
export function findBlock(index: BlockIndex, address: number): number {
  const { starts, table } = index;
  const place = ((address - index.from) * index.scale) >>> 0;
  let block = table[place] ?? 0;
  let last = table[place + 1] ?? 0;
  while (last - block > STEPS) {
    const middle = (block + last + 1) >>> 1;
    if ((starts[middle] ?? 0) <= address) block = middle;
    else last = middle - 1;
  }
  while (block < last && (starts[block + 1] ?? 0) <= address) block++;
  return address < (index.ends[block] ?? 0) ? block : -1;
}

// Which block an address lies in: a table over the heap, with about one entry a block, and a few steps from there.

import type { HeapImage } from './types.ts';

/** Malloc's alignment: addresses are multiples of it, so that programs keep tags in the bits below. */
export const ALIGNMENT = 8;

/** Where a granule holds more blocks than this, they are searched by halves. */
const STEPS = 8;

export interface BlockIndex {
  /**
   * By block, at twice its number: where it starts, and then where it ends (exclusive), at least `ALIGNMENT`
   * further, so that tagged pointers to tiny blocks are met. In 32 bits where they fit, to spare the caches.
   */
  readonly bounds: Uint32Array | Float64Array;
  /** The first address of any block, and the end of the last. No block contains an address outside. */
  readonly from: number;
  readonly to: number;
  /** Granules per byte: what an address is above `from`, times this, is a place in `table`. */
  readonly scale: number;
  /** A granule: the last block that starts at or below its first byte, else 0. */
  readonly table: Uint32Array;
}

export function* indexBlocks({
  addresses,
  sizes,
}: HeapImage['blocks']): Generator<void, BlockIndex> {
  const count = addresses.length;
  const from = addresses[0] ?? 0;
  let to = 0;
  for (let block = 0; block < count; block++) to = Math.max(to, endOf(addresses, sizes, block));
  yield;
  const bounds = to < 2 ** 32 ? new Uint32Array(2 * count) : new Float64Array(2 * count);
  for (let block = 0; block < count; block++) {
    bounds[2 * block] = addresses[block] ?? 0;
    bounds[2 * block + 1] = endOf(addresses, sizes, block);
    if ((block & 0x3ffff) === 0x3ffff) yield;
  }
  yield;
  const mean = (to - from) / Math.max(1, count);
  const granule = 2 ** Math.max(4, Math.ceil(Math.log2(mean)) - 1);
  const table = new Uint32Array(Math.ceil((to - from) / granule) + 2);
  let block = 0;
  for (let place = 0; place < table.length; place++) {
    const first = from + place * granule;
    while (block + 1 < count && (addresses[block + 1] ?? 0) <= first) block++;
    table[place] = block;
    if ((place & 0x3ffff) === 0x3ffff) yield;
  }
  return { bounds, from, to, scale: 1 / granule, table };
}

function endOf(addresses: Float64Array, sizes: Float64Array, block: number): number {
  return (addresses[block] ?? 0) + Math.max(sizes[block] ?? 0, ALIGNMENT);
}

/** The block that contains the address, which must lie in `from..to`; -1: none. */
export function findBlock({ bounds, table, from, scale }: BlockIndex, address: number): number {
  const place = ((address - from) * scale) >>> 0;
  let block = table[place] ?? 0;
  let last = table[place + 1] ?? 0;
  while (last - block > STEPS) {
    const middle = (block + last + 1) >>> 1;
    if ((bounds[2 * middle] ?? 0) <= address) block = middle;
    else last = middle - 1;
  }
  while (block < last && (bounds[2 * block + 2] ?? 0) <= address) block++;
  return address < (bounds[2 * block + 1] ?? 0) ? block : -1;
}

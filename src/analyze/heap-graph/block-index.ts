// Which block an address lies in. Where blocks lie densely, as they do in a heap, it is counted how many start up to
// the address: a bit a granule says whether a block starts there, and each 32 of them have the count of those before.
// It takes no branch, which matters: no processor foresees where pointers lead, and waits for memory then.

import type { HeapImage } from './types.ts';

/** Malloc's alignment: addresses are multiples of it, so that programs keep tags in the bits below. */
export const ALIGNMENT = 8;

/** The table may have so many entries a block, and so many in any case; else blocks are searched by halves. */
const MOST_GROUPS = 16;
const FEW_GROUPS = 1 << 16;

export interface BlockIndex {
  readonly blocks: Pick<HeapImage['blocks'], 'addresses' | 'sizes'>;
  /** The first address of any block, and the end of the last. No block contains an address outside. */
  readonly from: number;
  readonly to: number;
  readonly dense: DenseIndex | null;
}

/** Addresses count from the first block's on; they have 32 bits. */
export interface DenseIndex {
  /** The binary logarithm of the bytes in a granule. */
  readonly shift: number;
  /** At twice the number of a group of 32 granules: where blocks start, a bit a granule, and how many start before. */
  readonly groups: Uint32Array;
  /** At twice a block's number: where it starts, and its length. */
  readonly spans: Uint32Array;
}

export function* indexBlocks(blocks: HeapImage['blocks']): Generator<void, BlockIndex> {
  const { addresses } = blocks;
  const from = addresses[0] ?? 0;
  let to = 0;
  let bits = 0;
  let isDense = true;
  for (let block = 0; block < addresses.length; block++) {
    const above = (addresses[block] ?? 0) - from;
    to = Math.max(to, from + above + lengthOf(blocks, block));
    bits |= above;
    // Two of one address can't be told apart by counting.
    if (block > 0 && addresses[block - 1] === addresses[block]) isDense = false;
  }
  yield;
  const shift = bits & 1 ? 0 : bits & 2 ? 1 : bits & 4 ? 2 : 3;
  const groupCount = Math.floor((to - from) / (32 << shift)) + 1;
  const most = Math.max(FEW_GROUPS, MOST_GROUPS * addresses.length);
  isDense &&= to - from < 2 ** 32 && groupCount <= most;
  const dense = isDense ? yield* indexDensely(blocks, from, shift, groupCount) : null;
  return { blocks, from, to, dense };
}

function* indexDensely(
  blocks: HeapImage['blocks'],
  from: number,
  shift: number,
  groupCount: number,
): Generator<void, DenseIndex> {
  const count = blocks.addresses.length;
  const groups = new Uint32Array(2 * groupCount);
  const spans = new Uint32Array(2 * count);
  /** Groups below this one have their count. */
  let counted = 0;
  for (let block = 0; block < count; block++) {
    const above = (blocks.addresses[block] ?? 0) - from;
    spans[2 * block] = above;
    spans[2 * block + 1] = Math.min(lengthOf(blocks, block), 2 ** 32 - 1);
    const granule = above >>> shift;
    const group = granule >>> 5;
    for (; counted <= group; counted++) groups[2 * counted + 1] = block;
    groups[2 * group] = (groups[2 * group] ?? 0) | (1 << (granule & 31));
    if ((block & 0x3ffff) === 0x3ffff) yield;
  }
  for (; counted < groupCount; counted++) groups[2 * counted + 1] = count;
  return { shift, groups, spans };
}

/** At least `ALIGNMENT`, so that tagged pointers to tiny blocks are met. */
function lengthOf({ sizes }: BlockIndex['blocks'], block: number): number {
  return Math.max(sizes[block] ?? 0, ALIGNMENT);
}

/** The last block that starts at or below an address, which counts from the first block's. */
export function lastStart({ groups, shift }: DenseIndex, above: number): number {
  const granule = above >>> shift;
  const group = (granule >>> 5) << 1;
  // Bits up to the granule's own, counted (H. S. Warren, "Hacker's Delight", 5-1).
  let bits = (groups[group] ?? 0) & (-1 >>> (31 - (granule & 31)));
  bits -= (bits >>> 1) & 0x5555_5555;
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  const ones = Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  return ((groups[group + 1] ?? 0) + ones - 1) | 0;
}

/** The block that contains the address; -1: none. */
export function findBlock({ blocks, from, to }: BlockIndex, address: number): number {
  if (!(address >= from && address < to)) return -1;
  const { addresses } = blocks;
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((addresses[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const block = low - 1;
  return address - (addresses[block] ?? 0) < lengthOf(blocks, block) ? block : -1;
}

// The table by which the kernel tells which block an address lies in; assembly/index.ts says how it is read.

import { ALIGNMENT, LARGE, TABLE } from './kernel/assembly/layout.ts';
import { type Kernel, startKernel } from './kernel/start.ts';
import type { HeapImage } from './types.ts';

/** The dense table may have so many entries a block, and so many in any case; else blocks are searched by halves. */
const MOST_GROUPS = 16;
const FEW_GROUPS = 1 << 16;
const GROUP_BYTES = 16;
/** Blocks between yields. */
const BUDGET = 1 << 17;

export interface BlockIndex {
  readonly kernel: Kernel;
  /** The first address of any block, and the end of the last. No block contains an address outside. */
  readonly from: number;
  readonly to: number;
}

export function* indexBlocks({ blocks, pointerBits }: HeapImage): Generator<void, BlockIndex> {
  const { addresses } = blocks;
  const count = addresses.length;
  const from = addresses[0] ?? 0;
  let to = 0;
  let bits = 0;
  let isDense = true;
  for (let block = 0; block < count; block++) {
    const above = (addresses[block] ?? 0) - from;
    to = Math.max(to, from + above + lengthOf(blocks, block));
    bits |= above;
    // Two of one address can't be told apart by counting.
    if (block > 0 && addresses[block - 1] === addresses[block]) isDense = false;
  }
  yield;
  const shift = bits & 1 ? 0 : bits & 2 ? 1 : bits & 4 ? 2 : 3;
  const groupCount = Math.floor((to - from) / (32 << shift)) + 1;
  isDense &&= to - from < 2 ** 32 && groupCount <= Math.max(FEW_GROUPS, MOST_GROUPS * count);
  const spansAt = TABLE + (isDense ? GROUP_BYTES * groupCount : 0);
  const kernel = startKernel(spansAt + (isDense ? 8 : 16) * count);
  kernel.call('configure', from, to, pointerBits / 8, Number(isDense), shift, spansAt, count);
  yield;
  if (isDense) yield* fillDensely(kernel, blocks, from, spansAt);
  else yield* fillSparsely(kernel, blocks);
  return { kernel, from, to };
}

function* fillDensely(
  kernel: Kernel,
  blocks: HeapImage['blocks'],
  from: number,
  spansAt: number,
): Generator<void> {
  const count = blocks.addresses.length;
  const spans = new Uint32Array(kernel.memory, spansAt, 2 * count);
  for (let block = 0; block < count; block++) {
    spans[2 * block] = (blocks.addresses[block] ?? 0) - from;
    spans[2 * block + 1] =
      Math.min(lengthOf(blocks, block), 2 ** 31 - 1) +
      (isHeldAnywhere(blocks, block) ? 2 ** 31 : 0);
    if (block % BUDGET === BUDGET - 1) yield;
  }
  for (let block = 0; block < count; block += BUDGET) {
    kernel.call('group', block, Math.min(count, block + BUDGET));
    yield;
  }
}

function* fillSparsely({ memory }: Kernel, blocks: HeapImage['blocks']): Generator<void> {
  const count = blocks.addresses.length;
  const spans = new Float64Array(memory, TABLE, 2 * count);
  for (let block = 0; block < count; block++) {
    spans[2 * block] = blocks.addresses[block] ?? 0;
    spans[2 * block + 1] = lengthOf(blocks, block) * (isHeldAnywhere(blocks, block) ? -1 : 1);
    if (block % BUDGET === BUDGET - 1) yield;
  }
}

/** At least `ALIGNMENT`, so that tagged pointers to tiny blocks are met. */
function lengthOf({ sizes }: HeapImage['blocks'], block: number): number {
  return Math.max(sizes[block] ?? 0, ALIGNMENT);
}

/**
 * Whether any address in it holds it. Large blocks are met by numbers that are no addresses, so that these are held by
 * their first bytes only (as by Boehm's collector, GC_malloc_ignore_off_page); smaller ones have headers at their end, as
 * SQLite's pages. A block that is not scanned to its end is one that a library is known to make: a tile may hold its pool.
 */
function isHeldAnywhere({ sizes, scanned }: HeapImage['blocks'], block: number): boolean {
  const size = sizes[block] ?? 0;
  return size < LARGE || (scanned[block] ?? 0) < size;
}

/** The block that contains the address; -1: none. */
export function findBlock({ kernel }: BlockIndex, address: number): number {
  return kernel.call('find', address);
}

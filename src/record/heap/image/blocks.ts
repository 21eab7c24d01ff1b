// The live blocks of a tracked heap as columns, read in parts.

import type { Tracker } from '../../../tracker/index.ts';
import { type BlockTable, findBlock } from '../contents.ts';

/** Addresses that are looked through between two yields. */
const PART = 2 * 1024 * 1024;

export class BlockColumns implements BlockTable {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  readonly sequences: Uint32Array;
  /** As the tracker numbers them. */
  readonly siteIds: Uint32Array;
  readonly scopeIds: Uint32Array;

  /** @param room for how many. */
  constructor(room: number) {
    this.addresses = new Float64Array(room);
    this.sizes = new Float64Array(room);
    this.sequences = new Uint32Array(room);
    this.siteIds = new Uint32Array(room);
    this.scopeIds = new Uint32Array(room);
  }

  get length(): number {
    return this.addresses.length;
  }

  find(address: number): number {
    return findBlock(this, address);
  }
}

/** @param bytes of the memory that the blocks lie in. */
export function* readBlocks(tracker: Tracker, bytes: number): Generator<void, BlockColumns> {
  const columns = new BlockColumns(tracker.counters().liveBlocks);
  let count = 0;
  for (let from = 0; from < bytes; from += PART) {
    tracker.forEachBlock(
      (address, size, site, scope, sequence) => {
        columns.addresses[count] = address;
        columns.sizes[count] = size;
        columns.siteIds[count] = site;
        columns.scopeIds[count] = scope;
        columns.sequences[count] = sequence;
        count += 1;
      },
      from,
      from + PART,
    );
    yield;
  }
  if (count === columns.length) return columns;
  // Another thread was at it, or the tracker stopped halfway.
  const fewer = new BlockColumns(Math.min(count, columns.length));
  for (const name of ['addresses', 'sizes', 'sequences', 'siteIds', 'scopeIds'] as const) {
    fewer[name].set(columns[name].subarray(0, fewer.length));
  }
  return fewer;
}

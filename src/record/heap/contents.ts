// The live blocks of a heap at one moment, by address.

import type { Tracker } from '../../tracker/index.ts';

/** Blocks by rising address, as columns. */
export interface BlockTable {
  readonly addresses: ArrayLike<number>;
  readonly sizes: ArrayLike<number>;
  readonly sequences: ArrayLike<number>;
  /** Place of the block that holds an address; -1 where none does. */
  find(address: number): number;
}

export class HeapContents implements BlockTable {
  readonly addresses: readonly number[];
  readonly sizes: readonly number[];
  readonly sequences: readonly number[];

  constructor(tracker: Pick<Tracker, 'forEachBlock'>) {
    const addresses: number[] = [];
    const sizes: number[] = [];
    const sequences: number[] = [];
    tracker.forEachBlock((address, size, _site, _scope, sequence) => {
      addresses.push(address);
      sizes.push(size);
      sequences.push(sequence);
    });
    this.addresses = addresses;
    this.sizes = sizes;
    this.sequences = sequences;
  }

  find(address: number): number {
    return findBlock(this, address);
  }
}

export function findBlock(
  { addresses, sizes }: Pick<BlockTable, 'addresses' | 'sizes'>,
  address: number,
): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((addresses[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const place = low - 1;
  const start = addresses[place];
  if (start === undefined) return -1;
  return address < start + Math.max(1, sizes[place] ?? 0) ? place : -1;
}

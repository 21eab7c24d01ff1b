// The live blocks of a heap at one moment, by address.

import type { Tracker } from '../../tracker/index.ts';

export class HeapContents {
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

  /** Place of the block that holds an address; -1 where none does. */
  find(address: number): number {
    let low = 0;
    let high = this.addresses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const place = low - 1;
    const start = this.addresses[place];
    if (start === undefined) return -1;
    return address < start + Math.max(1, this.sizes[place] ?? 0) ? place : -1;
  }
}

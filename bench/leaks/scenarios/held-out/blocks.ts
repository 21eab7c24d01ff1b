// Blocks that JavaScript takes from malloc itself, and knows by numbers.

import type { World } from '../../scenario.ts';

export class Blocks {
  readonly #call: World['call'];
  readonly #addresses = new Set<number>();

  constructor(call: World['call']) {
    this.#call = call;
  }

  /** @returns the address, which is never 0. */
  allocate(bytes: number): number {
    // An address above 2 GB comes as a negative number.
    const address = this.#call('malloc', bytes) >>> 0;
    this.#addresses.add(address);
    return address;
  }

  /** Of an address that it does not know, nothing. */
  free(address: number): void {
    if (this.#addresses.delete(address)) this.#call('free', address);
  }

  freeAll(): void {
    for (const address of this.#addresses) this.free(address);
  }
}

// An allocator at random: what allocators do, as the hooks of a rewritten module tell it, applied to a model too.

import { randomNumbers } from '../random-numbers.ts';
import type { Hooks } from './hooks.ts';
import { HeapModel } from './model.ts';

export interface RandomOptions {
  seed: number;
  /** Addresses are whole multiples of it, below `highest`. */
  granule: number;
  highest: number;
  largest: number;
}

/** The map has a leaf for each. */
const PLACES = 24;

/** Performs steps, each a call of the application's, until it has done as many as told. */
export class RandomAllocator<Address extends number | bigint> {
  readonly model = new HeapModel();
  readonly #hooks: Hooks<Address>;
  readonly #address: (value: number) => Address;
  readonly #options: RandomOptions;
  readonly #random: () => number;
  /** Addresses to pick from; those that are not in the model leave when they are met. */
  readonly #held: number[] = [];

  constructor(hooks: Hooks<Address>, address: (value: number) => Address, options: RandomOptions) {
    this.#hooks = hooks;
    this.#address = address;
    this.#options = options;
    this.#random = randomNumbers(options.seed);
  }

  run(steps: number): void {
    const kinds = [
      this.#malloc,
      this.#malloc,
      this.#malloc,
      this.#free,
      this.#free,
      this.#freeUnknown,
      this.#duplicate,
      this.#calloc,
      this.#callocAlone,
      this.#memalign,
      this.#posixMemalign,
      this.#composingThrows,
      this.#realloc,
      this.#reallocByMalloc,
      this.#reallocFails,
      this.#reallocFrees,
      this.#reallocOfNull,
      this.#reallocUnknown,
      this.#reallocarray,
      this.#reallocThrows,
      this.#reuseLeftBehind,
      this.#openScope,
      this.#closeScope,
    ];
    for (let step = 0; step < steps; step++) {
      kinds[this.#below(kinds.length)]?.call(this);
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #size(): number {
    const { largest } = this.#options;
    return this.#below(10) === 0 ? this.#below(2) : Math.floor(largest ** this.#random());
  }

  /** Free, and no neighbour of a smaller granule's block. */
  #newAddress(): number {
    const { granule, highest } = this.#options;
    for (;;) {
      // Close to others, or at one of the places that lie apart.
      const near = this.#pick() ?? 0;
      const place = (this.#below(PLACES) / (PLACES - 1)) * highest;
      const raw = (this.#below(2) ? near : place - 4096) + this.#below(64) * granule;
      const address = Math.floor(Math.min(raw, highest - granule) / granule) * granule;
      if (address <= 0 || this.model.blocks.has(address)) continue;
      if (address !== this.model.leftBehind?.address) return address;
    }
  }

  #pick(): number | undefined {
    for (;;) {
      const at = this.#below(this.#held.length);
      const address = this.#held[at];
      if (address === undefined || this.model.blocks.has(address)) return address;
      const last = this.#held.pop();
      if (last !== undefined && at < this.#held.length) this.#held[at] = last;
    }
  }

  #hold(address: number, size: number): void {
    this.model.allocate(address, size);
    this.#held.push(address);
  }

  #allocated(address: number, size: number): void {
    this.#hooks.allocated(this.#address(address), this.#address(size), 0);
  }

  #composed(address: number, size: number): void {
    this.#hooks.composed(this.#address(address), this.#address(size), 0);
  }

  #freeing(address: number): void {
    this.#hooks.freeing(this.#address(address));
  }

  #reallocating(address: number): void {
    const { leftBehind } = this.model;
    this.#hooks.reallocating(this.#address(address));
    if (address !== 0 && leftBehind && address !== leftBehind.address) {
      this.model.settleLeftBehind();
    }
  }

  #reallocated(old: number, address: number, size: number): void {
    this.#hooks.reallocated(this.#address(old), this.#address(address), this.#address(size), 0);
  }

  #malloc(): void {
    const address = this.#newAddress();
    const size = this.#size();
    this.#allocated(address, size);
    this.#hold(address, size);
  }

  #free(): void {
    const address = this.#pick();
    if (address === undefined) return;
    this.#freeing(address);
    this.model.free(address);
  }

  #freeUnknown(): void {
    const address = this.#newAddress();
    this.#freeing(address);
    this.model.free(address);
  }

  #duplicate(): void {
    const address = this.#pick();
    if (address === undefined) return;
    const size = this.#size();
    this.#allocated(address, size);
    this.#hold(address, size);
  }

  #calloc(): void {
    const address = this.#newAddress();
    const size = this.#size();
    const inner = size + this.#below(2) * this.#below(100);
    this.#hooks.composing();
    this.#allocated(address, inner);
    this.#composed(address, size);
    this.#hold(address, inner);
    this.model.resize(address, size);
  }

  #callocAlone(): void {
    const address = this.#newAddress();
    const size = this.#size();
    this.#hooks.composing();
    this.#composed(address, size);
    this.#hold(address, size);
  }

  #memalign(): void {
    const inner = this.#newAddress();
    const address = this.#newAddress();
    if (address === inner) return;
    const size = this.#size();
    this.#hooks.composing();
    this.#allocated(inner, size + 64);
    this.#composed(address, size);
    this.model.skipSequence();
    this.#hold(address, size);
  }

  #posixMemalign(): void {
    const address = this.#newAddress();
    const size = this.#size();
    this.#hooks.composing();
    this.#hooks.composing();
    this.#allocated(address, size + 16);
    this.#composed(address, size);
    this.#composed(address, size);
    this.#hold(address, size);
  }

  /** As a bad_alloc through operator new, after something else was allocated. */
  #composingThrows(): void {
    const address = this.#newAddress();
    const size = this.#size();
    this.#hooks.composing();
    this.#allocated(address, size);
    this.#hold(address, size);
  }

  #realloc(): void {
    const old = this.#pick();
    if (old === undefined) return;
    const address = this.#below(2) ? old : this.#newAddress();
    const size = this.#size() + 1;
    this.#reallocating(old);
    this.#reallocated(old, address, size);
    this.model.free(old);
    this.#hold(address, size);
  }

  #reallocByMalloc(): void {
    const old = this.#pick();
    if (old === undefined) return;
    const address = this.#newAddress();
    const size = this.#size() + 1;
    const inner = size + this.#below(100);
    this.#reallocating(old);
    this.#allocated(address, inner);
    this.#freeing(old);
    this.#reallocated(old, address, size);
    this.#hold(address, inner);
    this.model.free(old);
    this.model.resize(address, size);
  }

  #reallocFails(): void {
    const old = this.#pick();
    if (old === undefined) return;
    this.#reallocating(old);
    this.#reallocated(old, 0, this.#size() + 1);
  }

  #reallocFrees(): void {
    const old = this.#pick();
    if (old === undefined) return;
    this.#reallocating(old);
    this.#reallocated(old, 0, 0);
    this.model.free(old);
  }

  #reallocOfNull(): void {
    const address = this.#newAddress();
    const size = this.#size();
    this.#reallocating(0);
    if (this.#below(2)) this.#allocated(address, size);
    this.#reallocated(0, address, size);
    this.#hold(address, size);
  }

  #reallocUnknown(): void {
    const old = this.#newAddress();
    const address = this.#newAddress();
    const size = this.#size() + 1;
    this.#reallocating(old);
    this.#reallocated(old, address, size);
    this.model.free(old);
    this.#hold(address, size);
  }

  #reallocarray(): void {
    const old = this.#pick();
    if (old === undefined) return;
    const fails = this.#below(4) === 0;
    const address = this.#newAddress();
    const size = this.#size() + 1;
    this.#reallocating(old);
    this.#reallocating(old);
    for (let level = 0; level < 2; level++) this.#reallocated(old, fails ? 0 : address, size);
    if (fails) return;
    this.model.free(old);
    this.#hold(address, size);
  }

  #reallocThrows(): void {
    const old = this.#pick();
    if (old === undefined) return;
    this.#reallocating(old);
    this.model.leaveBehind(old);
  }

  /** The allocator hands out, or is handed back, what a realloc that threw had in hands. */
  #reuseLeftBehind(): void {
    const address = this.model.leftBehind?.address;
    if (address === undefined) return;
    const size = this.#size();
    if (this.#below(2)) {
      this.#allocated(address, size);
      this.#hold(address, size);
    } else {
      this.#freeing(address);
      this.model.free(address);
    }
  }

  #openScope(): void {
    if (this.model.frames.length > 20) return;
    const probe = this.#below(3);
    const key = this.#below(5) * 0x3fffffff;
    this.#hooks.scopeOpened(probe, key);
    this.model.open(`${probe} ${key >>> 0}`);
  }

  /** The innermost, or with it some around it, as by an exception. */
  #closeScope(): void {
    const depth = this.model.frames.length - 1;
    if (depth === 0) return;
    const token = this.#below(3) ? depth - 1 : this.#below(depth);
    this.#hooks.scopeClosed(token);
    this.model.close(token);
  }
}

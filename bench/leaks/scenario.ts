// The one shape of a scenario: a session on real GEGL, step by step, that leaks in one known place or not at all.

import type { Gegl } from '../../src/gegl/index.ts';

export type Engine = typeof Gegl;
/** A number from 0 to 1, from the scenario's own seed. */
export type Random = () => number;

export interface Scenario {
  readonly name: string;
  /** Null: clean, whatever it looks like. */
  readonly leaks: Leak | null;
  /** Everything runs in a worker thread, the profiler too. */
  readonly inWorker?: boolean;
  /**
   * How many steps make one action that ends as it began (1 when left out): what findLeaks() repeats. Null where no
   * number does, as in a session whose state wanders.
   */
  readonly action?: number | null;
  /** Live blocks that a clean session may leave, beside the caches that are warm (0 when left out). */
  readonly tolerance?: number;
  /**
   * Begins a session: all that is made here is there before the first step. The session must hold what it makes, lest
   * the garbage collector makes a leak of it that nobody planted.
   */
  readonly setUp: (world: World) => Session;
}

export interface Session {
  step(index: number, random: Random): void | Promise<void>;
  /** Releases what a right program releases at its end; what was leaked stays. */
  tearDown(): void;
}

export interface Leak {
  /** What is leaked. */
  readonly kind: LeakKind;
  /** Names of the guilty functions, of the application's or C's: a stack that matches names the guilty site. */
  readonly site: RegExp;
}

export type LeakKind = 'buffer' | 'node' | 'processor' | 'color' | 'block' | 'object' | 'memory';

export interface World {
  readonly engine: Engine;
  /** A function of native/test/leaks.c. */
  call(name: string, ...args: readonly number[]): number;
  /** One that takes a text. */
  callWithText(name: string, text: string): number;
  /** Address of a handle's native object. */
  addressOf(handle: object): number;
  /** To be told of each leak: it leaves at least so many blocks and bytes. */
  planted(blocks: number, bytes?: number): void;
}

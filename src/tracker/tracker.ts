// The JavaScript side of the tracker: makes it, connects modules to it, reads its figures.

import type {
  Block,
  CaptureFigures,
  HeapCounters,
  InstanceFigures,
  ScopeFigures,
  SiteFigures,
  SizeClass,
  TrackerOptions,
  TrackMode,
} from './types.ts';

export type * from './types.ts';

/**
 * Watches the heap of the modules that are attached to it. Needs neither DOM nor Node. One a thread; those of
 * one module's threads share a memory.
 */
export class Tracker {
  static create(_options: TrackerOptions): Tracker {
    throw new Error('not yet');
  }

  private constructor() {
    throw new Error('not yet');
  }

  /** Of the tracker, not of the module. Hand it to the module's other threads, which join with it. */
  declare readonly memory: WebAssembly.Memory;

  /** Puts the hooks into a rewritten module's table and switches them on, unless the mode is `off`. */
  declare attach: (exports: WebAssembly.Exports, pointerBits: 32 | 64) => void;
  /** Switches the module's hooks off. */
  declare detach: (exports: WebAssembly.Exports) => void;

  /** `off` leaves allocations and releases unseen: `complete` is false from then on. */
  declare mode: TrackMode;
  /** Mean bytes between samples, of this thread. */
  declare mean: number;
  declare budget: number;
  declare readonly captures: CaptureFigures;
  /** True when the tracker ran out of memory and stopped: its figures stand as they were then. */
  declare readonly failed: boolean;
  /** False when tracking was switched off for a time. */
  declare readonly complete: boolean;

  declare counters: () => HeapCounters;
  /** The classes in which blocks were ever allocated, by size. */
  declare sizeClasses: () => SizeClass[];
  declare sites: () => SiteFigures[];
  /**
   * The stack as the engine wrote it, '' where it could not. Its topmost frames are the tracker's: one of JavaScript,
   * then those of the tracker's wasm up to the wrapper, which is the first frame with the index of a watched function.
   */
  declare stackOf: (site: number) => string;
  declare scopes: () => ScopeFigures[];
  /** Closes what an exception left open; for a moment at which no wasm is on the stack. */
  declare closeScopes: () => void;
  declare instanceTypes: () => InstanceFigures[];
  declare forEachInstance: (visit: (address: number, probe: number, key: number) => void) => void;
  /** By rising address. */
  declare forEachBlock: (
    visit: (address: number, size: number, site: number, scope: number, sequence: number) => void,
  ) => void;
  /** The live block that begins at the address. */
  declare blockAt: (address: number) => Block | null;
}

// What tracking can be asked for.

import type { AllocatorRole, Probe } from '../../instrument/abi.ts';
import type { TrackMode } from '../../tracker/index.ts';
import type { TrackedHeap } from './registry.ts';
import type { Greeting } from './threads.ts';

/** What threads are told, too. */
export interface ThreadSettings {
  readonly mode: TrackMode;
  /** Share of wall time for taking stacks. 0.02 when left out. */
  readonly budget?: number;
  /** Least mean of bytes between samples. 64 KiB when left out. */
  readonly mean?: number;
  /**
   * Whether blocks are filled with zeros before they are freed, so that heap snapshots find every leak: no old
   * pointer in reused memory hides one. It costs time at each release. False when left out.
   */
  readonly scrub?: boolean;
}

export interface TrackOptions extends Partial<ThreadSettings> {
  /** Of the sampler. Random when left out. */
  readonly seed?: number;
  /** Names of functions by index, of a module without a name section. */
  readonly symbols?: ReadonlyMap<number, string>;
  /** Functions of the allocator that the caller knows. */
  readonly allocator?: Partial<Record<AllocatorRole, string | number>>;
  readonly probes?: readonly Probe[];
  /** Whether every allocation is told by its calling context. In the mode 'all' when left out. */
  readonly contexts?: boolean;
  /** Which modules; all that have an allocator when left out. */
  readonly match?: (url: string | null, bytes: Uint8Array) => boolean;
  /**
   * Which workers of a page start by our script, so that they join: those that may be threads of a module with
   * shared memory ('threads', when left out), all, or none.
   */
  readonly workers?: 'threads' | 'all' | 'none';
  /** Where workers find js/memory-profiler.js, where that can't be told from the page's own scripts. */
  readonly workerScript?: string | URL;
  /** Told of probes of the kinds 'call' and 'result', in the thread that loaded the module. */
  readonly onEvent?: (heap: TrackedHeap, probe: number, first: number, second: number) => void;
}

/** How a host other than a page lets threads know. */
export interface ThreadHost {
  /** What threads that start from now on shall be greeted with. */
  readonly onGreeting?: (greeting: Greeting) => void;
  /** What this thread was greeted with. */
  readonly greeting?: Greeting;
}

// trackLoads(): every module that loads from now on is rewritten and gets a tracker; the heaps that are
// tracked meet in one registry. Threads share the tracker of their module.

import type { AllocatorRole, InstrumentOptions, InstrumentReport } from '../../instrument/index.ts';
import type { LoadWarningCode } from '../../instrument/load/types.ts';
import type { Tracker, TrackMode } from '../../tracker/tracker.ts';

/** A module instance whose heap is tracked. */
export interface TrackedHeap {
  readonly tracker: Tracker;
  /** Null where the module was instrumented ahead of time. */
  readonly report: InstrumentReport | null;
  readonly pointerBits: 32 | 64;
  /** By function index in the rewritten module; read when first asked for. Empty where there are none. */
  readonly names: () => ReadonlyMap<number, string>;
  readonly instance: WebAssembly.Instance;
  /** Memory 0 of the module; null where it has none. */
  readonly memory: WebAssembly.Memory | null;
  /** Where the module came from, where that is known. */
  readonly url: string | null;
  /** `performance.now()` when it was instantiated. */
  readonly loadedAt: number;
}

export interface TrackOptions {
  /** 'sampled' when left out. */
  readonly mode?: TrackMode;
  /** Share of wall time for taking stacks. 0.02 when left out. */
  readonly budget?: number;
  /** Least mean of bytes between samples. */
  readonly mean?: number;
  readonly seed?: number;
  readonly symbols?: ReadonlyMap<number, string>;
  readonly allocator?: Partial<Record<AllocatorRole, string | number>>;
  /** Probes and contexts; contexts are on in mode 'all' when left out. */
  readonly probes?: InstrumentOptions['probes'];
  readonly contexts?: boolean;
  /** Which modules; all that have an allocator when left out. */
  readonly match?: (url: string | null, bytes: Uint8Array) => boolean;
  /** Which workers start by our script, so that they join: threads of a module when left out. */
  readonly workers?: 'threads' | 'all' | 'none';
  /** Where workers find js/memory-profiler.js, where that can't be told from the page's own scripts. */
  readonly workerScript?: string | URL;
  readonly onEvent?: (heap: TrackedHeap, probe: number, first: number, second: number) => void;
}

export interface LoadWarning {
  readonly code: LoadWarningCode;
  readonly message: string;
}

export interface Tracking {
  readonly options: TrackOptions;
  /** Modules that load from now on are left as they are; those that are tracked stay so. */
  stop(): void;
}

/** Tracks every matching module that loads from now on. Where that is on already, the tracking that is on. */
export declare function trackLoads(options?: TrackOptions): Tracking;

/** Heaps that are tracked now, in the order of loading; a module that the application dropped is gone. */
export declare function trackedHeaps(): readonly TrackedHeap[];

/** Told of every heap from now on, before the application has its module. @returns ends that. */
export declare function onTrackedHeap(listener: (heap: TrackedHeap) => void): () => void;

/** What could not be tracked, and why; the console has been told, too. */
export declare function loadWarnings(): readonly LoadWarning[];

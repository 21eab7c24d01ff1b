// The Recording: the contract between what watches a heap and what explains it. Plain data, JSON
// throughout, versioned. Numbers are bytes unless said otherwise, times are milliseconds, and null
// is "unknown": it is never written as 0.

import type {
  ModuleInstances,
  RecordedExit,
  RecordedHeapSnapshot,
  RecordedSeries,
} from './evidence-types.ts';
import type { RecordedHeap, TrackMode } from './heap-types.ts';

export type * from './evidence-types.ts';
export type * from './heap-types.ts';

/** The four kinds of object that an application makes. */
export type ObjectKind = 'buffers' | 'nodes' | 'processors' | 'colors';
export const OBJECT_KINDS: readonly ObjectKind[] = ['buffers', 'nodes', 'processors', 'colors'];

/** Live handles by kind. */
export type ObjectCounts = Record<ObjectKind, number>;

export const RECORDING_FORMAT = 'gegl-memory-profiler/recording';
export const RECORDING_VERSION = 7;

export interface Recording {
  readonly format: typeof RECORDING_FORMAT;
  readonly version: typeof RECORDING_VERSION;
  readonly profiler: { readonly name: string; readonly version: string };
  readonly environment: RecordingEnvironment;
  readonly options: RecordingOptions;
  readonly clock: RecordingClock;
  readonly sources: RecordingSources;
  readonly snapshots: SnapshotColumns;
  readonly objects: RecordedObjects;
  /** What lies in the heap; null where no module was tracked. */
  readonly heap: RecordedHeap | null;
  /** By rising time; the first and the last ones where there are very many. */
  readonly heapSnapshots: readonly RecordedHeapSnapshot[];
  /** What the application named a moment of; by rising time, the first and the last ones where there are very many. */
  readonly marks: readonly RecordedMark[];
  /** Of each module that is tracked, or in which a GEGL engine runs. */
  readonly instances: readonly ModuleInstances[];
  /** Null where no module was tracked. */
  readonly series: RecordedSeries | null;
  readonly warnings: readonly RecordedWarning[];
}

export interface RecordingEnvironment {
  readonly runtime: 'node' | 'page' | 'worker';
  /** `navigator.userAgent`, or `Node.js v20.1.0`. */
  readonly userAgent: string | null;
  /** Address of the page without query and fragment; null outside pages. */
  readonly page: string | null;
  readonly crossOriginIsolated: boolean | null;
  /** Versions of GEGL, babl and GLib; null where no GEGL engine announced itself. */
  readonly gegl: Readonly<Record<string, string>> | null;
}

export interface RecordingOptions {
  readonly sampleInterval: number;
  readonly trackObjects: boolean;
  /** The share of sessions that is profiled, 0 to 1. */
  readonly sampleRate: number;
  readonly maxSnapshots: number;
  /** How closely the allocations of the module were followed. */
  readonly trackAllocations: TrackMode;
}

export interface RecordingClock {
  /** When profiling started, in milliseconds since 1970 by the wall clock. */
  readonly startedAt: number;
  /** Elapsed time at the last sample, or at `stop()`. */
  readonly duration: number;
  readonly gaps: readonly ClockGap[];
}

/** A stretch of time in which no sample could be taken, or in which the wall clock was set. */
export interface ClockGap {
  /** Elapsed times of the samples before and after. */
  readonly from: number;
  readonly to: number;
  /**
   * `hidden`: a throttled timer of a hidden page; `delayed`: the timer came late, as when the thread
   * is busy; `suspended`: the wall clock ran ahead of the steady one, as when the machine sleeps (or
   * its clock is set forward); `clock-set`: the wall clock fell behind; `stopped`: between `stop()`
   * and the next `start()`.
   */
  readonly reason: 'hidden' | 'suspended' | 'delayed' | 'clock-set' | 'stopped';
}

/** Where figures come from; `unknown` and `none` go with null columns. */
export interface RecordingSources {
  readonly heapUsed: HeapUsedSource;
  readonly jsMemory: JsMemorySource;
  readonly gegl: 'gegl-stats' | 'none';
}

/**
 * `tracker`: the bytes that were asked for, counted as they were handed out; `mallinfo`: the allocator's own
 * count of the bytes in use, its overhead included.
 */
export type HeapUsedSource = 'tracker' | 'mallinfo' | 'unknown';

export type JsMemorySource =
  | 'performance.memory'
  | 'measureUserAgentSpecificMemory'
  | 'process.memoryUsage'
  | 'none';

/** A column of figures, one a snapshot. */
export type Column = readonly (number | null)[];

/**
 * Snapshots by column; row `i` of every column is snapshot `i`, oldest first. Old snapshots are
 * thinned out, peaks kept, so neighbours need not be one interval apart: use `elapsed`.
 */
export interface SnapshotColumns {
  /** Since `clock.startedAt`, by a clock that only goes forward. Strictly increasing. */
  readonly elapsed: readonly number[];
  /** The wall clock, since 1970. */
  readonly timestamp: readonly number[];
  /** How many samples were taken up to and with this one, those thinned out included. */
  readonly sequence: readonly number[];
  /** Bytes of the wasm memory; grows in steps and never shrinks. */
  readonly heapSize: Column;
  /** Bytes that the allocator has handed out. */
  readonly heapUsed: Column;
  /** Bytes and blocks that are in use, as they were asked for; null where no module is tracked. */
  readonly liveBytes: Column;
  readonly liveBlocks: Column;
  readonly staticBytes: Column;
  readonly stackBytes: Column;
  readonly usedJSHeapSize: Column;
  readonly totalJSHeapSize: Column;
  readonly jsHeapSizeLimit: Column;
  readonly buffers: readonly number[];
  readonly nodes: readonly number[];
  readonly processors: readonly number[];
  readonly colors: readonly number[];
  /** The pixels of all buffers that exist, once all are written: those with a lost handle among them. */
  readonly bufferBytes: readonly number[];
  /** GEGL's tile cache, and the limit that it keeps below. */
  readonly tileCache: Column;
  readonly tileCacheLimit: Column;
  /** What GEGL's tile allocator holds, pooled blocks included; tiles in the cache lie in it. */
  readonly tileAlloc: Column;
  readonly scratch: Column;
  readonly swap: Column;
}

export type ColumnName = keyof SnapshotColumns;

/** The columns of figures that JavaScript's heap and GEGL give. */
export const JS_MEMORY_COLUMNS = [
  'usedJSHeapSize',
  'totalJSHeapSize',
  'jsHeapSizeLimit',
] as const satisfies ColumnName[];
export const GEGL_COLUMNS = [
  'tileCache',
  'tileCacheLimit',
  'tileAlloc',
  'scratch',
  'swap',
] as const satisfies ColumnName[];

export const COLUMN_NAMES: readonly ColumnName[] = [
  'elapsed',
  'timestamp',
  'sequence',
  'heapSize',
  'heapUsed',
  'liveBytes',
  'liveBlocks',
  'staticBytes',
  'stackBytes',
  ...JS_MEMORY_COLUMNS,
  ...OBJECT_KINDS,
  'bufferBytes',
  ...GEGL_COLUMNS,
];

export interface RecordedObjects {
  readonly totals: Record<ObjectKind, ObjectTotals>;
  /** Stacks that objects refer to by index. */
  readonly stacks: readonly string[];
  /** Live objects: the oldest and the biggest, at most a few hundred of each. */
  readonly live: readonly ObjectRecord[];
  /** Handles that were garbage-collected without release; the first few hundred. */
  readonly collected: readonly ObjectRecord[];
  /** Ids of listed processors whose work was not done when that was last known. */
  readonly unfinished: readonly number[];
  /** The first few. */
  readonly exits: readonly RecordedExit[];
}

export interface ObjectTotals {
  readonly created: number;
  readonly destroyed: number;
  /** Handles that exist and are not destroyed. */
  readonly live: number;
  /** Handles that were garbage-collected although never destroyed: leaked for certain. */
  readonly collected: number;
}

export interface ObjectRecord {
  readonly id: number;
  readonly kind: ObjectKind;
  /** What it is, for a reader: `buffer 100 x 80 RGBA float`, `node gegl:gaussian-blur`. */
  readonly description: string;
  /** Elapsed time of the creation; null when it was before `start()`. */
  readonly createdAt: number | null;
  /** Elapsed time at which the loss was noticed; null for live objects. */
  readonly collectedAt: number | null;
  /** Bytes of the pixels, from extent and format; null for other kinds. */
  readonly bytes: number | null;
  /** Index into `stacks` of the creation stack; null when it is not known. */
  readonly stack: number | null;
}

/** A moment with a name, by `mark()`; a snapshot was taken at it. */
export interface RecordedMark {
  readonly elapsed: number;
  readonly name: string;
}

export interface RecordedWarning {
  readonly code: string;
  readonly message: string;
  readonly elapsed: number;
}

// --- what analysis finds ---

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  readonly type: string;
  readonly severity: Severity;
  /** For a person: one sentence, and another where growth is young (docs/leaks.md). */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A leak detector: a pure function of the recording. */
export type Detector = (recording: Recording) => Finding[];

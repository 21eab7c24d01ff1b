// The parts of a Recording that leaks are proven with: figures by type, site and operation over time, what
// heap snapshots found, and what lived when an engine exited.

import type { ObjectCounts, ObjectRecord } from './types.ts';

type Live = readonly (number | null)[];

/**
 * Live figures over time; row `i` of every list belongs to `elapsed[i]`. Thinned evenly. Null: not known then;
 * of sites in the mode `sampled`, estimates.
 */
export interface RecordedSeries {
  /** As in `snapshots`. Strictly increasing, both. */
  readonly elapsed: readonly number[];
  readonly sequence: readonly number[];
  /** Bytes from one sampled block to the next, on average; 1: sites are exact; null: no stacks were taken. */
  readonly sampleMean: number | null;
  /** Instances by type. */
  readonly types: readonly { readonly name: string; readonly live: Live }[];
  readonly sites: readonly SiteSeries[];
  readonly operations: readonly OperationSeries[];
}

export interface SiteSeries {
  /** Frames as text, innermost first; the allocator's and what passes allocations on left out. */
  readonly stack: readonly string[];
  readonly liveBytes: Live;
  readonly liveBlocks: Live;
}

export interface OperationSeries {
  readonly name: string;
  readonly liveBytes: Live;
  readonly liveBlocks: Live;
}

/** What a heap snapshot found. */
export interface RecordedHeapSnapshot {
  readonly elapsed: number;
  /** What is unreachable in it is not told of in later ones. */
  readonly isBaseline: boolean;
  readonly blocks: number;
  readonly bytes: number;
  readonly unreachableBlocks: number;
  readonly unreachableBytes: number;
  /** The share of edges that are interior or tagged pointers. */
  readonly ambiguousShare: number;
  /** The share of live bytes that is charged to something with a name. */
  readonly explained: number | null;
  /** False where JavaScript may keep objects of this module of which nobody knows; null: not looked for. */
  readonly knowsHandles: boolean | null;
  /** Beyond the baseline, by site; most bytes first; at most 200. */
  readonly unreachable: readonly UnreachableGroup[];
  /** Objects that outlived what they were made for; null where nobody looked for them. */
  readonly remnants: readonly Remnant[] | null;
  /**
   * Sites of ten blocks at least, each of which has a word of its own in static data, which never grows. At most 200;
   * null where nobody looked for them.
   */
  readonly staticPlaces:
    | readonly { readonly stack: readonly string[]; readonly blocks: number }[]
    | null;
}

/** Blocks of one site that nothing points to. */
export interface UnreachableGroup {
  /** Innermost first; null: not known. */
  readonly stack: readonly string[] | null;
  /** What the blocks are known to be, such as `GeglBuffer`. */
  readonly type: string | null;
  /** The operation that was at work; null: none, or not known. */
  readonly operation: string | null;
  readonly blocks: number;
  readonly bytes: number;
  /** Those of the blocks to which no other of them points, either; the rest hangs on these. Null: not recorded. */
  readonly structures: number | null;
  /** Numbers of the first and the last of their allocations, which wrap at 2^32. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /**
   * Structures of it that an earlier heap snapshot found, and that have been freed since: the program still knew them
   * by a pointer that no scan sees. Null where nobody looked.
   */
  readonly freed: number | null;
  /** Structures that still are there although allocated before the last of those. */
  readonly overdue: number | null;
}

/** What is alive of one module, which may be loaded again and again, in this page, worker or process. */
export interface ModuleInstances {
  /** Its address, or what else is known of it, such as `GEGL 0.4.62`. */
  readonly module: string;
  /** Instances that were seen, and that have been collected since; where they are not tracked, that have ended. */
  readonly released: number;
  /** In the order in which they were first seen; at most 100. */
  readonly alive: readonly ModuleInstance[];
}

export interface ModuleInstance {
  /** Elapsed time; null: before the start. */
  readonly loadedAt: number | null;
  /** When it was last seen to have allocated or freed something; null: not known, as it is not tracked. */
  readonly usedAt: number | null;
  /** Of its memory. */
  readonly bytes: number;
}

export const REMNANT_KINDS = [
  /** A node that no graph holds as its child. */
  'node-without-graph',
  /** A buffer, such as the cache of its results, that only an operation holds whose node is in no graph. */
  'buffer-of-dead-operation',
  /** A color without a handle that only properties of such an operation hold. */
  'color-in-property',
] as const;

/** Objects of one kind, of one site. */
export interface Remnant {
  readonly kind: (typeof REMNANT_KINDS)[number];
  readonly count: number;
  /** With what only they hold. */
  readonly bytes: number;
  readonly stack: readonly string[] | null;
  /** Who holds the first of them, from the root to it. */
  readonly path: readonly string[];
  /** Of the operation or node that holds it, or that it is. */
  readonly operation: string | null;
}

/** An engine that exited: objects that were not destroyed before. Aborts are none. */
export interface RecordedExit {
  readonly elapsed: number;
  readonly counts: ObjectCounts;
  /** Those with a handle at the time, the first few hundred. */
  readonly objects: readonly ObjectRecord[];
}

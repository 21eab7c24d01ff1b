// The part of a Recording that tells what lies in the heap: exact counts, and where it was allocated.
// Tables are columns of one length; a column named after another table holds places in it. Numbers are
// bytes unless said otherwise, times are milliseconds, and null is "unknown".

/**
 * How closely allocations are followed. `counts`: every allocation is counted, none is asked where it came
 * from; `sampled`: stacks are taken of a sample, from which estimates are made; `all`: of each.
 */
export type TrackMode = 'off' | 'counts' | 'sampled' | 'all';
export const TRACK_MODES: readonly TrackMode[] = ['off', 'counts', 'sampled', 'all'];

export interface RecordedHeap {
  readonly module: TrackedModule;
  /** The mode at the end; an earlier part of the recording may have had another. */
  readonly mode: TrackMode;
  readonly accounting: HeapAccounting;
  readonly totals: HeapTotals;
  readonly sizeClasses: SizeClassColumns;
  readonly ages: AgeColumns;
  /** Null where no stacks were taken. */
  readonly sites: RecordedSites | null;
  /** Instances by type; null where the functions that make them could not be watched. */
  readonly instances: InstanceColumns | null;
  /** Single instances to which bytes were charged, the biggest first; null where that can't be told. */
  readonly holders: HolderColumns | null;
  /** Scopes by name, such as the operations of GEGL; null where they could not be watched. */
  readonly operations: OperationColumns | null;
  /** The share of live bytes that is charged to something with a name; null where no heap snapshot was taken. */
  readonly explained: number | null;
  /** Size of the memory in which the blocks are kept, beside the module's own; null where that was not written down. */
  readonly trackerBytes: number | null;
}

/** The module whose heap it is, and how its allocator was found. */
export interface TrackedModule {
  /** Null where it was not loaded from an address. */
  readonly url: string | null;
  /** `dlmalloc`, `mimalloc`, `emmalloc`; null where that could not be told. */
  readonly allocator: string | null;
  /** `user`, `export`, `glue`, `names`, `code` or `fingerprint`; null for a module instrumented ahead of time. */
  readonly foundBy: string | null;
  readonly confidence: 'certain' | 'likely' | null;
  readonly pointerBits: number;
  readonly sharedMemory: boolean;
  /** Whether the names of its functions are known. */
  readonly hasNames: boolean;
}

/** Whether the figures add up. */
export interface HeapAccounting {
  /** Releases of addresses that no allocation was seen of. */
  readonly unknownFrees: number;
  /** Allocations at addresses that were in use already. */
  readonly duplicateAllocations: number;
  /** Whether the allocator itself agreed, when it was asked last; null where it can't be asked. */
  readonly verified: boolean | null;
  /** `mallinfo`: its sum of bytes; `heap-walk`: each of its blocks, one by one. */
  readonly verifiedBy: 'mallinfo' | 'heap-walk' | null;
  readonly comparison: HeapComparison | null;
}

/** What is in use by both sides; bytes are those of the allocator's chunks, its own overhead included. */
export interface HeapComparison {
  readonly trackedBytes: number;
  readonly allocatorBytes: number;
  /** Blocks in use that were not tracked, and tracked ones that are not in use; null where only bytes are known. */
  readonly untrackedBlocks: number | null;
  readonly unallocatedBlocks: number | null;
}

export interface HeapFigure {
  /** As requested, without the allocator's overhead. */
  readonly bytes: number;
  readonly blocks: number | null;
}

export interface HeapTotals {
  readonly live: HeapFigure;
  readonly peak: HeapFigure;
  readonly allocated: HeapFigure;
  readonly freed: HeapFigure;
}

type Numbers = readonly number[];
type Nullable = readonly (number | null)[];

/** Blocks by their size: row i has those of `from[i]` bytes up to below `from[i + 1]`. */
export interface SizeClassColumns {
  readonly from: Numbers;
  readonly liveBytes: Numbers;
  readonly liveBlocks: Numbers;
  readonly totalBytes: Numbers;
  readonly totalBlocks: Numbers;
}

/** Live blocks by the elapsed time from which on they were allocated; null: before the first snapshot. */
export interface AgeColumns {
  readonly from: Nullable;
  readonly bytes: Numbers;
  readonly blocks: Numbers;
}

/** Where allocations came from. */
export interface RecordedSites {
  readonly sampling: Sampling;
  /** Sites that were left out because there are too many; their figures are in the row without a stack. */
  readonly omitted: number;
  readonly sources: SourceColumns;
  readonly functions: FunctionColumns;
  readonly frames: FrameColumns;
  readonly stacks: StackColumns;
  readonly figures: SiteColumns;
}

export interface Sampling {
  /** Bytes from one sample to the next, on average, at the end; 1 byte where each allocation is one. */
  readonly mean: number;
  /** Stacks that were taken, and the time that it took. */
  readonly captures: number;
  readonly time: number;
}

/** What code was loaded from. */
export interface SourceColumns {
  /** Null where it is not known. */
  readonly url: readonly (string | null)[];
  /**
   * `wasm`: the tracked module, `glue`: the script that loads it; `profiler`: this project's scripts;
   * `platform`: the engine's own, such as `node:`; `application`: all else, other modules among it.
   */
  readonly kind: readonly SourceKind[];
}

export type SourceKind = 'application' | 'glue' | 'wasm' | 'profiler' | 'platform';
export const SOURCE_KINDS: readonly SourceKind[] = [
  'application',
  'glue',
  'wasm',
  'profiler',
  'platform',
];

export interface FunctionColumns {
  /** Null where it has none, or it is not known. */
  readonly name: readonly (string | null)[];
  readonly source: Nullable;
  /** Of a wasm function, its index in its original module; null for JavaScript. */
  readonly index: Nullable;
}

export interface FrameColumns {
  readonly function: Numbers;
  readonly line: Nullable;
  readonly column: Nullable;
  /** In wasm, the byte offset in the original module. */
  readonly offset: Nullable;
}

/** A stack is a frame, and the stack that called it: null at the bottom, else a row above. */
export interface StackColumns {
  readonly frame: Numbers;
  readonly caller: Nullable;
}

/**
 * Figures by allocation site. Where allocations are sampled they are estimates without bias, each with its
 * standard error (0 where nothing was estimated).
 */
export interface SiteColumns {
  /** The innermost frame; null for allocations whose stack is not known. */
  readonly stack: Nullable;
  readonly liveBytes: Numbers;
  readonly liveBytesError: Numbers;
  readonly liveBlocks: Numbers;
  readonly liveBlocksError: Numbers;
  readonly totalBytes: Numbers;
  readonly totalBytesError: Numbers;
  readonly totalBlocks: Numbers;
  readonly totalBlocksError: Numbers;
  /** At the highest of `liveBytes`; of stacks that are one to a reader, the sum of their peaks: at most this. */
  readonly peakBytes: Numbers;
  readonly peakBlocks: Numbers;
  /** Samples that the estimates were made from, and those of them that are live. */
  readonly samples: Numbers;
  readonly liveSamples: Numbers;
}

/** Exact counts of instances, of a type each. */
export interface InstanceColumns {
  readonly type: readonly string[];
  readonly created: Numbers;
  readonly freed: Numbers;
  readonly live: Numbers;
  /** Of the blocks in which the live ones lie; null where none is known. */
  readonly ownBytes: Nullable;
  /** Of blocks that are known to belong to them, such as the tiles of a buffer; null where that can't be told. */
  readonly chargedBytes: Nullable;
}

export interface HolderColumns {
  /** Place in `instances`. */
  readonly instance: Numbers;
  readonly address: Numbers;
  readonly chargedBytes: Numbers;
  readonly chargedBlocks: Numbers;
}

/** Exact figures of what was allocated while a scope was the innermost one that was open. */
export interface OperationColumns {
  readonly name: readonly string[];
  readonly runs: Numbers;
  readonly totalBytes: Numbers;
  readonly totalBlocks: Numbers;
  readonly liveBytes: Numbers;
  readonly liveBlocks: Numbers;
  /** By how much the live bytes of the whole heap rose above where they were at the opening, at most. */
  readonly peakBytes: Numbers;
}

/** The rows of a table of columns. */
export type RowOf<Columns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends readonly (infer Value)[] ? Value : never;
};

const number = 'number';
const nullable = 'number|null';
const figures = <Name extends string>(...names: Name[]): [Name, string][] =>
  names.map((name) => [name, number]);

/** The tables above: the type of each column, and into which table it leads. */
export const HEAP_TABLES = {
  sizeClasses: figures('from', 'liveBytes', 'liveBlocks', 'totalBytes', 'totalBlocks'),
  ages: [['from', nullable], ...figures('bytes', 'blocks')],
  instances: [
    ['type', 'string'],
    ...figures('created', 'freed', 'live'),
    ['ownBytes', nullable],
    ['chargedBytes', nullable],
  ],
  holders: figures('instance', 'address', 'chargedBytes', 'chargedBlocks'),
  operations: [
    ['name', 'string'],
    ...figures('runs', 'totalBytes', 'totalBlocks', 'liveBytes', 'liveBlocks', 'peakBytes'),
  ],
} as const satisfies Record<string, readonly (readonly [string, string])[]>;

export const SITE_TABLES = {
  sources: [
    ['url', 'string|null'],
    ['kind', `=${SOURCE_KINDS.join('|')}`],
  ],
  functions: [
    ['name', 'string|null'],
    ['source', nullable],
    ['index', nullable],
  ],
  frames: [
    ['function', number],
    ['line', nullable],
    ['column', nullable],
    ['offset', nullable],
  ],
  stacks: [
    ['frame', number],
    ['caller', nullable],
  ],
  figures: [
    ['stack', nullable],
    ...figures(
      'liveBytes',
      'liveBytesError',
      'liveBlocks',
      'liveBlocksError',
      'totalBytes',
      'totalBytesError',
      'totalBlocks',
      'totalBlocksError',
      'peakBytes',
      'peakBlocks',
      'samples',
      'liveSamples',
    ),
  ],
} as const satisfies Record<string, readonly (readonly [string, string])[]>;

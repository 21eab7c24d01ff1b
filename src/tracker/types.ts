// What the tracker tells about a heap. Bytes are bytes; a block is what one malloc returned.

/** `off`: hooks are in and do nothing; `counts`: no stacks; `sampled`: stacks of a sample; `all`: of every block. */
export type TrackMode = 'off' | 'counts' | 'sampled' | 'all';

/** Exact figures, over all threads. */
export interface HeapCounters {
  readonly liveBytes: number;
  readonly liveBlocks: number;
  /** The most that was live at a time. */
  readonly peakBytes: number;
  readonly allocatedBytes: number;
  readonly allocatedBlocks: number;
  readonly freedBytes: number;
  readonly freedBlocks: number;
  /** Releases of addresses that were not live: allocations that were not seen, or a function that is no free. */
  readonly unknownFrees: number;
  /** Allocations at addresses that were live still: releases that were not seen. */
  readonly duplicateAllocations: number;
  /** Addresses that the map can't hold: from 16 GiB on, or, with shared memory, no multiples of 4. Not counted elsewhere. */
  readonly misaligned: number;
  /** Releases of instances whose creation was not seen. */
  readonly unknownInstances: number;
  /** Number of the last allocation (modulo 2^32): a block with a higher one came later. */
  readonly sequence: number;
}

/** Blocks of least to less than twice least bytes; least is 0 for empty blocks. */
export interface SizeClass {
  readonly least: number;
  readonly liveBytes: number;
  readonly liveBlocks: number;
  readonly allocatedBytes: number;
  readonly allocatedBlocks: number;
}

/** Estimates from `samples` sampled blocks; unbiased (Horvitz-Thompson). Exact (variance 0) where each block is one. */
export interface SampleFigures {
  readonly samples: number;
  readonly count: number;
  readonly bytes: number;
  /** Estimated variance of count: its standard error squared. */
  readonly countVariance: number;
  readonly bytesVariance: number;
}

export interface SiteFigures {
  /** Names the site in this tracker; no dense number. */
  readonly site: number;
  readonly live: SampleFigures;
  readonly total: SampleFigures;
  /** The highest that the estimate of live bytes was, and the estimated count then. */
  readonly peakBytes: number;
  readonly peakCount: number;
}

export interface ScopeFigures {
  /** As in a block's scope; 0 there means none. */
  readonly id: number;
  /** Position of the probe in the options of instrumentWasm; null: all scopes beyond the 65,534th kind. */
  readonly probe: number | null;
  readonly key: number;
  /** How often it was opened. */
  readonly runs: number;
  /** Allocated while it was the innermost open scope, and what of it is live. */
  readonly allocatedBytes: number;
  readonly allocatedBlocks: number;
  readonly liveBytes: number;
  readonly liveBlocks: number;
  /** The most by which the heap's live bytes rose above those at its opening, in any run, inner scopes included. */
  readonly peakBytes: number;
}

/** Instances by the probe that saw their creation and its key. */
export interface InstanceFigures {
  readonly probe: number;
  readonly key: number;
  readonly created: number;
  readonly freed: number;
  readonly live: number;
}

export interface Block {
  readonly address: number;
  readonly size: number;
  /** 0: not sampled. */
  readonly site: number;
  /** 0: none was open. */
  readonly scope: number;
  readonly sequence: number;
}

export interface TrackerOptions {
  /** Whether the profiled module's memory is shared between threads. */
  readonly shared: boolean;
  /** The memory of a tracker in another thread, to join it; shared must be true. */
  readonly memory?: WebAssembly.Memory;
  readonly mode: TrackMode;
  /**
   * Share of wall time that stacks may take in the mode `sampled` (default 0.02), and in the mode `all` those of
   * allocations without a calling context where others have one (default 0.1); 1 or more: the mean stays as it is.
   */
  readonly budget?: number;
  /** Mean bytes between samples, the least that adapting to the budget may choose (default 64 KiB). */
  readonly mean?: number;
  /** See `Tracker.scrub`; false when left out. */
  readonly scrub?: boolean;
  /** Of the sampler; random when left out. */
  readonly seed?: number;
  /** Frames kept of a stack (default 64). */
  readonly stackDepth?: number;
  /** Probes of the kinds `call` and `result`. What it throws is dropped. */
  onEvent?(probe: number, first: number, second: number): void;
  /** Milliseconds; performance.now when left out. */
  now?(): number;
}

/** Time taken by stacks, of this thread. */
export interface CaptureFigures {
  readonly count: number;
  /** Milliseconds. */
  readonly time: number;
}

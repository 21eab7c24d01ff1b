// The small part of heap tracking that every profiler has: whether it is there, and the heap of a module. What
// rewrites, tracks and reads is loaded beside it, or not at all.

import type { RecordedSeries } from '../../recording/evidence-types.ts';
import type { RecordedHeap, TrackMode } from '../../recording/heap-types.ts';
import type { HeapKnowledge } from './image/capture.ts';
import type { LiveFigures } from './live.ts';
import type { ThreadHost, TrackOptions } from './track-options.ts';

/** One recording's view of a tracked heap. */
export interface HeapWatch {
  readonly mode: TrackMode;
  setMode(mode: TrackMode): void;
  /** Takes the stack of every allocation, at any cost, and scrubs what is freed. @returns ends that; `mode` is not touched. */
  followAll(): () => void;
  /**
   * What is live now; to be called with each snapshot. Null once the tracker has stopped.
   *
   * @param isBetweenTasks whether no function of the module is running.
   */
  sample(
    elapsed: number,
    isBetweenTasks: boolean,
  ): { readonly bytes: number; readonly blocks: number } | null;
  record(allocatorBytes: () => number | null): RecordedHeap;
  /** Adds a row to `series()`, where one is due. */
  note(elapsed: number, sequence: number, isTimed: boolean): void;
  series(): RecordedSeries;
  live(): LiveFigures;
  /** Frames of a site of `live()` as text, innermost first. */
  stackOf(site: number): readonly string[];
  /** What a user should know, each once. */
  takeWarnings(): { readonly code: string; readonly message: string }[];
  readonly memory: WebAssembly.Memory | null;
  /** As of now, also where the tracker has not seen all. */
  readonly liveBytes: number;
  /** What an image of the heap is taken with. Null where there is no memory. */
  knowledge(): HeapKnowledge | null;
}

export interface HeapTracking {
  /** Tracks modules that load from now on. */
  instrument(options: TrackOptions, host?: ThreadHost): { stop(): void };
  /** Whether modules that load now are tracked. */
  readonly isOn: boolean;
  /** Heaps in this memory; null: all that are tracked. The one that holds most is first. */
  find(memory: ArrayBufferLike | null): readonly HeapWatch[];
  /** Those that are tracked and have a memory, in the order of loading. `moves`: allocations and releases so far. */
  instances(): readonly {
    readonly key: object;
    readonly module: string;
    readonly memory: WebAssembly.Memory;
    readonly moves: number;
  }[];
  /** What could not be tracked, and why, in the order in which it was met. */
  warnings(): readonly { readonly code: string; readonly message: string }[];
  /** Of modules in which no allocator was found. */
  untracked(): readonly string[];
}

const KEY = Symbol.for('gegl-memory-profiler/heap-tracking@1');

/** Null where it was not loaded. */
export function heapTracking(): HeapTracking | null {
  return holder()[KEY] ?? null;
}

export function provideHeapTracking(tracking: HeapTracking): void {
  holder()[KEY] ??= tracking;
}

function holder(): { [KEY]?: HeapTracking } {
  return globalThis as { [KEY]?: HeapTracking };
}

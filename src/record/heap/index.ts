// Tracking of heaps, put together: modules that load are rewritten with the probes that this project knows, and
// each heap has a reader. Scripts that were loaded apart share the first one's.

import { geglProbes } from '../../gegl/probes.ts';
import { isShared } from '../../instrument/load/memory-kind.ts';
import type { TrackMode } from '../../recording/heap-types.ts';
import { type AgeMark, HeapReader, type SymbolNames } from './heap-reader.ts';
import { allProbes } from './instrument-options.ts';
import { loadWarnings, registry, type TrackedHeap, trackedHeaps } from './registry.ts';
import { SeriesRecorder } from './series.ts';
import { trackLoads } from './track-loads.ts';
import type { ThreadHost, TrackOptions } from './track-options.ts';
import { type HeapTracking, type HeapWatch, provideHeapTracking } from './tracking.ts';

/** Marks of time by which ages are told; when there are too many, every other one is dropped. */
const MAX_MARKS = 64;

const readers = new WeakMap<TrackedHeap, HeapReader>();
let symbols: SymbolNames | undefined;

function readerOf(heap: TrackedHeap): HeapReader {
  const known = readers.get(heap);
  if (known) return known;
  const reader = new HeapReader(heap, geglProbes, symbols);
  readers.set(heap, reader);
  return reader;
}

const tracking: HeapTracking = {
  get isOn() {
    return registry().tracking !== null;
  },

  instrument(options: TrackOptions, host?: ThreadHost) {
    symbols = options.symbols ?? symbols;
    const { probes = [], onEvent } = options;
    const known = geglProbes.probes.length;
    return trackLoads(
      {
        ...options,
        probes: allProbes(probes),
        onEvent(heap, probe, first, second) {
          if (probe < known) readerOf(heap).event(probe, first, second);
          else onEvent?.(heap, probe - known, first, second);
        },
      },
      host,
    );
  },

  find(memory) {
    return trackedHeaps()
      .filter((heap) => memory === null || heap.memory?.buffer === memory)
      .map((heap) => new Watch(readerOf(heap)))
      .sort((one, other) => other.liveBytes - one.liveBytes);
  },

  instances() {
    return trackedHeaps().flatMap((heap) => {
      const { memory, tracker, url, report } = heap;
      if (!memory) return [];
      const { allocatedBlocks, freedBlocks } = tracker.counters();
      const module = url ?? `a module of ${report?.inputBytes ?? 'unknown'} bytes`;
      return { key: heap, module, memory, moves: allocatedBlocks + freedBlocks };
    });
  },

  warnings: loadWarnings,
  untracked: () => [...registry().untracked],
};
provideHeapTracking(tracking);

class Watch implements HeapWatch {
  readonly #reader: HeapReader;
  #marks: AgeMark[] = [];
  readonly #told = new Set<string>();
  readonly #series = new SeriesRecorder();

  constructor(reader: HeapReader) {
    this.#reader = reader;
  }

  get memory(): WebAssembly.Memory | null {
    return this.#reader.heap.memory;
  }

  get liveBytes(): number {
    return this.#reader.heap.tracker.counters().liveBytes;
  }

  get mode(): TrackMode {
    return this.#reader.mode;
  }

  setMode(mode: TrackMode): void {
    this.#reader.heap.tracker.mode = mode;
  }

  followAll(): () => void {
    const { tracker } = this.#reader.heap;
    const { scrub } = tracker;
    const restore = tracker.followEach();
    tracker.scrub = true;
    return () => {
      tracker.scrub = scrub;
      restore();
    };
  }

  knowledge() {
    return this.#reader.knowledge();
  }

  sample(elapsed: number, isBetweenTasks: boolean) {
    const { tracker } = this.#reader.heap;
    // What is open then, an exception has left so.
    if (isBetweenTasks) tracker.closeScopes();
    const { liveBytes: bytes, liveBlocks: blocks, sequence } = tracker.counters();
    this.#marks.push({ elapsed, sequence });
    if (this.#marks.length > MAX_MARKS) this.#marks = this.#marks.filter((_, at) => at % 2 === 0);
    return tracker.failed || !tracker.complete ? null : { bytes, blocks };
  }

  record(allocatorBytes: () => number | null) {
    return this.#reader.record(this.#marks, allocatorBytes);
  }

  note(elapsed: number, sequence: number, isTimed: boolean): void {
    this.#series.add(elapsed, sequence, isTimed, () => this.#reader.live());
  }

  series() {
    return this.#series.build((site) => this.stackOf(site), this.#reader.sampleMean);
  }

  live() {
    return this.#reader.live();
  }

  stackOf(site: number) {
    return this.#reader.stackOf(site);
  }

  takeWarnings() {
    const { heap, functions } = this.#reader;
    const { tracker, report } = heap;
    const { unknownFrees, duplicateAllocations } = tracker.counters();
    const found: [string, string | false | null][] = [
      [
        'heap-without-names',
        !functions.haveNames &&
          'The module has no names of functions: sites show wasm-function[index], and instances and operations are not known. ' +
            'Link it with --profiling-funcs, or with --emit-symbol-map and hand the map to instrument({ symbols }) or symbolize().',
      ],
      [
        'heap-tracker-full',
        tracker.failed && 'The tracker ran out of memory; its figures stand as they were then.',
      ],
      [
        'heap-incomplete',
        !tracker.complete &&
          'Tracking was off for a time, so what is live is not known. Let it be on from the load of the module.',
      ],
      [
        'heap-accounting',
        unknownFrees + duplicateAllocations > 0 &&
          `The figures of the heap do not add up: ${unknownFrees} releases of blocks whose allocation was not seen, ` +
            `${duplicateAllocations} allocations at addresses in use. ` +
            (isShared(heap.memory)
              ? 'A thread may not be followed: in Node, start with --import gegl-memory-profiler/register; in a page, threads start by js/memory-profiler.js. Or a'
              : 'A') +
            ' function of the allocator may be missing; name it with instrument({ allocator }).',
      ],
      [
        'heap-unverified',
        this.#reader.verification.verified === false &&
          'The allocator has other blocks in use than those that were tracked; see accounting in the report.',
      ],
      ...(report?.warnings ?? []).map((message): [string, string] => ['heap-instrument', message]),
    ];
    return found.flatMap(([code, message]) => {
      const key = code === 'heap-accounting' ? code : `${code} ${message}`;
      if (!message || this.#told.has(key)) return [];
      this.#told.add(key);
      return { code, message };
    });
  }
}

// The recorder: takes snapshots of the watched module and keeps what a Recording holds.

import { byName } from '../recording/by-name.ts';
import {
  GEGL_COLUMNS,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedHeap,
  type RecordedHeapSnapshot,
  type RecordedMark,
  type RecordedSeries,
  type RecordedWarning,
  type Recording,
  type RecordingOptions,
  type RecordingSources,
  type SnapshotColumns,
  type TrackMode,
} from '../recording/types.ts';
import { RecordingClock } from './clock.ts';
import { environment } from './environment.ts';
import { wrapConstructors } from './foreign-objects.ts';
import { type HeapWatch, heapTracking } from './heap/tracking.ts';
import { History, type Row } from './history.ts';
import { InstanceTable } from './instances.ts';
import { JsMemoryReader } from './js-memory.ts';
import {
  type EmscriptenModule,
  findWatched,
  hasMallinfo,
  mallinfoBytes,
  memoryOf,
  read,
  type Watched,
} from './module.ts';
import { ObjectTracker } from './objects.ts';
import { PROFILER } from './version.ts';

/** The share of time that the timer may spend on asking the allocator: its walk is as long as the heap is full. */
const MALLINFO_BUDGET = 0.05;
const MAX_WARNINGS = 100;
const MAX_HEAP_SNAPSHOTS = 50;
const MAX_MARKS = 1000;

type GeglFigures = Pick<Row, (typeof GEGL_COLUMNS)[number]>;

export interface RecorderOptions extends Omit<RecordingOptions, 'trackAllocations'> {
  readonly trackAllocations: TrackMode | null;
  readonly module: EmscriptenModule | null;
}

export interface RecorderEvents {
  readonly onWarning: (warning: RecordedWarning) => void;
  readonly onCollected: () => void;
}

export class Recorder {
  readonly history: History;
  readonly warnings: RecordedWarning[] = [];
  readonly clock: RecordingClock;
  readonly objects: ObjectTracker;
  readonly jsMemory = new JsMemoryReader();
  sources: RecordingSources = { heapUsed: 'unknown', jsMemory: this.jsMemory.source, gegl: 'none' };
  #options: RecorderOptions;
  readonly #events: RecorderEvents;
  /** Sources that failed, and whether for good. */
  readonly #failed = new Map<string, boolean>();
  #gegl: Readonly<Record<string, string>> | null = null;
  #nextMallinfo = 0;
  #module: EmscriptenModule | null = null;
  #unwrap: (() => void) | null = null;
  #wasStopped = false;
  /** That of the module that is watched, or was last. */
  #heapWatch: HeapWatch | null = null;
  #heapModule: object | null = null;
  /** How many warnings of loading modules have been told. */
  #loadsTold = 0;
  /** What the heap was tracked by before `start()` asked for something else. */
  #modeBefore: TrackMode | null = null;
  #instances = new InstanceTable();
  readonly #heapSnapshots: RecordedHeapSnapshot[] = [];
  readonly #marks: RecordedMark[] = [];
  /** As it was at `stop()`. */
  #lastHeap: RecordedHeap | null = null;
  #lastSeries: RecordedSeries | null = null;

  constructor(options: RecorderOptions, events: RecorderEvents, clock = new RecordingClock()) {
    this.#options = options;
    this.#events = events;
    this.clock = clock;
    this.history = new History(options.maxSnapshots);
    this.objects = new ObjectTracker(() => clock.elapsed(), events.onCollected);
  }

  /** The heap that is watched, or was last. */
  get heap(): HeapWatch | null {
    return this.#heapWatch;
  }

  get snapshots(): SnapshotColumns {
    return this.history.columns;
  }

  /** After `stop()`, what is recorded from now on continues what was before. */
  start(options: RecorderOptions): void {
    this.#options = options;
    this.history.limit = options.maxSnapshots;
    if (this.history.length === 0) this.clock.reset();
    this.#lastHeap = null;
    this.#lastSeries = null;
    this.objects.start(options.trackObjects);
  }

  stop(): void {
    this.objects.stop();
    this.#lastHeap = this.#recordHeap();
    this.#lastSeries = this.#recordSeries();
    this.#putModeBack();
    this.#watch(null);
    this.#wasStopped = true;
  }

  clear(): void {
    this.clock.reset();
    this.history.clear();
    this.objects.clear();
    this.warnings.length = 0;
    this.#heapSnapshots.length = 0;
    this.#marks.length = 0;
    this.#instances = new InstanceTable();
    this.#failed.clear();
    this.#putModeBack();
    this.#heapWatch = null;
    this.#heapModule = null;
    this.#loadsTold = 0;
    this.#lastHeap = null;
    this.#lastSeries = null;
    this.sources = { ...this.sources, heapUsed: 'unknown', gegl: 'none' };
    this.#nextMallinfo = 0;
    this.#wasStopped = false;
  }

  /** @param isTimed whether it comes by itself: then it keeps to its budget. */
  sample(isHidden: boolean, isTimed: boolean): Row {
    const reading = this.clock.sample(this.#options.sampleInterval, isHidden, this.#wasStopped);
    this.#wasStopped = false;
    const watched = findWatched(this.#options.module);
    if (this.#module && !watched) {
      this.warn('module-stopped', 'The module has exited or aborted; its figures are null now.');
    }
    this.#watch(watched);
    const { counts, bufferBytes } = this.objects;
    // First, since what GEGL allocates to answer for the first time stays in use.
    const figures = this.#geglFigures(watched);
    if (!isTimed) this.#nextMallinfo = 0;
    const row = this.history.add({
      ...reading,
      ...this.#memory(watched, reading.elapsed, isTimed),
      ...this.jsMemory.read((error) => this.#warnOfSource('jsMemory', error)),
      ...counts,
      bufferBytes,
      ...figures,
    });
    this.#ask('instances', () => this.#instances.sample(row.elapsed));
    if (row.liveBytes !== null) {
      this.#ask('series', () => this.#heapWatch?.note(row.elapsed, row.sequence, isTimed));
    }
    return row;
  }

  warn(code: string, message: string): void {
    const warning = { code, message, elapsed: this.clock.elapsed() };
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(warning);
    this.#events.onWarning(warning);
  }

  /** The first and the last ones are kept. */
  addHeapSnapshot(found: Omit<RecordedHeapSnapshot, 'elapsed'>): void {
    const heapSnapshot = { elapsed: this.clock.elapsed(), ...found };
    keepEnds(this.#heapSnapshots, heapSnapshot, MAX_HEAP_SNAPSHOTS);
  }

  /** Not one of a recording that has been cleared since. */
  addMark(mark: RecordedMark): void {
    if (mark.elapsed > (this.snapshots.elapsed.at(-1) ?? -1)) return;
    keepEnds(this.#marks, mark, MAX_MARKS);
  }

  /** @param withHeap false: without what takes long to read. */
  toRecording(withHeap = true): Recording {
    const { sampleInterval, trackObjects, sampleRate, maxSnapshots, trackAllocations } =
      this.#options;
    return {
      format: RECORDING_FORMAT,
      version: RECORDING_VERSION,
      profiler: PROFILER,
      environment: { ...environment(), gegl: this.#gegl },
      options: {
        sampleInterval,
        trackObjects,
        sampleRate,
        maxSnapshots,
        trackAllocations: trackAllocations ?? this.#heapWatch?.mode ?? 'off',
      },
      clock: {
        startedAt: this.clock.startedAt,
        duration: this.snapshots.elapsed.at(-1) ?? 0,
        gaps: [...this.clock.gaps],
      },
      sources: this.sources,
      snapshots: this.history.copyColumns(),
      objects: this.objects.record(),
      heap: withHeap ? (this.#lastHeap ?? this.#recordHeap()) : null,
      heapSnapshots: [...this.#heapSnapshots],
      marks: [...this.#marks],
      instances: this.#instances.record(),
      series: this.#lastSeries ?? this.#recordSeries(),
      warnings: [...this.warnings, ...this.#whyNothing()],
    };
  }

  /** Many modules have no allocator, and nothing is amiss: it is told of only where nothing else was found. */
  #whyNothing(): RecordedWarning[] {
    if (this.sources.heapUsed !== 'unknown') return [];
    const elapsed = this.clock.elapsed();
    const reasons = heapTracking()?.untracked() ?? [];
    return reasons.map((message) => ({ code: 'no-allocator', message, elapsed }));
  }

  /** Learns what a module offers; modules may load after `start()`, be replaced, and stop. */
  #watch(watched: Watched | null): void {
    const module = watched?.module ?? null;
    if (module !== this.#module) {
      this.#unwrap?.();
      this.#unwrap = null;
      this.#failed.clear();
      this.#nextMallinfo = 0;
      this.#module = module;
    }
    if (!watched || !module) return;
    if (watched.engine) {
      this.sources = { ...this.sources, gegl: 'gegl-stats' };
      this.#gegl = { ...watched.engine.versions };
    }
    // A module has its constructors only once it has started; so they are looked for each time.
    if (this.#options.trackObjects) {
      this.#unwrap ??= this.#ask('embind', () => wrapConstructors(module)) ?? null;
    }
  }

  #memory(watched: Watched | null, now: number, isTimed: boolean) {
    const module = watched?.module;
    const live = this.#ask('tracker', () => this.#sampleHeap(watched, now, isTimed)) ?? null;
    let heapUsed = live?.bytes ?? null;
    if (live) this.sources = { ...this.sources, heapUsed: 'tracker' };
    else if (module && hasMallinfo(module)) {
      this.sources = { ...this.sources, heapUsed: 'mallinfo' };
      if (now >= this.#nextMallinfo) {
        const before = performance.now();
        heapUsed = this.#askAllocator();
        this.#nextMallinfo = now + (performance.now() - before) / MALLINFO_BUDGET;
      }
    }
    const memory = (live && this.#heapWatch?.memory?.buffer) ?? (module && memoryOf(module));
    const call = (name: '_gegl_wasm_static_bytes' | '_gegl_wasm_stack_bytes') =>
      this.#ask(name, () => module && read(module, name)?.()) ?? null;
    return {
      heapSize: memory?.byteLength ?? null,
      heapUsed,
      liveBytes: live?.bytes ?? null,
      liveBlocks: live?.blocks ?? null,
      staticBytes: call('_gegl_wasm_static_bytes'),
      stackBytes: call('_gegl_wasm_stack_bytes'),
    };
  }

  #askAllocator(): number | null {
    const module = this.#module;
    if (!module || !hasMallinfo(module)) return null;
    return this.#ask('mallinfo', () => mallinfoBytes(module)) ?? null;
  }

  /** What is live in the module's heap, if that is tracked. */
  #sampleHeap(
    watched: Watched | null,
    now: number,
    isTimed: boolean,
  ): ReturnType<HeapWatch['sample']> {
    const found = this.#findHeap(watched);
    const loads = heapTracking()?.warnings() ?? [];
    for (const { code, message } of loads.slice(this.#loadsTold)) this.warn(code, message);
    this.#loadsTold = loads.length;
    const { trackAllocations } = this.#options;
    if (!found) {
      const isWanted = trackAllocations !== null && trackAllocations !== 'off';
      if (isWanted && watched && !this.#failed.has('untracked')) {
        this.#failed.set('untracked', true);
        this.warn(
          'heap-untracked',
          'The allocations of this module are not followed, since it loaded before instrument() or start(), or could not be rewritten.',
        );
      }
      return null;
    }
    if (trackAllocations !== null && found.mode !== trackAllocations) {
      this.#modeBefore ??= found.mode;
      found.setMode(trackAllocations);
    }
    const live = found.sample(now, isTimed);
    for (const { code, message } of found.takeWarnings()) this.warn(code, message);
    return live;
  }

  #findHeap(watched: Watched | null): HeapWatch | null {
    const module = watched?.module ?? null;
    const known = this.#heapModule === module ? this.#heapWatch : null;
    // Views of a memory that has grown may be behind, so the module's heap is looked for once.
    if (known && module) return known;
    const memory = module && memoryOf(module);
    // A heap without an Emscripten module is watched as long as none was seen.
    if (module ? !memory : this.#heapModule || this.#options.module) return null;
    const [found = null] = heapTracking()?.find(memory) ?? [];
    if (known) {
      // Of several the one that holds most, but not by turns those that hold about as much.
      if (!found || found.liveBytes <= 2 * known.liveBytes) return known;
      this.history.forgetHeap();
      this.#heapSnapshots.length = 0;
      this.warn(
        'heap-changed',
        'Another module holds more memory than the recorded one, and is recorded from here on: instrument({ match }) tracks only what is wanted.',
      );
    }
    if (found) {
      this.#putModeBack();
      this.#heapWatch = found;
      this.#heapModule = module;
    }
    return found;
  }

  #putModeBack(): void {
    if (this.#modeBefore !== null) this.#heapWatch?.setMode(this.#modeBefore);
    this.#modeBefore = null;
  }

  #recordSeries(): RecordedSeries | null {
    return this.#ask('series', () => this.#heapWatch?.series()) ?? null;
  }

  #recordHeap(): RecordedHeap | null {
    const heap = this.#heapWatch;
    const found = heap && this.#ask('heap', () => heap.record(() => this.#askAllocator()));
    return found ? { ...found, explained: this.#heapSnapshots.at(-1)?.explained ?? null } : null;
  }

  #geglFigures(watched: Watched | null): GeglFigures {
    const engine = watched?.engine;
    const figures = this.#ask<Partial<Record<string, number>>>('gegl-stats', () => ({
      ...engine?.stats(),
      tileCacheLimitTotal: (engine?.config as { tileCacheSize?: number } | undefined)
        ?.tileCacheSize,
    }));
    return byName(GEGL_COLUMNS, (name) => figures?.[`${name}Total`] ?? null);
  }

  /**
   * A source that fails is told of once, and its figures are null. It is asked again, since memory may
   * be had again, unless the module itself trapped.
   */
  #ask<T>(source: string, answer: () => T): T | undefined {
    if (this.#failed.get(source)) return undefined;
    try {
      return answer();
    } catch (error) {
      this.#warnOfSource(source, error);
      return undefined;
    }
  }

  #warnOfSource(source: string, error: unknown): void {
    const isKnown = this.#failed.has(source);
    this.#failed.set(source, error instanceof WebAssembly.RuntimeError);
    if (isKnown) return;
    this.warn(
      'source-failed',
      `The figures of ${source} are not known: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Adds to a list; where it is full, the middle one goes. */
function keepEnds<Item>(list: Item[], item: Item, limit: number): void {
  if (list.length >= limit) list.splice(limit >> 1, 1);
  list.push(item);
}

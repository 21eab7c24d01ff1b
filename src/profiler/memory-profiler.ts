// MemoryProfiler: the public face. It composes the recorder, the analysis and the report.

import '../record/heap/index.ts';
import { summarize } from '../analyze/summary.ts';
import { type HeapWatch, heapTracking } from '../record/heap/tracking.ts';
import { findInstances } from '../record/instances.ts';
import { findWatched, hasMallinfo, mallinfoBytes, memoryOf } from '../record/module.ts';
import { countLiveHandles } from '../record/objects.ts';
import { Recorder } from '../record/recorder.ts';
import { parseRecording } from '../recording/parse.ts';
import type { Finding, ObjectCounts, RecordedWarning, Recording } from '../recording/types.ts';
import { ProfilerError } from './errors.ts';
import type { FindLeaksOptions, FoundLeaks } from './find-leaks.ts';
import type { HeapSnapshot } from './heap-snapshot.ts';
import { LeakCheck } from './leak-check.ts';
import { loadAnalysis } from './load-analysis.ts';
import {
  type CheckedOptions,
  checkHeapSnapshotOptions,
  checkInstrumentOptions,
  checkMarkName,
  checkOptions,
  checkRepetition,
  type InstrumentationOptions,
  type StartOptions,
} from './options.ts';
import { PerformanceMarkers } from './performance-markers.ts';
import {
  createReport,
  createSnapshot,
  createSnapshots,
  type Report,
  type Snapshot,
} from './report.ts';
import { isSampled } from './session.ts';
import { hidePanel, showPanel } from './show-panel.ts';
import type { HeapSnapshotOptions, HeapSnapshots } from './take-heap-snapshot.ts';

/** `detail` of the events, by type. */
export interface MemoryProfilerEvents {
  readonly snapshot: Snapshot;
  readonly leak: Finding;
  readonly warning: RecordedWarning;
}

type EventName = keyof MemoryProfilerEvents;
type Listener<Name extends EventName> = (event: CustomEvent<MemoryProfilerEvents[Name]>) => void;

/**
 * Watches a GEGL module: memory, objects, GEGL's caches, over time.
 *
 * It never disturbs what it watches: figures that can't be read are null, with a warning.
 */
export class MemoryProfiler {
  /** Where in `sessionStorage` a page that is left keeps its recording. */
  static readonly storageKey = 'gegl-memory-profiler/recording';

  readonly #target = new EventTarget();
  #options: CheckedOptions = checkOptions();
  #recorder: Recorder | null = null;
  #loaded: Recording | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #heapSnapshots: HeapSnapshots | null = null;
  #reported = new Set<string>();
  readonly #leakCheck = new LeakCheck();
  readonly #leakListeners = new Set<unknown>();
  /** Of `start()`, where it asked for tracking that was not on. */
  #tracking: { stop(): void } | null = null;
  #markers: PerformanceMarkers | null = null;

  /**
   * Follows the allocations of WebAssembly modules that load from now on: they are rewritten as they load. To
   * be called before the module loads; `start()` then shows what the heap holds. Where it is on already,
   * nothing changes.
   *
   * @returns `stop()`: modules that load afterwards are left as they are.
   * @throws ProfilerError `INVALID_OPTION`
   */
  instrument(options: InstrumentationOptions = {}): { stop(): void } {
    const checked = checkInstrumentOptions(options);
    return heapTracking()?.instrument(checked) ?? { stop() {} };
  }

  /**
   * Starts sampling, with a first sample at once. After `stop()` it goes on with the same recording,
   * until `clear()`.
   *
   * @returns whether the session is profiled: false when it runs already (with a warning), or when
   *   the lot of `sampleRate` fell against it.
   * @throws ProfilerError `INVALID_OPTION`, with nothing changed.
   */
  start(options: StartOptions = {}): boolean {
    return this.#start(checkOptions(options));
  }

  #start(checked: CheckedOptions): boolean {
    if (this.#loaded) {
      throw new ProfilerError(
        'LOADED_RECORDING',
        'A loaded recording cannot go on; start a new MemoryProfiler.',
      );
    }
    if (this.isProfiling) {
      this.#warn('already-started', 'start() while profiling changes nothing; call stop() first.');
      return false;
    }
    if (!isSampled(checked.sampleRate)) return false;
    this.#options = checked;
    this.#track(checked);
    this.#recorder ??= this.#newRecorder();
    this.#recorder.start(checked);
    this.#markers = checked.performanceMarkers
      ? new PerformanceMarkers((error) =>
          this.#warnOnce('markers-failed', `A performance marker could not be set: ${error}`),
        )
      : null;
    this.#timer = setInterval(() => {
      if (!this.#heapSnapshots?.isCapturing) this.#sample(true);
    }, checked.sampleInterval);
    // A program that is done shall end, profiled or not.
    (this.#timer as { unref?(): void }).unref?.();
    this.#listenToPage(true);
    this.#sample();
    return true;
  }

  /** Takes a last sample and stops; what was recorded stays. Puts back all that was wrapped. */
  stop(): void {
    if (!this.isProfiling) {
      this.#warn('not-started', 'stop() without start() changes nothing.');
      return;
    }
    clearInterval(this.#timer ?? undefined);
    // Before the last sample, whose listeners may call stop(), too.
    this.#timer = null;
    this.#listenToPage(false);
    this.#leakCheck.stop();
    this.#sample();
    // One of them may have started again.
    if (this.isProfiling) return;
    this.#markers = null;
    this.#recorder?.stop();
    this.#tracking?.stop();
    this.#tracking = null;
  }

  get isProfiling(): boolean {
    return this.#timer !== null;
  }

  /** The samples so far, oldest first; old ones are thinned out evenly when there are too many. */
  get snapshots(): readonly Snapshot[] {
    const recorded = this.#loaded ?? this.#recorder;
    return recorded ? createSnapshots(recorded) : [];
  }

  /** The application's live handles, as of now; after `stop()`, as of then. */
  get objectCounts(): ObjectCounts {
    if (this.#loaded) return summarize(this.#loaded).objectCounts;
    return this.#recorder?.objects.counts ?? countLiveHandles();
  }

  /** Takes a sample now, beside those of the timer. @returns null when not profiling. */
  takeSnapshot(): Snapshot | null {
    return this.isProfiling ? this.#sample() : null;
  }

  /**
   * Names this moment in the recording ("picture opened"), and takes a sample at it.
   *
   * @param name 1 to 200 characters.
   * @returns null when not profiling; then nothing is marked.
   * @throws ProfilerError `INVALID_OPTION`
   */
  mark(name: string): Snapshot | null {
    checkMarkName(name);
    const snapshot = this.takeSnapshot();
    if (snapshot) {
      this.#recorder?.addMark({ elapsed: snapshot.elapsed, name });
      this.#markers?.mark(name);
    }
    return snapshot;
  }

  /**
   * Who holds what in the tracked heap: taken between tasks, when no function of the module runs, in slices that
   * do not block the page. The first one is the baseline: what nobody holds then is not told of later. While
   * profiling, what it finds goes into the recording, too.
   *
   * @throws ProfilerError `INVALID_OPTION`. `NO_TRACKED_HEAP` where no module is tracked; see `instrument()`. `ANALYSIS_UNAVAILABLE` where
   *   memory-profiler-analysis.js, which loads now, is not beside this script.
   */
  async takeHeapSnapshot(options: HeapSnapshotOptions = {}): Promise<HeapSnapshot> {
    checkHeapSnapshotOptions(options);
    const heaps = this.#heaps();
    const recorded = this.#recorder?.heap?.memory;
    const watch = heaps.find(({ memory }) => memory === recorded) ?? heaps[0];
    if (!watch?.memory) {
      throw new ProfilerError(
        'NO_TRACKED_HEAP',
        'There is no tracked heap to look into. Call instrument() before the module loads.',
      );
    }
    const { HeapSnapshots, summarizeHeapSnapshot } = await loadAnalysis();
    const begun = this.#recorder?.clock.startedAt;
    this.#heapSnapshots ??= new HeapSnapshots();
    const snapshot = await this.#heapSnapshots.take(watch, options);
    // The recording may have ended meanwhile, or been cleared.
    if (this.isProfiling && this.#recorder?.clock.startedAt === begun) {
      this.#recorder?.addHeapSnapshot(summarizeHeapSnapshot(snapshot));
    }
    this.#leakCheck.hurry();
    return snapshot;
  }

  /**
   * Runs an action again and again, and tells what each run leaves behind: what grows by a whole multiple of the
   * runs is a leak. Meanwhile every allocation is followed, and nothing else should run: another findLeaks() waits,
   * and is refused while the action runs, as it may be the action that calls it. Need not be profiling.
   *
   * @param action may be asynchronous; what it throws is thrown.
   * @throws ProfilerError `INVALID_OPTION`, `ANALYSIS_UNAVAILABLE`, `FINDING_LEAKS`
   */
  async findLeaks(action: () => unknown, options: FindLeaksOptions = {}): Promise<FoundLeaks> {
    const repetition = checkRepetition(options);
    if (typeof action !== 'function') {
      throw new ProfilerError(
        'INVALID_OPTION',
        'findLeaks(): its first argument must be a function.',
      );
    }
    const { huntLeaks } = await loadAnalysis();
    const watched = findWatched(this.#options.module);
    return huntLeaks(action, repetition, {
      heaps: () => this.#heaps(),
      allocatorBytes: () =>
        watched && hasMallinfo(watched.module) ? mallinfoBytes(watched.module) : null,
      takeSample: () => void this.takeSnapshot(),
      instances: findInstances,
      untracked: () => heapTracking()?.untracked() ?? [],
    });
  }

  /** Of the module that is watched; where that is known of none, all that are tracked. */
  #heaps(): readonly HeapWatch[] {
    const watched = findWatched(this.#options.module);
    return heapTracking()?.find(watched && memoryOf(watched.module)) ?? [];
  }

  /** Everything so far, explained. */
  getReport(): Report {
    return createReport(
      this.#recording(),
      this.#recorder?.jsMemory.breakdown ?? null,
      this.#options.suppressions,
    );
  }

  /** The recording as JSON text, for `MemoryProfiler.fromExport()` and other tools. */
  exportData(): string {
    return JSON.stringify(this.#recording());
  }

  /** Forgets all that was recorded. While profiling, a new recording begins. */
  clear(): void {
    this.#loaded = null;
    this.#reported.clear();
    this.#leakCheck.clear();
    this.#heapSnapshots?.clear();
    this.#recorder?.clear();
  }

  /**
   * A profiler that shows a recording; it can report and export, not record.
   *
   * @throws RecordingError for text that is no recording, broken, or of a newer version; it names
   *   the place.
   */
  static fromExport(text: string): MemoryProfiler {
    const profiler = new MemoryProfiler();
    profiler.#loaded = parseRecording(text);
    return profiler;
  }

  /**
   * Shows the live panel in the page, `<gegl-memory-panel>`; its code loads now, from memory-panel.js beside this
   * script. Its button Start goes on with the options of the last `start()`.
   *
   * @returns the element; the one that is shown already, where there is one.
   * @throws ProfilerError `PANEL_UNAVAILABLE`
   */
  showPanel(): Promise<HTMLElement> {
    return showPanel(this, () => this.#start({ ...this.#options, sampleRate: 1 }));
  }

  /** Takes the panel out of the page. */
  hidePanel(): void {
    hidePanel();
  }

  addEventListener<Name extends EventName>(type: Name, listener: Listener<Name>): void {
    if (type === 'leak') this.#leakListeners.add(listener);
    this.#target.addEventListener(type, listener as EventListener);
  }

  removeEventListener<Name extends EventName>(type: Name, listener: Listener<Name>): void {
    if (type === 'leak') this.#leakListeners.delete(listener);
    this.#target.removeEventListener(type, listener as EventListener);
  }

  #recording(withHeap = true): Recording {
    return this.#loaded ?? (this.#recorder ?? this.#newRecorder()).toRecording(withHeap);
  }

  #track({ trackAllocations: mode }: CheckedOptions): void {
    const tracking = heapTracking();
    if (mode === null || mode === 'off' || !tracking || tracking.isOn) return;
    this.#tracking = tracking.instrument({ mode });
  }

  #newRecorder(): Recorder {
    return new Recorder(this.#options, {
      onWarning: (warning) => this.#dispatch('warning', warning),
      // Many may come at once; the next sample looks at them together.
      onCollected: () => this.#leakCheck.hurry(),
    });
  }

  /** Never throws: the page's timer calls it. */
  #sample(isTimed = false): Snapshot | null {
    try {
      return this.#takeSample(isTimed);
    } catch (error) {
      this.#warnOnce('sample-failed', `A sample could not be taken: ${String(error)}`);
      return null;
    }
  }

  #takeSample(isTimed: boolean): Snapshot | null {
    const recorder = this.#recorder;
    if (!recorder) return null;
    const row = recorder.sample(isHidden(), isTimed);
    const snapshot = createSnapshot(row, recorder.history.before, recorder.sources);
    this.#markers?.sample(snapshot);
    this.#dispatch('snapshot', snapshot);
    // A listener may have cleared the recording, or taken another sample.
    const isLast = recorder.history.last === row;
    const isAwaited = isLast && (this.#leakListeners.size > 0 || this.#markers);
    if (isAwaited && this.#leakCheck.isDue(row.elapsed)) this.#checkForLeaks(row.elapsed);
    return snapshot;
  }

  /** In slices, but at once where this is the last sample. Never rejects: nobody waits for it. */
  async #checkForLeaks(elapsed: number): Promise<void> {
    const read = () => this.#recording(false);
    const { suppressions } = this.#options;
    const check = this.#leakCheck;
    try {
      if (this.isProfiling) this.#tell(await check.run(elapsed, read, suppressions));
      else this.#tell(check.runAtOnce(elapsed, read, suppressions));
    } catch (error) {
      this.#warnOnce('check-failed', `The check for leaks failed: ${String(error)}`);
    }
  }

  #tell(findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#markers?.leak(finding);
      this.#dispatch('leak', finding);
    }
  }

  /** A failure is told of once, until `clear()`. */
  #warnOnce(code: string, message: string): void {
    if (this.#reported.has(code)) return;
    this.#reported.add(code);
    this.#warn(code, message);
  }

  #warn(code: string, message: string): void {
    console.warn(`gegl-memory-profiler: ${message}`);
    if (this.#recorder) this.#recorder.warn(code, message);
    else this.#dispatch('warning', { code, message, elapsed: 0 });
  }

  #dispatch<Name extends EventName>(type: Name, detail: MemoryProfilerEvents[Name]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #listenToPage(on: boolean): void {
    if (typeof document !== 'object') return;
    const change = on ? 'addEventListener' : 'removeEventListener';
    document[change]('visibilitychange', this.#onVisibilityChange);
    globalThis[change]('pagehide', this.#onPageHide);
  }

  readonly #onVisibilityChange = (): void => {
    if (isHidden()) this.#recorder?.clock.noteHidden();
  };

  /** The page may be gone after this: the recording is put where the next page can find it. */
  readonly #onPageHide = (): void => {
    this.#sample();
    try {
      const text = this.exportData();
      if (this.#options.onUnload) this.#options.onUnload(text);
      else sessionStorage.setItem(MemoryProfiler.storageKey, text);
    } catch (error) {
      this.#warn('not-saved', `The recording could not be kept: ${String(error)}`);
    }
  };
}

function isHidden(): boolean {
  return typeof document === 'object' && document.visibilityState === 'hidden';
}

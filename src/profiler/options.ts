// What start() may be given, checked and completed.

import { type Suppression, suppressionsFrom } from '../analyze/suppressions.ts';
import type { TrackOptions } from '../record/heap/track-options.ts';
import type { EmscriptenModule } from '../record/module.ts';
import { TRACK_MODES, type TrackMode } from '../recording/heap-types.ts';
import type { RecordingOptions } from '../recording/types.ts';
import { ProfilerError } from './errors.ts';
import type { FindLeaksOptions, Repetition } from './find-leaks.ts';
import type { HeapSnapshotOptions } from './take-heap-snapshot.ts';

export interface StartOptions {
  /** Milliseconds between samples: 10 to 86,400,000. 1000 when left out. */
  readonly sampleInterval?: number;
  /** Whether objects are followed one by one, with their creation stacks. True when left out. */
  readonly trackObjects?: boolean;
  /**
   * How closely allocations are followed, in the module and those that load later: `off`, `counts`, `sampled`
   * or `all`. Left out: as `instrument()` was told; where it was not called, `off`. A module is followed only
   * when it loaded after `instrument()`, or after a `start()` with this option.
   */
  readonly trackAllocations?: TrackMode;
  /** The share of sessions (pages of a tab, runs of a program) to profile, 0 to 1. Decided once a
   * session; where the lot falls against profiling, `start()` does nothing and returns false. */
  readonly sampleRate?: number;
  /** The most snapshots that are kept: 100 to 1,000,000. 10,000 when left out. */
  readonly maxSnapshots?: number;
  /** The Emscripten module to watch, when it is neither GEGL's nor the global `Module`. */
  readonly module?: object;
  /** Findings that are known and accepted: the text of a file of them (docs/leaks.md), or a list. */
  readonly suppressions?: string | readonly Suppression[];
  /**
   * Whether samples, marks and leaks show in the performance panel of the browser's tools, by `performance.measure()`.
   * False when left out.
   */
  readonly performanceMarkers?: boolean;
  /** Receives the recording's text when the page is left; without it, it goes to `sessionStorage`. */
  readonly onUnload?: (recording: string) => void;
}

/** How modules are followed that load from now on. */
export interface InstrumentationOptions extends Omit<TrackOptions, 'mode'> {
  /** 'sampled' when left out. */
  readonly trackAllocations?: TrackMode;
}

export interface CheckedOptions extends Omit<RecordingOptions, 'trackAllocations'> {
  /** Null where it is left to what the module was instrumented for. */
  readonly trackAllocations: TrackMode | null;
  readonly module: EmscriptenModule | null;
  readonly performanceMarkers: boolean;
  readonly onUnload: ((recording: string) => void) | null;
  readonly suppressions: readonly Suppression[];
}

const START_OPTIONS = Object.keys({
  sampleInterval: 0,
  trackObjects: 0,
  trackAllocations: 0,
  sampleRate: 0,
  maxSnapshots: 0,
  module: 0,
  suppressions: 0,
  performanceMarkers: 0,
  onUnload: 0,
} satisfies Record<keyof StartOptions, 0>);
const INSTRUMENT_OPTIONS = Object.keys({
  trackAllocations: 0,
  budget: 0,
  mean: 0,
  scrub: 0,
  seed: 0,
  symbols: 0,
  allocator: 0,
  probes: 0,
  contexts: 0,
  match: 0,
  workers: 0,
  workerScript: 0,
  onEvent: 0,
} satisfies Record<keyof InstrumentationOptions, 0>);
const FIND_LEAKS_OPTIONS = Object.keys({
  iterations: 0,
  warmup: 0,
  signal: 0,
} satisfies Record<keyof FindLeaksOptions, 0>);
const HEAP_SNAPSHOT_OPTIONS = Object.keys({
  baseline: 0,
} satisfies Record<keyof HeapSnapshotOptions, 0>);

/** @throws ProfilerError `INVALID_OPTION`, SuppressionError */
export function checkOptions(options: StartOptions = {}): CheckedOptions {
  checkNames('start', options, START_OPTIONS);
  const { trackObjects = true, trackAllocations = null, module = null, onUnload = null } = options;
  const { suppressions = [], performanceMarkers = false } = options;
  if (typeof suppressions !== 'string' && !Array.isArray(suppressions)) {
    fail('suppressions', 'a text or a list', suppressions);
  }
  if (typeof trackObjects !== 'boolean') fail('trackObjects', 'true or false', trackObjects);
  if (typeof performanceMarkers !== 'boolean') {
    fail('performanceMarkers', 'true or false', performanceMarkers);
  }
  if (trackAllocations !== null && !TRACK_MODES.includes(trackAllocations)) {
    fail('trackAllocations', TRACK_MODES.join(', '), trackAllocations);
  }
  if (module !== null && typeof module !== 'object') fail('module', 'an Emscripten module', module);
  if (onUnload !== null && typeof onUnload !== 'function') fail('onUnload', 'a function', onUnload);
  return {
    sampleInterval: checkNumber(options, 'sampleInterval', 1000, 10, 86_400_000),
    sampleRate: checkNumber(options, 'sampleRate', 1, 0, 1),
    maxSnapshots: Math.floor(checkNumber(options, 'maxSnapshots', 10_000, 100, 1_000_000)),
    trackObjects,
    trackAllocations,
    module,
    performanceMarkers,
    onUnload,
    suppressions: suppressionsFrom(suppressions),
  };
}

/** @throws ProfilerError `INVALID_OPTION` */
export function checkInstrumentOptions(options: InstrumentationOptions): TrackOptions {
  checkNames('instrument', options, INSTRUMENT_OPTIONS);
  const { trackAllocations: mode = 'sampled', ...rest } = options;
  if (!TRACK_MODES.includes(mode)) {
    fail('trackAllocations', TRACK_MODES.join(', '), mode, 'instrument');
  }
  for (const name of ['budget', 'mean'] as const) {
    const value: unknown = rest[name];
    if (value !== undefined && !(typeof value === 'number' && value > 0)) {
      fail(name, 'a number above 0', value, 'instrument');
    }
  }
  return { ...rest, mode };
}

function checkNumber(
  options: StartOptions,
  name: 'sampleInterval' | 'sampleRate' | 'maxSnapshots',
  fallback: number,
  least: number,
  most: number,
): number {
  const value: unknown = options[name] ?? fallback;
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    return fail(name, `a number from ${least} to ${most}`, value);
  }
  return value;
}

/** @throws ProfilerError `INVALID_OPTION` */
export function checkMarkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '' || name.length > 200) {
    fail('its argument', 'a text of 1 to 200 characters', name, 'mark');
  }
}

/** @throws ProfilerError `INVALID_OPTION` */
export function checkRepetition(
  options: FindLeaksOptions,
): Required<Repetition> & FindLeaksOptions {
  checkNames('findLeaks', options, FIND_LEAKS_OPTIONS);
  const { iterations = 7, warmup = 1, signal } = options;
  checkCount('iterations', iterations, 3);
  checkCount('warmup', warmup, 0);
  if (signal && typeof signal.throwIfAborted !== 'function') {
    fail('signal', 'an AbortSignal', signal, 'findLeaks');
  }
  return { iterations, warmup, signal };
}

/** @throws ProfilerError `INVALID_OPTION` */
export function checkHeapSnapshotOptions(options: HeapSnapshotOptions): void {
  checkNames('takeHeapSnapshot', options, HEAP_SNAPSHOT_OPTIONS);
}

/** Whoever misspells an option shall not wonder why it does nothing. */
function checkNames(by: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    fail('its options', 'an object', options, by);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ProfilerError(
      'INVALID_OPTION',
      `${by}(): there is no option ${unknown}; there are ${known.join(', ')}.`,
    );
  }
}

function checkCount(name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 1000)
    return;
  fail(name, `a whole number from ${least} to 1000`, value, 'findLeaks');
}

function fail(name: string, wanted: string, given: unknown, by = 'start'): never {
  throw new ProfilerError(
    'INVALID_OPTION',
    `${by}(): ${name} must be ${wanted}, not ${String(given)}.`,
  );
}

// Recordings made to measure, and series of memory figures with a seeded generator of randomness.

import {
  type ClockGap,
  OBJECT_KINDS,
  type ObjectKind,
  type ObjectRecord,
  type ObjectTotals,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedExit,
  type RecordedHeap,
  type RecordedHeapSnapshot,
  type RecordedSeries,
  type Recording,
  type SnapshotColumns,
  type UnreachableGroup,
} from '../../src/recording/types.ts';

export const KB = 1024;
export const MB = 1024 * KB;

type Figures = { readonly [Name in keyof SnapshotColumns]?: SnapshotColumns[Name] };

export interface RecordingParts extends Figures {
  readonly gaps?: readonly ClockGap[];
  readonly totals?: Partial<Record<ObjectKind, Partial<ObjectTotals>>>;
  readonly live?: readonly Partial<ObjectRecord>[];
  readonly collected?: readonly Partial<ObjectRecord>[];
  readonly stacks?: readonly string[];
  readonly unfinished?: readonly number[];
  readonly exits?: readonly (Omit<RecordedExit, 'objects'> & {
    readonly objects: readonly Partial<ObjectRecord>[];
  })[];
  readonly heapSnapshots?: readonly RecordedHeapSnapshot[];
  readonly instances?: Recording['instances'];
  readonly series?: RecordedSeries;
  /** Of a tracker that saw all of it. */
  readonly heap?: RecordedHeap;
}

/** Columns that are not given are unknown, counts of objects 0, samples a second apart. */
export function buildRecording(parts: RecordingParts = {}): Recording {
  const columns = [parts.heapUsed, parts.elapsed, ...OBJECT_KINDS.map((kind) => parts[kind])];
  const length = Math.max(0, ...columns.map((column) => column?.length ?? 0));
  const sequence = parts.sequence ?? range(length, (i) => i + 1);
  const elapsed = parts.elapsed ?? sequence.map((count) => (count - 1) * 1000);
  const unknown = range(length, () => null);
  const none = range(length, () => 0);
  const { gaps = [], totals = {}, live = [], collected = [], stacks = [], ...others } = parts;
  const {
    unfinished: _,
    exits: __,
    heapSnapshots: ___,
    series: ____,
    heap = null,
    ...figures
  } = others;
  const startedAt = 1_700_000_000_000;
  return {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    profiler: { name: 'gegl-memory-profiler', version: '0.1.0' },
    environment: {
      runtime: 'page',
      userAgent: null,
      page: null,
      crossOriginIsolated: null,
      gegl: null,
    },
    options: {
      sampleInterval: 1000,
      trackObjects: true,
      sampleRate: 1,
      maxSnapshots: 10_000,
      trackAllocations: 'off',
    },
    clock: { startedAt, duration: elapsed.at(-1) ?? 0, gaps },
    sources: {
      heapUsed: heap ? 'tracker' : parts.heapUsed ? 'mallinfo' : 'unknown',
      jsMemory: 'none',
      gegl: parts.tileAlloc ? 'gegl-stats' : 'none',
    },
    snapshots: {
      timestamp: elapsed.map((time) => startedAt + time),
      heapSize: range(length, () => 256 * MB),
      heapUsed: unknown,
      liveBytes: unknown,
      liveBlocks: unknown,
      staticBytes: unknown,
      stackBytes: unknown,
      usedJSHeapSize: unknown,
      totalJSHeapSize: unknown,
      jsHeapSizeLimit: unknown,
      buffers: none,
      nodes: none,
      processors: none,
      colors: none,
      bufferBytes: none,
      tileCache: unknown,
      tileCacheLimit: unknown,
      tileAlloc: unknown,
      scratch: unknown,
      swap: unknown,
      ...figures,
      elapsed,
      sequence,
    },
    objects: {
      totals: {
        buffers: { ...noTotals, ...totals.buffers },
        nodes: { ...noTotals, ...totals.nodes },
        processors: { ...noTotals, ...totals.processors },
        colors: { ...noTotals, ...totals.colors },
      },
      stacks,
      live: live.map(toObject),
      collected: collected.map(toObject),
      unfinished: parts.unfinished ?? [],
      exits: (parts.exits ?? []).map((exit) => ({ ...exit, objects: exit.objects.map(toObject) })),
    },
    heap,
    marks: [],
    instances: parts.instances ?? [],
    heapSnapshots: parts.heapSnapshots ?? [],
    series: parts.series ?? null,
    warnings: [],
  };
}

const noTotals: ObjectTotals = { created: 0, destroyed: 0, live: 0, collected: 0 };

function toObject(part: Partial<ObjectRecord>, index: number): ObjectRecord {
  return {
    id: index,
    kind: 'buffers',
    description: 'buffer 100 x 80 RGBA float',
    createdAt: null,
    collectedAt: null,
    bytes: null,
    stack: null,
    ...part,
  };
}

export function range<T>(length: number, value: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => value(index));
}

/** A row a second, in each of which every stack was taken. */
export function buildSeries(rows: number, changes: Partial<RecordedSeries> = {}): RecordedSeries {
  return {
    elapsed: range(rows, (row) => row * 1000),
    sequence: range(rows, (row) => row + 1),
    sampleMean: 1,
    types: [],
    sites: [],
    operations: [],
    ...changes,
  };
}

/** The rows that `keep` chooses, as thinning leaves them. */
export function keepRows(recording: Recording, keep: (index: number) => boolean): Recording {
  const snapshots = Object.fromEntries(
    Object.entries(recording.snapshots).map(([name, column]) => [
      name,
      (column as readonly unknown[]).filter((_, index) => keep(index)),
    ]),
  ) as unknown as SnapshotColumns;
  return { ...recording, snapshots };
}

export interface Random {
  /** Uniform, 0 to 1. */
  next(): number;
  /** Normal, mean 0, deviation 1. */
  normal(): number;
  /** Uniform between two bounds. */
  between(low: number, high: number): number;
}

/** The same seed gives the same numbers (mulberry32). */
export function seeded(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    between: (low, high) => low + (high - low) * next(),
  };
}

/** Of a heap of which all is reachable. */
export function buildHeapSnapshot(
  changes: Partial<RecordedHeapSnapshot> = {},
): RecordedHeapSnapshot {
  return {
    elapsed: 0,
    isBaseline: false,
    blocks: 1000,
    bytes: 1e6,
    unreachableBlocks: 0,
    unreachableBytes: 0,
    ambiguousShare: 0,
    explained: null,
    knowsHandles: true,
    unreachable: [],
    remnants: null,
    staticPlaces: null,
    ...changes,
  };
}

/** Blocks of no known type that nothing points to. */
export function buildUnreachable(changes: Partial<UnreachableGroup> = {}): UnreachableGroup {
  return {
    stack: ['g_strdup', 'gegl_op_prepare', 'paint (app.js:1:2)'],
    type: null,
    operation: null,
    blocks: 4,
    bytes: 4 * KB,
    firstSequence: 100,
    lastSequence: 101,
    freed: 0,
    overdue: 0,
    structures: 4,
    ...changes,
  };
}

// The report: a recording, explained, in the shape that users were promised.

import { findLeaks } from '../analyze/leaks/index.ts';
import { summarize } from '../analyze/summary.ts';
import { type Row, rowAt } from '../record/history.ts';
import type { MemoryBreakdown } from '../record/js-memory.ts';
import type {
  Finding,
  HeapUsedSource,
  JsMemorySource,
  ObjectCounts,
  ObjectKind,
  ObjectRecord,
  ObjectTotals,
  RecordedWarning,
  Recording,
} from '../recording/types.ts';

/** One sample. Bytes; null is unknown. */
export interface Snapshot {
  /** The wall clock, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Milliseconds since the start. */
  readonly elapsed: number;
  readonly wasmMemory: {
    /** The module's memory: what the tab pays for. It never shrinks. */
    readonly heapSize: number | null;
    /** What the allocator has handed out: what is really in use. */
    readonly heapUsed: number | null;
    readonly heapUsedSource: HeapUsedSource;
    /** Growth of `heapSize` since the snapshot before; null for the first. */
    readonly heapGrowth: number | null;
    /** Growth of `heapUsed` since the snapshot before. */
    readonly heapUsedGrowth: number | null;
    readonly staticBytes: number | null;
    readonly stackBytes: number | null;
  };
  readonly jsMemory: {
    readonly usedJSHeapSize: number | null;
    readonly totalJSHeapSize: number | null;
    readonly jsHeapSizeLimit: number | null;
    readonly jsMemorySource: JsMemorySource;
  };
  readonly objectCounts: ObjectCounts;
  /** GEGL's own figures; null where no GEGL engine runs. */
  readonly gegl: {
    readonly tileCache: number | null;
    readonly tileCacheLimit: number | null;
    readonly tileAlloc: number | null;
    readonly scratch: number | null;
    readonly swap: number | null;
  } | null;
}

/** An object with its creation stack as text. */
export interface ReportedObject extends Omit<ObjectRecord, 'stack'> {
  readonly stack: string | null;
}

export interface Report {
  /** The last snapshot; null before the first. */
  readonly current: Snapshot | null;
  readonly history: readonly Snapshot[];
  readonly summary: ReturnType<typeof summarize>;
  readonly leaks: readonly Finding[];
  readonly objects: {
    readonly totals: Record<ObjectKind, ObjectTotals>;
    readonly oldest: readonly ReportedObject[];
    readonly biggest: readonly ReportedObject[];
    readonly collected: readonly ReportedObject[];
  };
  readonly warnings: readonly RecordedWarning[];
  readonly jsMemoryBreakdown: MemoryBreakdown | null;
  readonly recording: Pick<Recording, 'profiler' | 'environment' | 'options' | 'clock' | 'sources'>;
}

const LISTED = 20;

export function createReport(recording: Recording, breakdown: MemoryBreakdown | null): Report {
  const history = createSnapshots(recording);
  const { profiler, environment, options, clock, sources, objects, warnings } = recording;
  const withStack = (object: ObjectRecord): ReportedObject => ({
    ...object,
    stack: object.stack === null ? null : (objects.stacks[object.stack] ?? null),
  });
  return {
    current: history.at(-1) ?? null,
    history,
    summary: summarize(recording),
    leaks: findLeaks(recording),
    objects: {
      totals: objects.totals,
      oldest: [...objects.live]
        .sort((a, b) => a.id - b.id)
        .slice(0, LISTED)
        .map(withStack),
      biggest: objects.live
        .filter(({ bytes }) => bytes !== null)
        .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
        .slice(0, LISTED)
        .map(withStack),
      collected: objects.collected.map(withStack),
    },
    warnings,
    jsMemoryBreakdown: breakdown,
    recording: { profiler, environment, options, clock, sources },
  };
}

export function createSnapshots({
  snapshots,
  sources,
}: Pick<Recording, 'snapshots' | 'sources'>): Snapshot[] {
  let before: Row | null = null;
  return snapshots.elapsed.map((_, index) => {
    const row = rowAt(snapshots, index);
    const snapshot = createSnapshot(row, before, sources);
    before = row;
    return snapshot;
  });
}

function growth(now: number | null, before: number | null | undefined): number | null {
  return now === null || before === null || before === undefined ? null : now - before;
}

export function createSnapshot(
  row: Row,
  before: Row | null,
  sources: Recording['sources'],
): Snapshot {
  const { tileCache, tileCacheLimit, tileAlloc, scratch, swap } = row;
  return {
    timestamp: row.timestamp,
    elapsed: row.elapsed,
    wasmMemory: {
      heapSize: row.heapSize,
      heapUsed: row.heapUsed,
      heapUsedSource: row.heapUsed === null ? 'unknown' : sources.heapUsed,
      heapGrowth: growth(row.heapSize, before?.heapSize),
      heapUsedGrowth: growth(row.heapUsed, before?.heapUsed),
      staticBytes: row.staticBytes,
      stackBytes: row.stackBytes,
    },
    jsMemory: {
      usedJSHeapSize: row.usedJSHeapSize,
      totalJSHeapSize: row.totalJSHeapSize,
      jsHeapSizeLimit: row.jsHeapSizeLimit,
      jsMemorySource: sources.jsMemory,
    },
    objectCounts: {
      buffers: row.buffers,
      nodes: row.nodes,
      processors: row.processors,
      colors: row.colors,
    },
    gegl: tileCache === null ? null : { tileCache, tileCacheLimit, tileAlloc, scratch, swap },
  };
}

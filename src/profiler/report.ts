// The report: a recording, explained, in the shape that users were promised.

import { findUnaccepted } from '../analyze/leaks/index.ts';
import { summarize } from '../analyze/summary.ts';
import type { Suppressed, Suppression } from '../analyze/suppressions.ts';
import { geglKnowledge } from '../gegl/knowledge.ts';
import { type Row, rowAt } from '../record/history.ts';
import type { JsMemory, MemoryBreakdown } from '../record/js-memory.ts';
import { byName } from '../recording/by-name.ts';
import type {
  ColumnName,
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
import { GEGL_COLUMNS, JS_MEMORY_COLUMNS, OBJECT_KINDS } from '../recording/types.ts';
import { type HeapReport, reportHeap } from './report-heap.ts';

/** One sample. Bytes; null is unknown. */
export interface Snapshot {
  /** The wall clock, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Milliseconds since the start. */
  readonly elapsed: number;
  readonly wasmMemory: {
    /** The module's memory: what the tab pays for. It never shrinks. */
    readonly heapSize: number | null;
    /** What the allocator has handed out: what is really in use. By the tracker, where it is on. */
    readonly heapUsed: number | null;
    readonly heapUsedSource: HeapUsedSource;
    /** Growth of `heapSize` since the snapshot before; null for the first. */
    readonly heapGrowth: number | null;
    /** Growth of `heapUsed` since the snapshot before. */
    readonly heapUsedGrowth: number | null;
    readonly staticBytes: number | null;
    readonly stackBytes: number | null;
    /** Blocks in use; null where no tracker is on. */
    readonly liveBlocks: number | null;
  };
  readonly jsMemory: JsMemory & { readonly jsMemorySource: JsMemorySource };
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

export interface Report extends HeapReport {
  /** The last snapshot; null before the first. */
  readonly current: Snapshot | null;
  readonly history: readonly Snapshot[];
  readonly summary: ReturnType<typeof summarize>;
  /** Without those that were suppressed. */
  readonly leaks: readonly Finding[];
  /** Which suppressions fitted a finding, and which did not. */
  readonly suppressions: Omit<Suppressed, 'findings'>;
  readonly objects: {
    readonly totals: Record<ObjectKind, ObjectTotals>;
    readonly oldest: readonly ReportedObject[];
    readonly biggest: readonly ReportedObject[];
    readonly collected: readonly ReportedObject[];
  };
  readonly warnings: readonly RecordedWarning[];
  readonly jsMemoryBreakdown: MemoryBreakdown | null;
  readonly recording: Omit<Recording, 'snapshots' | 'objects' | 'heap' | 'series' | 'warnings'>;
}

const LISTED = 20;

export function createReport(
  recording: Recording,
  breakdown: MemoryBreakdown | null,
  suppressions: readonly Suppression[] = [],
): Report {
  const history = createSnapshots(recording);
  const { snapshots: _, objects, heap, series: __, warnings, ...about } = recording;
  const { findings, ...suppressed } = findUnaccepted(recording, geglKnowledge, suppressions);
  const withStack = (object: ObjectRecord): ReportedObject => ({
    ...object,
    stack: objects.stacks[object.stack ?? -1] ?? null,
  });
  const live = objects.live.map(withStack).sort((a, b) => a.id - b.id);
  return {
    current: history.at(-1) ?? null,
    history,
    summary: summarize(recording),
    leaks: findings,
    suppressions: suppressed,
    objects: {
      totals: objects.totals,
      oldest: live.slice(0, LISTED),
      biggest: live
        .filter(({ bytes }) => bytes !== null)
        .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
        .slice(0, LISTED),
      collected: objects.collected.map(withStack),
    },
    ...reportHeap(heap),
    warnings,
    jsMemoryBreakdown: breakdown,
    recording: about,
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

function growth(now: number | null, before: number | null = null): number | null {
  return now === null || before === null ? null : now - before;
}

export function createSnapshot(
  row: Row,
  before: Row | null,
  sources: Recording['sources'],
): Snapshot {
  const { timestamp, elapsed, heapSize, heapUsed, staticBytes, stackBytes, liveBlocks } = row;
  const figure = <Name extends ColumnName>(name: Name) => row[name];
  return {
    timestamp,
    elapsed,
    wasmMemory: {
      heapSize,
      heapUsed,
      heapUsedSource: heapUsed === null ? 'unknown' : sources.heapUsed,
      heapGrowth: growth(heapSize, before?.heapSize),
      heapUsedGrowth: growth(heapUsed, before?.heapUsed),
      staticBytes,
      stackBytes,
      liveBlocks,
    },
    jsMemory: { ...byName(JS_MEMORY_COLUMNS, figure), jsMemorySource: sources.jsMemory },
    objectCounts: byName(OBJECT_KINDS, figure),
    gegl: row.tileCache === null ? null : byName(GEGL_COLUMNS, figure),
  };
}

// The package's main entry: `import { MemoryProfiler } from 'gegl-memory-profiler'`.

export { diffHeapSnapshots, type HeapDiff } from '../analyze/heap-graph/index.ts';
export type { Balance, BalanceRow } from '../analyze/repeated/balance.ts';
export {
  applySuppressions,
  parseSuppressions,
  type Suppressed,
  type Suppression,
  SuppressionError,
} from '../analyze/suppressions.ts';
export { type SymbolizeOptions, symbolize } from '../analyze/symbolize.ts';
export { RecordingError, type RecordingErrorCode } from '../recording/parse.ts';
export type * from '../recording/types.ts';
export { ProfilerError, type ProfilerErrorCode } from './errors.ts';
export type { FindLeaksOptions, FoundLeaks } from './find-leaks.ts';
export type {
  HeapSnapshot,
  HeapSnapshotSite,
  HeapSnapshotType,
  PathStep,
  UnreachableGroup,
} from './heap-snapshot.ts';
export { MemoryProfiler, type MemoryProfilerEvents } from './memory-profiler.ts';
export type { InstrumentationOptions, StartOptions } from './options.ts';
export type { Report, ReportedObject, Snapshot } from './report.ts';
export type { HeapReport, ReportedHeap } from './report-heap.ts';
export type { HeapSnapshotOptions } from './take-heap-snapshot.ts';

import './thread.ts';
import { registerScript } from '../gegl/lifecycle.ts';
import { MemoryProfiler } from './memory-profiler.ts';

registerScript();

/** The profiler of this page or process. */
export const memoryProfiler = new MemoryProfiler();

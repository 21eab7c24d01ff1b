// Loads heap snapshots and the hunt for leaks, which are a file beside this script. That file announces itself, as a
// classic script exports nothing to who imports it; a page may also load it by a tag of its own.

import { PROFILER } from '../record/version.ts';
import { ProfilerError } from './errors.ts';
import type { huntLeaks } from './find-leaks.ts';
import type { HeapSnapshots, summarizeHeapSnapshot } from './take-heap-snapshot.ts';

export interface HeapAnalysis {
  readonly HeapSnapshots: typeof HeapSnapshots;
  readonly summarizeHeapSnapshot: typeof summarizeHeapSnapshot;
  readonly huntLeaks: typeof huntLeaks;
}

/** Of another version, it is another one. */
const KEY = Symbol.for(`gegl-memory-profiler/heap-analysis@${PROFILER.version}`);

export function provideHeapAnalysis(analysis: HeapAnalysis): void {
  holder()[KEY] ??= analysis;
}

/** @throws ProfilerError `ANALYSIS_UNAVAILABLE` */
export async function loadAnalysis(): Promise<HeapAnalysis> {
  if (!holder()[KEY]) await importIt();
  const analysis = holder()[KEY];
  if (analysis) return analysis;
  throw unavailable('it is of another version.');
}

async function importIt(): Promise<void> {
  try {
    await import('./heap-analysis.ts');
  } catch (error) {
    throw unavailable(String(error));
  }
}

function unavailable(why: string): ProfilerError {
  return new ProfilerError(
    'ANALYSIS_UNAVAILABLE',
    `Heap snapshots and findLeaks() are a file of their own: serve memory-profiler-analysis.js beside memory-profiler.js. ${why}`,
  );
}

function holder(): { [KEY]?: HeapAnalysis } {
  return globalThis as { [KEY]?: HeapAnalysis };
}

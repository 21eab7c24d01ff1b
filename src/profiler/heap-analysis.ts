// What few sessions need: heap snapshots and the hunt for leaks. A file of its own, js/memory-profiler-analysis.js,
// which loads when it is asked for, and by which the worker starts that makes the graph of a heap.

import { registerScript } from '../gegl/lifecycle.ts';
import { huntLeaks } from './find-leaks.ts';
import { startAsAnalyst } from './heap-worker.ts';
import { provideHeapAnalysis } from './load-analysis.ts';
import { HeapSnapshots, summarizeHeapSnapshot } from './take-heap-snapshot.ts';

if (!startAsAnalyst()) {
  registerScript();
  provideHeapAnalysis({ HeapSnapshots, summarizeHeapSnapshot, huntLeaks });
}

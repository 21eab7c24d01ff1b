// node --import gegl-memory-profiler/register app.mjs: tracks the heaps of all modules that the program loads,
// in all of its threads. The environment variable MEMPROF says how: off, counts, sampled (when left out) or all.

import '../record/heap/index.ts';
import { trackMode } from '../record/heap/track-mode.ts';
import { heapTracking } from '../record/heap/tracking.ts';
import { greetThreads, modeWord, ownGreeting, passOnToWorkers } from './node-threads.ts';

const mode = trackMode(modeWord(), 'MEMPROF');
if (mode !== 'off') {
  passOnToWorkers();
  const greeting = ownGreeting();
  heapTracking()?.instrument({ mode }, { onGreeting: greetThreads, ...(greeting && { greeting }) });
}

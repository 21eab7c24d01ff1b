// The page's module: what it imports is made global, so that tests can ask for it.
// @ts-nocheck: what is global here comes from other scripts.

import { Gegl } from '/dist/esm/gegl.js';
import { MemoryProfiler, memoryProfiler } from '/dist/esm/memory-profiler.js';
import createGegl from '/native/gegl.mjs';

Object.assign(globalThis, {
  MemoryProfiler,
  memoryProfiler,
  Gegl,
  initOptions: { module: createGegl },
});
await import('./application.js');

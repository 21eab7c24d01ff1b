// The page's module.
// @ts-nocheck: what is global here comes from other scripts.

import { Gegl } from '/dist/esm/gegl.js';
import { memoryProfiler } from '/dist/esm/memory-profiler.js';
import createGegl from '/native/gegl.mjs';

memoryProfiler.instrument({ trackAllocations: 'sampled' });
Object.assign(globalThis, { memoryProfiler, Gegl, initOptions: { module: createGegl } });
await import('/profiler/application.js');
await import('./figures.js');

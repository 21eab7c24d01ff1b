// @ts-nocheck: it is imported from where the server has it.
import { memoryProfiler } from '/dist/esm/memory-profiler.js';

Object.assign(globalThis, { memoryProfiler });

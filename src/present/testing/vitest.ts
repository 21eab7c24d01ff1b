// `import 'gegl-memory-profiler/testing/vitest'`, in a setup file: `expect()` gets the matchers, and the modules that
// load from then on are tracked.

import { memoryProfiler } from 'gegl-memory-profiler';
import { expect } from 'vitest';
import { type MemoryMatchers, matchers } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<T> extends MemoryMatchers {}
}

expect.extend(matchers);
memoryProfiler.instrument();

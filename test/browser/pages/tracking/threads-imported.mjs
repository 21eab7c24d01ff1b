// The page's module.
// @ts-nocheck: what is global here comes from other scripts.

import { memoryProfiler } from './dist/esm/memory-profiler.js';

globalThis.memoryProfiler = memoryProfiler;
if (location.search === '?classic') {
  memoryProfiler.instrument({ workerScript: 'js/memory-profiler.js' });
  const script = document.createElement('script');
  script.src = 'vips/vips.js';
  await new Promise((resolve) => {
    script.onload = resolve;
    document.head.append(script);
  });
} else {
  memoryProfiler.instrument();
  globalThis.Vips = (await import('./vips/vips-es6.js')).default;
}
await import('./threads.js');
await import('./figures.js');

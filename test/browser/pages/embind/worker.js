// @ts-nocheck: what is global here comes from other scripts.
// The same in a worker.

importScripts('/js/memory-profiler.js');
memoryProfiler.instrument({ trackAllocations: 'all' });
importScripts('/libheif/libheif.js', 'holds.js');
holdObjects().then(postMessage, (error) => postMessage({ error: String(error) }));

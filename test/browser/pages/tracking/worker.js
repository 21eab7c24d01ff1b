// The worker of worker.html.
// @ts-nocheck: what is global here comes from other scripts.
globalThis.initOptions = { wasmUrl: '/native/gegl.wasm' };
importScripts('/native/gegl.js', 'js/memory-profiler.js', 'js/gegl-wrapper.js');
memoryProfiler.instrument({ trackAllocations: 'sampled' });
importScripts('/profiler/application.js', 'figures.js');

addEventListener('message', () => {
  ready
    .then(() => {
      openPicture();
      return { figures: heapFigures(), used: bytesInUse() };
    })
    .then(postMessage, (error) => postMessage({ error: String(error) }));
});

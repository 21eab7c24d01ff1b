// The worker of worker.html: a short session with GEGL, all of it here.
// @ts-nocheck: what is global here comes from other scripts.
// A worker's script can't tell where it was loaded from.
globalThis.initOptions = { wasmUrl: '/native/gegl.wasm' };
importScripts('/native/gegl.js', '/js/memory-profiler.js', '/js/gegl-wrapper.js', 'application.js');

async function runSession() {
  await ready;
  memoryProfiler.start({ sampleInterval: 20 });
  openPicture();
  await new Promise((resolve) => setTimeout(resolve, 100));
  memoryProfiler.stop();
  const used = bytesInUse();
  return { report: memoryProfiler.getReport(), text: memoryProfiler.exportData(), used };
}

addEventListener('message', () => {
  runSession().then(postMessage, (error) => postMessage({ error: String(error) }));
});

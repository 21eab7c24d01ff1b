// @ts-nocheck: what is global here comes from other scripts.
// Holds objects of libheif by its handles, releases one, and asks a heap snapshot who holds what.

globalThis.holdObjects = async () => {
  const response = await fetch('/libheif/libheif.wasm');
  const library = libheif({ wasmBinary: new Uint8Array(await response.arrayBuffer()) });
  memoryProfiler.start({ trackAllocations: 'all' });
  await memoryProfiler.takeHeapSnapshot();
  const contexts = Array.from({ length: 5 }, () => library.heif_context_alloc());
  const released = contexts.pop();
  const addresses = contexts.map((context) => context.$$.ptr);
  library.heif_context_free(released);
  released.delete();
  const snapshot = await memoryProfiler.takeHeapSnapshot();
  memoryProfiler.stop();
  return {
    unreachable: snapshot.unreachableGroups().map(({ stack }) => stack),
    path: snapshot.retainerPath(addresses[0]).map(({ kind, name }) => `${kind} ${name}`),
    held: contexts.length,
  };
};

globalThis.holdInWorker = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker('worker.js');
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });

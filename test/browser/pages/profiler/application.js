// What an application does, in a page of classic scripts, a page of ES modules and a worker.
// @ts-nocheck: what is global here comes from other scripts.

/** Resolves once GEGL runs. */
globalThis.ready = Gegl.init({ license: 'GPL3', ...globalThis.initOptions }).then(() => true);

/** Makes a color that nobody can release any more. */
globalThis.loseColor = function loseColor() {
  Gegl.createColor('red');
};

/** Keeps a buffer, with pixels in it, and a graph. */
globalThis.openPicture = function openPicture() {
  const buffer = Gegl.createBuffer({ width: 300, height: 200 });
  buffer.setPixels(new Float32Array(300 * 200 * 4).fill(0.5));
  const graph = Gegl.createGraph();
  const node = graph.createNode('gegl:buffer-source', { buffer });
  globalThis.picture = { buffer, graph, node };
};

/** The allocator's own count, asked for apart from the profiler's code. */
globalThis.bytesInUse = function bytesInUse() {
  const { module } = Gegl;
  const stack = module.stackSave();
  const address = module.stackAlloc(40);
  module._mallinfo(address);
  const used = new Uint32Array(module.HEAPU8.buffer, address, 10)[7];
  module.stackRestore(stack);
  return used;
};

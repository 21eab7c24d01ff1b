// An application with one line that allocates a lot, by a GEGL operation.
// @ts-nocheck: what is global here comes from other scripts.

globalThis.ready = Gegl.init({ license: 'GPL3' }).then(() => true);

globalThis.paintPicture = function paintPicture() {
  const buffer = Gegl.createBuffer({ width: 300, height: 200 });
  const node = Gegl.createGraph().createNode('gegl:color');
  node.blitToBuffer(buffer);
  globalThis.picture = buffer;
};

/** A report of what the application holds then. */
globalThis.reportPicture = function reportPicture() {
  memoryProfiler.start({ sampleInterval: 1_000_000 });
  paintPicture();
  memoryProfiler.stop();
  const { heap, sites, instances, operations, current, warnings } = memoryProfiler.getReport();
  const { stack } = new Error();
  return { heap, sites, instances, operations, current, warnings, stack };
};

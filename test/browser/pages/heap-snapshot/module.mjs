// What the packages' ES modules know in a page of an application that drops a block, and of its actions.
// @ts-nocheck: the modules are served from the built package.

import { Gegl } from '/dist/esm/gegl.js';
import { memoryProfiler } from '/dist/esm/memory-profiler.js';
import factory from '/native/gegl.mjs';

memoryProfiler.instrument({ trackAllocations: 'all', scrub: true });
globalThis.ready = Gegl.init({ license: 'GPL3', module: factory }).then(() => true);

globalThis.snapshotAndHunt = async function snapshotAndHunt() {
  const { module } = Gegl;
  await memoryProfiler.takeHeapSnapshot({ baseline: true });
  const lost = module._malloc(7000);
  const snapshot = await memoryProfiler.takeHeapSnapshot();
  const clean = await memoryProfiler.findLeaks(
    () => {
      const buffer = Gegl.createBuffer({ width: 32, height: 32 });
      buffer.getPixels();
      buffer.destroy();
    },
    { iterations: 3, warmup: 2 },
  );
  const kept = [];
  const leaking = await memoryProfiler.findLeaks(
    function keepBuffer() {
      kept.push(Gegl.createBuffer({ width: 32, height: 32 }));
    },
    { iterations: 3 },
  );
  return {
    groups: snapshot.unreachableGroups().map(({ addresses }) => addresses[0] === lost),
    clean: clean.findings.map(({ message }) => message),
    keptByClean: clean.balance.heap?.keptBlocks,
    leaking: leaking.findings.map(({ message, details: { stack } }) => `${message}\n${stack}`),
  };
};

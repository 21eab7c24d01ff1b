// Engines that the application drops without exit(): they go with their modules, as all that is dropped does, and none of
// their objects is told of as lost.

import { afterEach, expect, it } from 'vitest';
import { GeglEngine, liveObjects, runningEngines } from '../../src/gegl/index.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { parseRecording } from '../../src/recording/parse.ts';
import type { Recording } from '../../src/recording/types.ts';
import { collectGarbageUntil } from '../profiler/garbage.ts';
import { moduleFactory } from './built-module.ts';

const AREA = { x: 0, y: 0, width: 8, height: 8 };
const profiler = new MemoryProfiler();
afterEach(() => {
  if (profiler.isProfiling) profiler.stop();
  profiler.clear();
});

function buffers(): Recording['objects']['totals']['buffers'] {
  return parseRecording(profiler.exportData()).objects.totals.buffers;
}

/** @returns what is left of it. */
async function startAndDrop(): Promise<WeakRef<object>> {
  const engine = await new GeglEngine().init({ module: moduleFactory('gegl') });
  engine.createBuffer(AREA);
  engine.createGraph();
  return new WeakRef(engine.module);
}

it('goes with its module', async () => {
  const before = { engines: runningEngines().size, objects: liveObjects().size };
  const modules = [await startAndDrop(), await startAndDrop(), await startAndDrop()];
  await collectGarbageUntil(() => modules.every((module) => !module.deref()));
  expect(runningEngines().size).toBe(before.engines);
  await collectGarbageUntil(() => liveObjects().size <= before.objects);
  expect(liveObjects().size).toBe(before.objects);
}, 30_000);

it('has lost no object: their memory went with the module', async () => {
  profiler.start({ sampleInterval: 60_000 });
  const module = await startAndDrop();
  profiler.takeSnapshot();
  expect(profiler.objectCounts).toMatchObject({ buffers: 1, nodes: 1 });
  // The profiler itself holds the module that it watches, which is the one started last.
  const next = await new GeglEngine().init({ module: moduleFactory('gegl') });
  profiler.takeSnapshot();
  await collectGarbageUntil(() => !module.deref());
  await collectGarbageUntil(() => profiler.objectCounts.buffers === 0);
  expect(buffers()).toMatchObject({ live: 0, collected: 0 });
  expect(profiler.getReport().leaks).toEqual([]);
  next.exit();
}, 30_000);

it('has not even lost those whose handle was collected before it', async () => {
  profiler.start({ sampleInterval: 60_000 });
  let engine = await new GeglEngine().init({ module: moduleFactory('gegl') });
  engine.createBuffer(AREA);
  await collectGarbageUntil(() => buffers().collected === 1);
  engine = await new GeglEngine().init({ module: moduleFactory('gegl') });
  profiler.takeSnapshot();
  await collectGarbageUntil(() => buffers().collected === 0);
  expect(parseRecording(profiler.exportData()).objects.collected).toEqual([]);
  engine.exit();
}, 30_000);

it('has lost those whose handle was collected while it ran, as before', async () => {
  profiler.start({ sampleInterval: 60_000 });
  const engine = await new GeglEngine().init({ module: moduleFactory('gegl') });
  engine.createBuffer(AREA);
  await collectGarbageUntil(() => buffers().collected === 1);
  engine.exit();
  expect(buffers().collected).toBe(1);
  expect(profiler.getReport().leaks.map(({ type }) => type)).toContain('collected_handle');
}, 30_000);

// A module that was rewritten ahead of time: nobody says how, so what is known comes from its names.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { GeglEngine } from '../../../src/gegl/index.ts';
import { instrumentWasm } from '../../../src/instrument/index.ts';
import { formatReport } from '../../../src/present/text/index.ts';
import { MemoryProfiler } from '../../../src/profiler/index.ts';
import { allProbes } from '../../../src/record/heap/instrument-options.ts';
import { moduleFactory } from '../../gegl/built-module.ts';
import { startProfiler } from '../../profiler/real-gegl.ts';

const original = readFileSync(new URL('../../../native/out/gegl.wasm', import.meta.url));

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

async function startEngine(contexts: boolean): Promise<GeglEngine> {
  const wasmBinary = instrumentWasm(original, { probes: allProbes(), contexts }).bytes;
  const trackAllocations = contexts ? 'all' : 'sampled';
  const tracking = new MemoryProfiler().instrument({
    trackAllocations,
    mean: 1,
    budget: 1,
    seed: 1,
  });
  cleanups.push(() => tracking.stop());
  const engine = new GeglEngine();
  const create = moduleFactory();
  const module = (overrides?: object) => create({ ...overrides, wasmBinary });
  await engine.init({ module, license: 'GPL3', onMessage() {} });
  cleanups.push(() => engine.exit());
  return engine;
}

describe.each([
  ['with', true],
  ['without', false],
])('a module that was rewritten ahead of time, %s contexts', (_, contexts) => {
  it('is as exact as another, and its stacks and objects have names', async () => {
    const engine = await startEngine(contexts);
    const profiler = startProfiler();
    const buffer = engine.createBuffer({ width: 300, height: 300 });
    engine.createGraph().createNode('gegl:color').blitToBuffer(buffer);
    profiler.takeSnapshot();
    const report = profiler.getReport();
    expect(report.heap).toMatchObject({
      module: { foundBy: null, confidence: null, allocator: null, hasNames: true },
      accounting: { verified: true, unknownFrees: 0, duplicateAllocations: 0 },
    });
    expect(report.operations?.map(({ name }) => name)).toContain('gegl:color');
    expect(report.instances?.some(({ type, live }) => type === 'GeglBuffer' && live > 0)).toBe(
      true,
    );
    const site = report.sites?.find(({ frames }) => frames[0]?.name === 'gegl_tile_alloc');
    expect(site?.title).toContain('ahead-of-time.test.ts');
    const names = site?.frames.map(({ name }) => name);
    expect(names?.filter((name) => name === 'gegl_operation_process')).toHaveLength(1);
    expect(JSON.stringify(report.sites)).not.toMatch(/memprof:|fpcast-emu|"malloc"/);
    expect(formatReport(report)).toContain('instrumented ahead of time');
    expect(report.warnings).toEqual([]);
  });
});

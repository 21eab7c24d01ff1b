// testMemoryProfiler() in Node; test/browser/demo.test.ts has it in browsers.

import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// As a CommonJS program of a user's would.
const require = createRequire(import.meta.url);
const wrapper: typeof import('../../src/gegl/index.ts') &
  typeof import('../../src/profiler/self-test.ts') = require('../../js/gegl-wrapper.js');
const { MemoryProfiler }: typeof import('../../src/profiler/index.ts') =
  require('../../js/memory-profiler.js');

const { Gegl, liveObjects, runningEngines, testMemoryProfiler } = wrapper;
const log = vi.spyOn(console, 'log').mockReturnValue();

beforeEach(() => {
  log.mockClear();
});
afterEach(() => {
  if (Gegl.isRunning) Gegl.exit();
});

const each = (count: number) => ({
  buffers: count,
  nodes: count,
  processors: count,
  colors: count,
});

describe('testMemoryProfiler', () => {
  it('finds what it planted, of every kind, and says so at the end', async () => {
    const result = await testMemoryProfiler({ MemoryProfiler });
    expect(result.found).toEqual(result.planted);
    expect(result.planted).toEqual(each(40));
    expect(result.missed).toEqual(each(0));
    expect(result.passed).toBe(true);
    expect(result.report.leaks.map(({ type }) => type)).toContain('object_accumulation');
    const account = log.mock.calls.flat().join('\n');
    expect(account).toMatch(/planted +found +missed[\s\S]*colors +40 +40 +0\npassed: /);
    expect(runningEngines().size).toBe(0);
  });

  it('leaves the engine that runs as it was', async () => {
    await Gegl.init({ onMessage: () => {} });
    const buffer = Gegl.createBuffer({ width: 8, height: 8 });
    const { passed } = await testMemoryProfiler({ MemoryProfiler });
    expect(passed).toBe(true);
    expect([...liveObjects().keys()]).toEqual([buffer.id]);
    expect(Gegl.exit()).toEqual({ ...each(0), buffers: 1 });
  });

  it('is not misled by objects that the page leaked before', async () => {
    await Gegl.init({ onMessage: () => {} });
    const before = Array.from({ length: 300 }, () => Gegl.createColor('red'));
    const { planted, found } = await testMemoryProfiler({ MemoryProfiler });
    expect(found).toEqual(planted);
    for (const color of before) color.destroy();
  });

  it('says what is missing where there is no profiler', async () => {
    await expect(testMemoryProfiler()).rejects.toMatchObject({
      code: 'PROFILER_MISSING',
      message: expect.stringContaining('js/memory-profiler.js'),
    });
  });
});

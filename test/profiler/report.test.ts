// What the report says, to the letter, of real GEGL in Node.

import { describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { pattern } from '../gegl/conformance/case.ts';
import { collectGarbageUntil } from './garbage.ts';
import { abortModule, afterThisTest, bytesInUse, startEngine, startProfiler } from './real-gegl.ts';

const NO_OBJECTS = { buffers: 0, nodes: 0, processors: 0, colors: 0 };

describe('the report', () => {
  it('has the names that users were promised', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.createColor('red');
    profiler.takeSnapshot();
    const { current, history, summary, leaks, objects, warnings } = profiler.getReport();
    const number = expect.any(Number);
    expect(current).toEqual({
      timestamp: number,
      elapsed: number,
      wasmMemory: {
        heapSize: number,
        heapUsed: number,
        heapUsedSource: 'mallinfo',
        heapGrowth: 0,
        heapUsedGrowth: number,
        staticBytes: number,
        stackBytes: number,
        liveBlocks: null,
      },
      jsMemory: {
        usedJSHeapSize: number,
        totalJSHeapSize: number,
        jsHeapSizeLimit: number,
        jsMemorySource: 'process.memoryUsage',
      },
      objectCounts: { ...NO_OBJECTS, colors: 1 },
      gegl: {
        tileCache: number,
        tileCacheLimit: engine.config.tileCacheSize,
        tileAlloc: number,
        scratch: number,
        swap: number,
      },
    });
    expect(history).toHaveLength(2);
    expect(history.at(-1)).toEqual(current);
    expect(summary).toMatchObject({
      duration: current?.elapsed,
      totalSamples: 2,
      averageMemoryGrowth: number,
      peakMemoryUsage: number,
      totalAllocations: 1,
      objectCounts: { ...NO_OBJECTS, colors: 1 },
    });
    expect(leaks).toEqual([]);
    expect(warnings).toEqual([]);
    expect(objects.totals.colors).toEqual({ created: 1, destroyed: 0, live: 1, collected: 0 });
  });

  it('is empty, not wrong, before the start', () => {
    const profiler = new MemoryProfiler();
    const { current, history, leaks, summary } = profiler.getReport();
    expect(current).toBeNull();
    expect(history).toEqual([]);
    expect(leaks).toEqual([]);
    expect(summary).toMatchObject({
      duration: 0,
      totalSamples: 0,
      averageMemoryGrowth: null,
      peakMemoryUsage: null,
      peakHeapSize: null,
      totalAllocations: 0,
      objectCounts: NO_OBJECTS,
    });
    expect(profiler.snapshots).toEqual([]);
    expect(MemoryProfiler.fromExport(profiler.exportData()).getReport().history).toEqual([]);
  });

  it('tells the live handles that there are, even before the start', async () => {
    const engine = await startEngine();
    const color = engine.createColor('red');
    expect(new MemoryProfiler().objectCounts).toEqual({ ...NO_OBJECTS, colors: 1 });
    color.destroy();
    expect(new MemoryProfiler().objectCounts).toEqual(NO_OBJECTS);
  });

  it('lists leaks by severity of evidence, with the line that created the lost object', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const forget = () => void engine.createBuffer({ width: 64, height: 64 });
    forget();
    await collectGarbageUntil(() => profiler.getReport().leaks.length > 0);
    const [leak] = profiler.getReport().leaks;
    expect(leak).toMatchObject({
      type: 'collected_handle',
      severity: 'error',
      details: { kind: 'buffers', count: 1, bytes: 64 * 64 * 16 },
    });
    expect(JSON.stringify(leak?.details)).toMatch(/at forget \([^)]*report\.test\.ts:\d+/);
  });

  it('lists the oldest and the biggest live objects with their stacks', async () => {
    const engine = await startEngine();
    const early = engine.createColor('red');
    const profiler = startProfiler();
    const small = engine.createBuffer({ width: 10, height: 10 });
    const big = engine.createBuffer({ width: 100, height: 100 });
    profiler.stop();
    const between = engine.createColor('blue');
    profiler.start({ sampleInterval: 1_000_000 });
    const late = engine.createColor('green');
    const { oldest, biggest } = profiler.getReport().objects;
    expect(oldest.map(({ id }) => id)).toEqual(
      [early, small, big, between, late].map(({ id }) => id),
    );
    expect(oldest.map(({ createdAt }) => createdAt === null)).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(biggest.map(({ id }) => id)).toEqual([big.id, small.id]);
    expect(biggest[0]?.stack?.split('\n')[0]).toContain('report.test.ts');
    expect(oldest[0]?.stack).toBeNull();
  });
});

describe('heapUsed', () => {
  it("is the allocator's own figure at each snapshot", async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const before = profiler.takeSnapshot()?.wasmMemory.heapUsed ?? 0;
    expect(before).toBe(bytesInUse(engine));
    const buffer = engine.createBuffer({ width: 500, height: 500 });
    buffer.setPixels(pattern(500, 500));
    const full = profiler.takeSnapshot()?.wasmMemory;
    expect(full?.heapUsed).toBe(bytesInUse(engine));
    expect(full?.heapUsedGrowth).toBe((full?.heapUsed ?? 0) - before);
    expect(full?.heapUsedGrowth).toBeGreaterThan(500 * 500 * 16);
  });

  it('leaves static data and the stack apart', async () => {
    const engine = await startEngine();
    const { module } = engine;
    const wasmMemory = startProfiler().getReport().current?.wasmMemory;
    expect(wasmMemory?.staticBytes).toBe(module._gegl_wasm_static_bytes());
    expect(wasmMemory?.stackBytes).toBe(module._gegl_wasm_stack_bytes());
    expect(wasmMemory?.staticBytes).toBeGreaterThan(1_000_000);
    expect(wasmMemory?.heapSize).toBe(module.HEAPU8.length);
  });

  it('is null with the source "unknown" where there is none', () => {
    // A stand-in: every module that this project builds has mallinfo.
    const module = { HEAPU8: new Uint8Array(65_536) };
    expect(startProfiler({ module }).getReport().current?.wasmMemory).toEqual({
      heapSize: 65_536,
      heapUsed: null,
      heapUsedSource: 'unknown',
      heapGrowth: null,
      heapUsedGrowth: null,
      staticBytes: null,
      stackBytes: null,
      liveBlocks: null,
    });
  });

  it('is null with the source "unknown" in snapshots before there was a module', async () => {
    const profiler = startProfiler();
    await startEngine();
    profiler.takeSnapshot();
    expect(profiler.snapshots.map(({ wasmMemory }) => wasmMemory.heapUsedSource)).toEqual([
      'unknown',
      'mallinfo',
    ]);
    expect(profiler.snapshots[0]).toMatchObject({
      wasmMemory: { heapSize: null, heapUsed: null },
      gegl: null,
    });
  });
});

describe('heapGrowth', () => {
  it('is what the memory grew by since the snapshot before', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const before = engine.module.HEAPU8.length;
    engine.module._malloc(2 ** 28);
    const { heapGrowth, heapSize } = profiler.takeSnapshot()?.wasmMemory ?? {};
    expect(heapGrowth).toBeGreaterThanOrEqual(2 ** 28 - before);
    expect(heapGrowth).toBe((heapSize ?? 0) - before);
    expect(profiler.takeSnapshot()?.wasmMemory.heapGrowth).toBe(0);
    expect(profiler.snapshots.map(({ wasmMemory }) => wasmMemory.heapGrowth)).toEqual([
      null,
      heapGrowth,
      0,
    ]);
  });
});

describe("GEGL's figures", () => {
  it('are those of GEGL itself', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.config.tileCacheSize = 50_000_000;
    const buffer = engine.createBuffer({ width: 600, height: 600 });
    buffer.setPixels(pattern(600, 600));
    const gegl = profiler.takeSnapshot()?.gegl;
    const stats = engine.stats();
    expect(gegl).toEqual({
      tileCache: stats.tileCacheTotal,
      tileCacheLimit: 50_000_000,
      tileAlloc: stats.tileAllocTotal,
      scratch: stats.scratchTotal,
      swap: stats.swapTotal,
    });
    expect(gegl?.tileCache).toBeGreaterThan(0);
  });

  it('say which versions made the recording', async () => {
    const engine = await startEngine();
    const { environment, profiler } = startProfiler().getReport().recording;
    expect(environment).toEqual({
      runtime: 'node',
      userAgent: `Node.js ${process.version}`,
      page: null,
      crossOriginIsolated: null,
      gegl: engine.versions,
    });
    expect(profiler.name).toBe('gegl-memory-profiler');
  });
});

describe('a module that ends', () => {
  it('by exit() leaves null figures, a warning and no objects', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.createColor('red');
    engine.exit();
    expect(profiler.takeSnapshot()).toMatchObject({
      wasmMemory: { heapSize: null, heapUsed: null, heapUsedSource: 'unknown' },
      objectCounts: NO_OBJECTS,
      gegl: null,
    });
    profiler.takeSnapshot();
    expect(profiler.getReport().warnings.map(({ code }) => code)).toEqual(['module-stopped']);
    expect(profiler.getReport().summary.peakMemoryUsage).toBeGreaterThan(0);
  });

  it('by abort() leaves null figures and a warning, and sampling goes on', async () => {
    const engine = await startEngine({ mayAbort: true });
    const profiler = startProfiler({ module: engine.module });
    abortModule(engine);
    for (let count = 0; count < 3; count += 1) {
      expect(profiler.takeSnapshot()?.wasmMemory.heapUsed).toBeNull();
    }
    expect(profiler.getReport().warnings.map(({ code }) => code)).toEqual(['module-stopped']);
    profiler.stop();
    expect(profiler.snapshots).toHaveLength(5);
  });

  it('by abort() is followed by a new one, of which all is known', async () => {
    const engine = await startEngine({ mayAbort: true });
    const profiler = startProfiler();
    abortModule(engine);
    profiler.takeSnapshot();
    const second = await startEngine();
    expect(profiler.takeSnapshot()?.wasmMemory.heapUsed).toBe(bytesInUse(second));
    expect(profiler.takeSnapshot()?.gegl?.tileCache).toBe(0);
  });
});

describe('memory that is full', () => {
  it("takes GEGL's figures away only as long as it is", async () => {
    const engine = await startEngine();
    const { module } = engine;
    const profiler = startProfiler();
    const blocks: number[] = [];
    // Down to the last bytes, so that not even the text of the figures fits.
    for (let size = 2 ** 30; size >= 8; size /= 2) {
      for (let address = module._malloc(size); address !== 0; address = module._malloc(size)) {
        blocks.push(address);
        if (size === 8 && blocks.length > 200_000) break;
      }
    }
    const full = profiler.takeSnapshot();
    for (const address of blocks) module._free(address);
    expect(full?.wasmMemory.heapUsed ?? 0).toBeGreaterThan(3 * 2 ** 30);
    const after = profiler.takeSnapshot();
    expect(after?.gegl?.tileCache).toBe(0);
    expect(profiler.getReport().warnings.length).toBeLessThanOrEqual(1);
  });
});

describe('two engines', () => {
  it('have their objects counted together, and the memory of the last one watched', async () => {
    const first = await startEngine();
    const second = await startEngine();
    const profiler = startProfiler();
    first.createColor('red');
    const buffer = second.createBuffer({ width: 300, height: 300 });
    buffer.setPixels(pattern(300, 300));
    const both = profiler.takeSnapshot();
    expect(both?.objectCounts).toEqual({ buffers: 1, nodes: 0, processors: 0, colors: 1 });
    expect(both?.wasmMemory.heapUsed).toBe(bytesInUse(second));
    second.exit();
    const one = profiler.takeSnapshot();
    expect(one?.objectCounts).toEqual({ ...NO_OBJECTS, colors: 1 });
    expect(one?.wasmMemory.heapUsed).toBe(bytesInUse(first));
  });

  it('can be watched one at a time, by the module that start() is given', async () => {
    const first = await startEngine();
    await startEngine();
    const profiler = startProfiler({ module: first.module });
    expect(profiler.takeSnapshot()?.wasmMemory.heapUsed).toBe(bytesInUse(first));
  });
});

describe('jsMemory', () => {
  it("is process.memoryUsage() in Node, with V8's limit", () => {
    const { usedJSHeapSize, totalJSHeapSize, jsHeapSizeLimit } =
      startProfiler().getReport().current?.jsMemory ?? {};
    const { heapUsed, heapTotal } = process.memoryUsage();
    expect(Math.abs((usedJSHeapSize ?? 0) - heapUsed)).toBeLessThan(20e6);
    expect(Math.abs((totalJSHeapSize ?? 0) - heapTotal)).toBeLessThan(20e6);
    expect(jsHeapSizeLimit).toBeGreaterThan(heapTotal);
  });

  it('is null with the source "none" where nothing is known', () => {
    // A stand-in for a browser without any source: the document makes it a page, not Node.
    const page = globalThis as { document?: unknown; location?: unknown };
    page.location = new URL('https://editor.example/');
    page.document = { visibilityState: 'visible', addEventListener() {}, removeEventListener() {} };
    const { addEventListener, removeEventListener } = globalThis;
    Object.assign(globalThis, { addEventListener() {}, removeEventListener() {} });
    afterThisTest(() => {
      delete page.document;
      delete page.location;
      Object.assign(globalThis, { addEventListener, removeEventListener });
    });
    expect(startProfiler().getReport().current?.jsMemory).toEqual({
      usedJSHeapSize: null,
      totalJSHeapSize: null,
      jsHeapSizeLimit: null,
      jsMemorySource: 'none',
    });
  });
});

// What the report says of a tracked heap of real GEGL: exact figures, sites, instances, operations, tiles.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { GeglEngine } from '../../../src/gegl/engine.ts';
import { bodyOf, parseModule } from '../../../src/instrument/module.ts';
import { MemoryProfiler } from '../../../src/profiler/index.ts';
import type { Report } from '../../../src/profiler/report.ts';
import { trackedHeaps } from '../../../src/record/heap/track-loads.ts';
import { pattern } from '../../gegl/conformance/case.ts';
import { bytesInUse, startEngine, startProfiler } from '../../profiler/real-gegl.ts';

let tracking: { stop(): void } | null = null;
afterEach(() => {
  tracking?.stop();
  tracking = null;
});

type Instrumentation = Parameters<MemoryProfiler['instrument']>[0];

/** An engine in a module that is tracked, every allocation a sample. */
async function startTracked(options: Instrumentation = {}): Promise<GeglEngine> {
  const settings = { mean: 1024, budget: 1, seed: 1, ...options };
  tracking = new MemoryProfiler().instrument(settings);
  const engine = await startEngine();
  tracking.stop();
  return engine;
}

function blur(engine: GeglEngine): void {
  const source = engine.createBuffer({ width: 300, height: 200 });
  source.setPixels(pattern(300, 200));
  const target = engine.createBuffer({ width: 300, height: 200 });
  const graph = engine.createGraph();
  const sink = graph.createNode('gegl:write-buffer', { buffer: target });
  graph
    .createNode('gegl:buffer-source', { buffer: source })
    .link(graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 4, 'std-dev-y': 4 }), sink);
  sink.process();
  for (const object of [graph, source, target]) object.destroy();
}

function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('It is not known.');
  return value;
}

describe('the heap of a tracked module', () => {
  it('is exact: its blocks are the allocator’s, and its bytes are what mallinfo says', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    blur(engine);
    profiler.takeSnapshot();
    const { heap, current, recording, warnings } = profiler.getReport();
    const { accounting, totals, module } = known(heap);
    expect(accounting).toMatchObject({
      unknownFrees: 0,
      duplicateAllocations: 0,
      verified: true,
      verifiedBy: 'mallinfo',
      comparison: { untrackedBlocks: 0, unallocatedBlocks: 0 },
    });
    const tracker = trackedHeaps().at(-1)?.tracker;
    expect(known(heap).trackerBytes).toBe(tracker?.memory.buffer.byteLength);
    expect(accounting.comparison?.allocatorBytes).toBe(bytesInUse(engine));
    expect(module).toMatchObject({ allocator: 'dlmalloc', confidence: 'certain', hasNames: true });
    expect(totals.live.bytes).toBe(totals.allocated.bytes - totals.freed.bytes);
    expect(totals.peak.bytes).toBeGreaterThanOrEqual(totals.live.bytes);
    expect(recording.sources.heapUsed).toBe('tracker');
    expect(current?.wasmMemory).toMatchObject({
      heapUsed: totals.live.bytes,
      heapUsedSource: 'tracker',
      liveBlocks: totals.live.blocks,
    });
    expect(warnings).toEqual([]);
  });

  it('is told by size and by age, each adding up to what is live', async () => {
    const engine = await startTracked({ trackAllocations: 'counts' });
    const profiler = startProfiler();
    const address = (engine.module as unknown as { _malloc(size: number): number })._malloc(70_000);
    profiler.takeSnapshot();
    const { heap, sites } = profiler.getReport();
    const { sizeClasses, ages, totals, mode, sampling } = known(heap);
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(sizeClasses.map(({ liveBytes }) => liveBytes))).toBe(totals.live.bytes);
    expect(sum(sizeClasses.map(({ totalBlocks }) => totalBlocks))).toBe(totals.allocated.blocks);
    expect(sum(ages.map(({ bytes }) => bytes))).toBe(totals.live.bytes);
    expect(ages.find(({ bytes }) => bytes === 70_000)?.from).toBe(profiler.snapshots[0]?.elapsed);
    expect(ages[0]?.from).toBeNull();
    expect({ mode, sampling, sites }).toEqual({ mode: 'counts', sampling: null, sites: null });
    (engine.module as unknown as { _free(address: number): void })._free(address);
  });

  it('is null where the module loaded before, and the report says so', async () => {
    await startEngine();
    const profiler = startProfiler({ trackAllocations: 'counts' });
    const report = profiler.getReport();
    expect(report).toMatchObject({ heap: null, sites: null, instances: null, operations: null });
    expect(report.current?.wasmMemory.heapUsedSource).toBe('mallinfo');
    expect(report.warnings.map(({ code }) => code)).toEqual(['heap-untracked']);
  });

  it('is tracked by start() alone, where the module loads afterwards', async () => {
    const profiler = startProfiler({ trackAllocations: 'sampled' });
    const engine = await startEngine();
    profiler.takeSnapshot();
    expect(profiler.getReport().heap?.mode).toBe('sampled');
    profiler.stop();
    const frozen = profiler.exportData();
    blur(engine);
    expect(profiler.exportData()).toBe(frozen);
    await startEngine();
    profiler.start({ sampleInterval: 1_000_000 });
    // What start() had wrapped was put back by stop().
    expect(profiler.getReport().current?.wasmMemory.heapUsedSource).toBe('mallinfo');
  });
});

describe('allocation sites', () => {
  it.each(['sampled', 'all'] as const)(
    'lead to the line of the application (%s)',
    async (trackAllocations) => {
      const engine = await startTracked({ trackAllocations });
      const profiler = startProfiler();
      const node = engine.createGraph().createNode('gegl:color');
      function paint() {
        node.blitToBuffer(buffer);
      }
      const buffer = engine.createBuffer({ width: 600, height: 600 });
      paint();
      profiler.takeSnapshot();
      const sites = known(profiler.getReport().sites);
      const site = known(
        sites.find(({ frames }) => frames.some(({ name }) => name === 'gegl_tile_alloc')),
      );
      expect(site.title).toMatch(/^paint \(.*heap-report\.test\.ts:\d+:\d+\)$/);
      expect(site.liveBytes).toBeGreaterThan(500_000);
      const names = site.frames.map(({ name }) => name ?? '');
      const at = (name: string) => names.indexOf(name);
      expect(names[0]).toBe('gegl_tile_alloc');
      expect(at('gegl_operation_process')).toBeGreaterThan(0);
      expect(at('gegl_wasm_node_blit_buffer')).toBeGreaterThan(at('gegl_operation_process'));
      expect(at('paint')).toBeGreaterThan(at('gegl_wasm_node_blit_buffer'));
      const text = JSON.stringify(sites);
      expect(text).not.toMatch(/fpcast-emu|memprof:|"malloc"|"g_malloc/);
      const kinds = new Map(site.frames.map(({ kind, url }) => [kind, url]));
      expect(kinds.get('application')).toBeDefined();
      expect(kinds.get('glue')).toMatch(/gegl\.js$/);
      expect(kinds.get('profiler')).toContain('/src/gegl/');
    },
  );

  it('have code offsets of the original module, so that debug information fits', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    engine.createColor('red');
    const frames = known(profiler.getReport().sites).flatMap((site) => site.frames);
    const offsets = new Map(
      frames.flatMap(({ index, offset }) =>
        index === null || offset === null ? [] : [[index, offset]],
      ),
    );
    expect(offsets.size).toBeGreaterThan(50);
    const original = parseModule(
      readFileSync(new URL('../../../native/out/gegl.wasm', import.meta.url)),
    );
    for (const [index, offset] of offsets) {
      const body = known(bodyOf(original, index));
      expect(offset).toBeGreaterThanOrEqual(body.start);
      expect(offset).toBeLessThan(body.end);
    }
  });

  it('estimate what is exact elsewhere, within their errors', async () => {
    const engine = await startTracked({ mean: 16_384 });
    const profiler = startProfiler();
    for (let count = 0; count < 5; count += 1) blur(engine);
    const { sites, heap } = profiler.getReport();
    const all = known(sites);
    expect(all.length).toBeLessThanOrEqual(100);
    const figures = known(JSON.parse(profiler.exportData()).heap.sites.figures) as Record<
      string,
      number[]
    >;
    const sum = (name: string) => known(figures[name]).reduce((a, b) => a + b, 0);
    const error = Math.sqrt(known(figures.liveBytesError).reduce((a, b) => a + b * b, 0));
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(sum('liveBytes') - known(heap).totals.live.bytes)).toBeLessThan(4 * error);
    const totalError = Math.sqrt(known(figures.totalBytesError).reduce((a, b) => a + b * b, 0));
    expect(Math.abs(sum('totalBytes') - known(heap).totals.allocated.bytes)).toBeLessThan(
      4 * totalError,
    );
    expect(heap?.sampling).toMatchObject({ mean: 16_384 });
  });
});

describe('instances, operations and tiles', () => {
  it('count every GObject by the name of its type', async () => {
    const engine = await startTracked({ trackAllocations: 'counts' });
    const profiler = startProfiler();
    const of = (report: Report, type: string) =>
      known(report.instances).find((row) => row.type === type);
    const before = of(profiler.getReport(), 'GeglColor')?.live ?? 0;
    const colors = [engine.createColor('red'), engine.createColor('blue')];
    const after = of(profiler.getReport(), 'GeglColor');
    expect(after?.live).toBe(before + 2);
    expect(after?.ownBytes).toBeGreaterThan(0);
    for (const color of colors) color.destroy();
    expect(of(profiler.getReport(), 'GeglColor')).toMatchObject({ live: before, freed: 2 });
    const types = known(profiler.getReport().instances).map(({ type }) => type);
    expect(types.every((type) => /^[A-Za-z_]\w+$/.test(type))).toBe(true);
  });

  it('charge what is allocated to the operation that runs', async () => {
    const engine = await startTracked({ trackAllocations: 'counts' });
    const profiler = startProfiler();
    blur(engine);
    const operations = known(profiler.getReport().operations);
    const blurred = known(operations.find(({ name }) => name === 'gegl:gblur-1d'));
    expect(blurred.runs).toBe(2);
    expect(blurred.totalBytes).toBeGreaterThan(300 * 200 * 16);
    expect(blurred.peakBytes).toBeGreaterThan(0);
    expect(operations.every(({ name }) => /^[\w-]+:[\w-]+$/.test(name))).toBe(true);
  });

  it('charge tiles to their buffers: as many bytes as the pixels take', async () => {
    const engine = await startTracked({ trackAllocations: 'counts' });
    const profiler = startProfiler();
    const buffers = [256, 512].map((size) => {
      const buffer = engine.createBuffer({ width: size, height: size });
      buffer.setPixels(pattern(size, size));
      return buffer;
    });
    const { holders, instances } = profiler.getReport();
    const byAddress = new Map(known(holders).map((row) => [row.address, row]));
    for (const [place, size] of [256, 512].entries()) {
      const row = known(byAddress.get(known(buffers[place]).address));
      expect(row.type).toBe('GeglBuffer');
      expect(row.chargedBytes).toBe(size * size * 16);
    }
    const cache = engine.stats().tileCacheTotal;
    expect(known(instances).find(({ type }) => type === 'GeglBuffer')?.chargedBytes).toBe(cache);
    known(buffers[1]).destroy();
    const left = known(profiler.getReport().holders);
    expect(left.map(({ address }) => address)).toEqual([known(buffers[0]).address]);
  });

  it('keeps the tiles of a buffer once the cache has let go of them', async () => {
    const engine = await startTracked({ trackAllocations: 'counts' });
    const profiler = startProfiler();
    engine.config.tileCacheSize = 1_000_000;
    const buffer = engine.createBuffer({ width: 512, height: 512 });
    buffer.setPixels(pattern(512, 512));
    const [row] = known(profiler.getReport().holders);
    expect(row).toMatchObject({ type: 'GeglBuffer', chargedBytes: 512 * 512 * 16 });
  });
});

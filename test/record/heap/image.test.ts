// The image of a heap of modules of which less is known: without names, of others, with a memory that changes meanwhile.

import { afterEach, describe, expect, it } from 'vitest';
import { buildHeapGraph } from '../../../src/analyze/heap-graph/index.ts';
import { GeglEngine } from '../../../src/gegl/index.ts';
import { describeHeap } from '../../../src/gegl/layouts.ts';
import { MemoryProfiler } from '../../../src/profiler/index.ts';
import { HeapReader } from '../../../src/record/heap/heap-reader.ts';
import { type CapturedImage, captureHeap } from '../../../src/record/heap/image/capture.ts';
import {
  type TrackedHeap,
  type Tracking,
  trackedHeaps,
  trackLoads,
} from '../../../src/record/heap/track-loads.ts';
import { runAtOnce } from '../../../src/slices.ts';
import { requireFresh } from '../../foreign/packages.ts';
import { moduleFactory } from '../../gegl/built-module.ts';

type InitSql = () => Promise<{ Database: new () => { run(sql: string): void; close(): void } }>;

let tracking: Tracking | undefined;
afterEach(() => tracking?.stop());

function lastHeap(): TrackedHeap {
  const heap = trackedHeaps().at(-1);
  if (!heap) throw new Error('no module is tracked');
  return heap;
}

async function capture(reader: HeapReader): Promise<CapturedImage> {
  const knowledge = reader.knowledge();
  if (!knowledge) throw new Error('the module has no memory');
  return captureHeap(knowledge, describeHeap);
}

async function startGegl(name: string): Promise<GeglEngine> {
  const engine = new GeglEngine();
  await engine.init({ module: moduleFactory(name), onMessage() {} });
  return engine;
}

describe('a module without names', () => {
  it('has unreachable blocks, of which only the operation is not told', async () => {
    const profiler = new MemoryProfiler();
    tracking = profiler.instrument({ trackAllocations: 'all', budget: 1, scrub: true });
    const engine = await startGegl('gegl-stripped');
    await profiler.takeHeapSnapshot();
    const buffer = engine.createBuffer({ width: 8, height: 8 });
    const module = engine.module as unknown as { _malloc(bytes: number): number };
    const lost = module._malloc(5000);
    const snapshot = await profiler.takeHeapSnapshot();
    expect(snapshot.unreachableGroups()).toMatchObject([
      { type: null, operation: null, blocks: 1, bytes: 5000, addresses: [lost] },
    ]);
    const [holder] = snapshot.retainerPath(buffer.address) ?? [];
    expect(holder).toMatchObject({ kind: 'handle' });
    engine.exit();
  }, 60_000);
});

describe('a module of others', () => {
  it('is looked into, and its live blocks are held', async () => {
    tracking = trackLoads({ mode: 'counts' });
    const SQL = await requireFresh<InitSql>('sql.js/dist/sql-wasm.js')();
    const database = new SQL.Database();
    database.run('CREATE TABLE a (b TEXT)');
    for (let row = 0; row < 500; row++) database.run(`INSERT INTO a VALUES ('row ${row}')`);
    const captured = await capture(new HeapReader(lastHeap(), null));
    const { image } = captured;
    const graph = runAtOnce(buildHeapGraph(image));
    const { liveBlocks } = lastHeap().tracker.counters();
    expect(image.blocks.addresses.length).toBe(liveBlocks);
    expect(liveBlocks).toBeGreaterThan(50);
    const held = graph.reachable.reduce((sum, one) => sum + one, 0);
    expect(held / liveBlocks).toBeGreaterThan(0.95);
    database.close();
  }, 60_000);
});

describe('taking an image', () => {
  it('begins anew while the module runs between slices, and at last takes it in one piece', async () => {
    tracking = trackLoads({ mode: 'counts' });
    const engine = await startGegl('gegl');
    const reader = new HeapReader(lastHeap(), null);
    const quiet = await capture(reader);
    expect(quiet).toMatchObject({ pauseMs: 0, restarts: 0, knowsStack: true });
    let isOver = false;
    const busy = () => {
      if (isOver) return;
      engine.createColor('red').destroy();
      setImmediate(busy);
    };
    busy();
    const captured = await capture(reader);
    isOver = true;
    expect(captured.restarts).toBe(3);
    expect(captured.pauseMs).toBeGreaterThan(0);
    const { addresses } = captured.image.blocks;
    expect(addresses.length).toBeGreaterThan(1000);
    engine.exit();
  }, 60_000);

  it('copies blocks as they are, and no constants', async () => {
    tracking = trackLoads({ mode: 'counts' });
    const engine = await startGegl('gegl');
    const module = engine.module as unknown as { HEAPU8: Uint8Array; _malloc(b: number): number };
    const address = module._malloc(64);
    module.HEAPU8.fill(0xab, address, address + 64);
    const heap = lastHeap();
    const image = (await capture(new HeapReader(heap, null))).image;
    const block = image.blocks.addresses.indexOf(address);
    const offset = image.blocks.offsets[block] ?? Number.NaN;
    expect(image.blocks.scanned[block]).toBe(64);
    expect([...image.memory.subarray(offset, offset + 64)]).toEqual(Array(64).fill(0xab));
    const constants = heap.initialData.findIndex((byte) => byte !== 0);
    const word = constants & ~3;
    const root = image.roots.find(({ from, to }) => from <= word && word < to);
    const rootOffset = (root?.offset ?? Number.NaN) + word - (root?.from ?? 0);
    expect(module.HEAPU8.subarray(word, word + 4)).toEqual(
      heap.initialData.subarray(word, word + 4),
    );
    expect([...image.memory.subarray(rootOffset, rootOffset + 4)]).toEqual([0, 0, 0, 0]);
    engine.exit();
  }, 60_000);

  it('copies no pixels, however many there are', async () => {
    tracking = trackLoads({ mode: 'counts' });
    const engine = await startGegl('gegl');
    const buffer = engine.createBuffer({ width: 4096, height: 2048 }, 'RGBA float');
    buffer.setPixels(new Float32Array(4096 * 2048 * 4).fill(0.5));
    const { image } = await capture(new HeapReader(lastHeap(), null));
    const live = image.blocks.sizes.reduce((sum, size) => sum + size, 0);
    expect(live).toBeGreaterThan(4096 * 2048 * 16);
    expect(image.memory.length).toBeLessThan(16 * 2 ** 20);
    engine.exit();
  }, 60_000);
});

describe('scrubbing', () => {
  it('leaves zeros in freed blocks, and what realloc has moved is as it was', async () => {
    tracking = trackLoads({ mode: 'counts', scrub: true });
    const engine = await startGegl('gegl');
    const module = engine.module as unknown as {
      HEAPU8: Uint8Array;
      _malloc(bytes: number): number;
      _realloc(address: number, bytes: number): number;
      _free(address: number): void;
    };
    const filled = (from: number, to: number, byte: number) =>
      module.HEAPU8.subarray(from, to).every((value) => value === byte);
    const moving = module._malloc(4000);
    const fence = module._malloc(16);
    module.HEAPU8.fill(7, moving, moving + 4000);
    const moved = module._realloc(moving, 40_000);
    expect(moved).not.toBe(moving);
    expect(filled(moved, moved + 4000, 7)).toBe(true);
    // The allocator's own words lie at the ends of a free chunk.
    expect(filled(moving + 32, moving + 3900, 0)).toBe(true);
    module.HEAPU8.fill(7, moved, moved + 40_000);
    module._free(moved);
    expect(filled(moved + 32, moved + 39_900, 0)).toBe(true);
    lastHeap().tracker.scrub = false;
    const kept = module._malloc(2000);
    const end = module._malloc(16);
    module.HEAPU8.fill(7, kept, kept + 2000);
    module._free(kept);
    expect(filled(kept + 32, kept + 1900, 7)).toBe(true);
    for (const address of [fence, end]) module._free(address);
    engine.exit();
  }, 60_000);
});

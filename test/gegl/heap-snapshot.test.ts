// Heap snapshots of the real module: what was dropped is found, all of it, and nothing else is named but GEGL's own
// leaks, which docs/leaks-in-gegl.md lists.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeglEngine, type GeglMessage } from '../../src/gegl/index.ts';
import type { HeapSnapshot, UnreachableGroup } from '../../src/profiler/heap-snapshot.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { collectGarbage } from '../profiler/garbage.ts';
import { moduleFactory } from './built-module.ts';
import { ownLeak } from './own-leaks.ts';
import { runSession } from './random-session.ts';

const AREA = { x: 0, y: 0, width: 64, height: 64 };
const PLANTED = 10;

/** What the binding exports, as far as things are dropped with it. */
interface Module {
  _malloc(bytes: number): number;
  _gegl_wasm_buffer_new(...parameters: number[]): number;
  _gegl_wasm_graph_new(): number;
  _gegl_wasm_node_new(graph: number, operation: number): number;
  _gegl_wasm_node_connect(...parameters: number[]): number;
  _gegl_wasm_color_new(text: number): number;
  stackSave(): number;
  stackRestore(stack: number): void;
  stackAlloc(bytes: number): number;
  stringToUTF8(text: string, address: number, most: number): void;
}

interface Session {
  readonly profiler: MemoryProfiler;
  readonly engine: GeglEngine;
  readonly module: Module;
}

async function start(name = 'gegl', scrub = true): Promise<Session> {
  const profiler = new MemoryProfiler();
  const tracking = profiler.instrument({ trackAllocations: 'all', budget: 1, scrub });
  const messages: GeglMessage[] = [];
  const engine = new GeglEngine();
  await engine.init({
    module: moduleFactory(name),
    license: 'GPL3',
    onMessage: (message) => messages.push(message),
  });
  tracking.stop();
  return { profiler, engine, module: engine.module as unknown as Module };
}

/** A picture as an application makes many: with it, GEGL has set up what it sets up once. */
function paint(engine: GeglEngine): void {
  const buffer = engine.createBuffer(AREA);
  buffer.setPixels(new Float32Array(AREA.width * AREA.height * 4).fill(0.5));
  const graph = engine.createGraph();
  const source = graph.createNode('gegl:buffer-source', { buffer });
  const color = engine.createColor('red');
  const blur = graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 2, 'std-dev-y': 2 });
  source.link(blur);
  blur.blit(AREA);
  graph.createNode('gegl:color', { value: color }).blit(AREA);
  graph.destroy();
  color.destroy();
  buffer.destroy();
}

/** Addresses of what was made and forgotten, by its type. */
function plant({ module }: Session): Record<string, number[]> {
  const text = (value: string) => {
    const address = module.stackAlloc(64);
    module.stringToUTF8(value, address, 64);
    return address;
  };
  const stack = module.stackSave();
  const times = (make: () => number) => Array.from({ length: PLANTED }, () => make() >>> 0);
  const planted = {
    GeglBuffer: times(() => module._gegl_wasm_buffer_new(0, 0, 64, 64, text('RGBA float'))),
    GeglNode: times(() => {
      const graph = module._gegl_wasm_graph_new();
      const first = module._gegl_wasm_node_new(graph, text('gegl:invert'));
      const second = module._gegl_wasm_node_new(graph, text('gegl:gaussian-blur'));
      module._gegl_wasm_node_connect(first, text('output'), second, text('input'));
      return graph;
    }),
    GeglColor: times(() => module._gegl_wasm_color_new(text('red'))),
    raw: times(() => module._malloc(100)),
  };
  module.stackRestore(stack);
  return planted;
}

/** Planted things whose block is unreachable; a GObject may lie in the middle of one. */
function found(snapshot: HeapSnapshot, addresses: readonly number[]): number[] {
  const { addresses: starts, sizes } = snapshot.image.blocks;
  return addresses.filter((address) => {
    const block = starts.findIndex(
      (start, place) => start <= address && address < start + (sizes[place] ?? 0),
    );
    return block >= 0 && snapshot.graph.reachable[block] === 0;
  });
}

describe('a heap snapshot with freed blocks scrubbed', () => {
  let session: Session;
  let planted: Record<string, number[]>;
  let snapshot: HeapSnapshot;
  let groups: UnreachableGroup[];

  beforeAll(async () => {
    session = await start();
    for (let times = 0; times < 3; times++) paint(session.engine);
    await session.profiler.takeHeapSnapshot({ baseline: true });
    planted = plant(session);
    // An application goes on.
    paint(session.engine);
    await collectGarbage();
    snapshot = await session.profiler.takeHeapSnapshot();
    groups = snapshot.unreachableGroups();
  }, 120_000);
  afterAll(() => session.engine.exit());

  it('finds 40 of 40 things that were dropped', () => {
    const counts = Object.entries(planted).map(([type, addresses]) => [
      type,
      found(snapshot, addresses).length,
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      GeglBuffer: PLANTED,
      GeglNode: PLANTED,
      GeglColor: PLANTED,
      raw: PLANTED,
    });
  });

  it('names each kind once, by its type and the function that made it, and nothing else', () => {
    const named = groups.map(({ type, stack, addresses }) => ({
      type,
      count: addresses.length,
      by: stack?.find((frame) => frame.startsWith('gegl_wasm_')) ?? 'plant',
    }));
    expect(named.length, JSON.stringify(named)).toBe(4);
    expect(named).toEqual(
      expect.arrayContaining([
        { type: 'GeglBuffer', count: PLANTED, by: 'gegl_wasm_buffer_new' },
        { type: 'GeglNode', count: PLANTED, by: 'gegl_wasm_graph_new' },
        { type: 'GeglColor', count: PLANTED, by: 'gegl_wasm_color_new' },
        { type: null, count: PLANTED, by: 'plant' },
      ]),
    );
  });
});

describe('a heap snapshot while samples are taken often', () => {
  it('does not stop the page because of these: GEGL allocates for each of them', async () => {
    const { profiler, engine } = await start('gegl', false);
    const colors = Array.from({ length: 3000 }, () => engine.createColor('red'));
    profiler.start({ sampleInterval: 10 });
    const before = profiler.getReport().heap?.totals.allocated.blocks ?? 0;
    profiler.takeSnapshot();
    expect(profiler.getReport().heap?.totals.allocated.blocks).toBeGreaterThan(before);

    const samples = profiler.snapshots.length;
    const { pauseMs } = await profiler.takeHeapSnapshot();
    expect(pauseMs).toBe(0);
    // They go on afterwards.
    await expect
      .poll(() => profiler.snapshots.length, { timeout: 20_000 })
      .toBeGreaterThan(samples);
    profiler.stop();
    for (const color of colors) color.destroy();
    engine.exit();
  }, 60_000);
});

describe('a heap snapshot after a long session in which all was released', () => {
  let session: Session;
  let snapshot: HeapSnapshot;
  let groups: UnreachableGroup[];

  beforeAll(async () => {
    session = await start();
    await session.profiler.takeHeapSnapshot({ baseline: true });
    runSession(session.engine, { seed: 7, actions: 300, checkpoint() {} });
    await collectGarbage();
    snapshot = await session.profiler.takeHeapSnapshot();
    groups = snapshot.unreachableGroups();
  }, 240_000);
  afterAll(() => session.engine.exit());

  it('names nothing but what GEGL itself leaks', () => {
    expect(groups.filter((group) => ownLeak(group) === null)).toEqual([]);
    expect(groups.length).toBeGreaterThan(0);
  });

  it('knows of 99 % of all bytes what they are for', () => {
    expect(snapshot.explained).toBeGreaterThan(0.99);
  });
});

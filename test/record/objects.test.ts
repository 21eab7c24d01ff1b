// Objects of real GEGL: created, destroyed, live and collected, and where they were created.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GeglBuffer, GeglColor, GeglEngine } from '../../src/gegl/index.ts';
import { ObjectTracker } from '../../src/record/objects.ts';
import type { ObjectKind, ObjectTotals } from '../../src/recording/types.ts';
import { collectGarbage, collectGarbageUntil } from '../profiler/garbage.ts';
import { startEngine } from '../profiler/real-gegl.ts';

let engine: GeglEngine;
let tracker: ObjectTracker;
let now = 0;
let losses = 0;

beforeEach(async () => {
  engine = await startEngine();
  now = 0;
  losses = 0;
  tracker = new ObjectTracker(
    () => now,
    () => {
      losses += 1;
    },
  );
});
afterEach(() => tracker.stop());

const totalsOf = (kind: ObjectKind): ObjectTotals => tracker.record().totals[kind];
const loseColors = (count: number) => {
  for (let index = 0; index < count; index += 1) engine.createColor('red');
};
const collected = () => totalsOf('colors').collected;

describe('an object', () => {
  it('of each kind is counted as created, live and destroyed', () => {
    tracker.start(true);
    const buffer = engine.createBuffer({ width: 10, height: 10 });
    const color = engine.createColor('red');
    const graph = engine.createGraph();
    const node = graph.createNode('gegl:buffer-source', { buffer });
    const processor = node.createProcessor();
    expect(tracker.counts).toEqual({ buffers: 1, nodes: 2, processors: 1, colors: 1 });
    for (const object of [processor, node, color, buffer]) object.destroy();
    expect(tracker.counts).toEqual({ buffers: 0, nodes: 1, processors: 0, colors: 0 });
    graph.destroy();
    expect(tracker.record()).toMatchObject({
      totals: {
        buffers: { created: 1, destroyed: 1, live: 0, collected: 0 },
        nodes: { created: 2, destroyed: 2, live: 0, collected: 0 },
        processors: { created: 1, destroyed: 1, live: 0, collected: 0 },
        colors: { created: 1, destroyed: 1, live: 0, collected: 0 },
      },
      live: [],
      stacks: [],
    });
  });

  it("that is a graph's node ends with its graph", () => {
    tracker.start(true);
    const graph = engine.createGraph();
    graph.createNode('gegl:color').link(graph.createNode('gegl:invert-linear'));
    graph.destroy();
    expect(totalsOf('nodes')).toEqual({ created: 3, destroyed: 3, live: 0, collected: 0 });
  });

  it('created before the start is counted, with an unknown time and stack', () => {
    const buffer = engine.createBuffer({ width: 4, height: 4 }, 'Y u8');
    now = 50;
    tracker.start(true);
    expect(tracker.record().live).toEqual([
      expect.objectContaining({
        kind: 'buffers',
        description: 'buffer 4 x 4 Y u8',
        createdAt: null,
        collectedAt: null,
        bytes: 16,
        stack: null,
      }),
    ]);
    expect(tracker.bufferBytes).toBe(16);
    buffer.destroy();
    expect(totalsOf('buffers')).toEqual({ created: 1, destroyed: 1, live: 0, collected: 0 });
    expect(tracker.bufferBytes).toBe(0);
  });

  it('tells its bytes, time and description', () => {
    tracker.start(true);
    now = 1_234;
    engine.createBuffer({ width: 100, height: 80 });
    expect(tracker.record().live[0]).toMatchObject({
      description: 'buffer 100 x 80 RGBA float',
      createdAt: 1_234,
      bytes: 100 * 80 * 16,
    });
    engine.createGraph().createNode('gegl:gaussian-blur');
    expect(tracker.record().live[2]).toMatchObject({
      description: 'node gegl:gaussian-blur',
      bytes: null,
    });
  });

  it('is not held by being followed, nor by having been counted', async () => {
    tracker.start(true);
    const weak = new WeakRef(engine.createColor('red'));
    await collectGarbageUntil(() => weak.deref() === undefined);
  });
});

describe('a handle that is collected without release', () => {
  it("leaves its buffer's pixels in the sum: they still take up memory, until the engine exits", async () => {
    tracker.start(true);
    (() => engine.createBuffer({ width: 10, height: 10 }, 'RGBA float'))();
    await collectGarbageUntil(() => totalsOf('buffers').collected === 1);
    expect(tracker.counts.buffers).toBe(0);
    expect(tracker.bufferBytes).toBe(1600);
    tracker.clear();
    expect(tracker.bufferBytes).toBe(1600);
    engine.exit();
    expect(tracker.bufferBytes).toBe(0);
  });

  it('is counted and described, with its creation stack', async () => {
    tracker.start(true);
    now = 10;
    loseColors(1);
    now = 20;
    await collectGarbageUntil(() => collected() === 1);
    expect(losses).toBe(1);
    const record = tracker.record();
    expect(record.totals.colors).toEqual({ created: 1, destroyed: 0, live: 0, collected: 1 });
    expect(record.collected).toEqual([
      expect.objectContaining({ kind: 'colors', createdAt: 10, collectedAt: 20 }),
    ]);
    expect(record.stacks[record.collected[0]?.stack ?? -1]).toContain('loseColors');
  });

  it('is not one that was destroyed before', async () => {
    tracker.start(true);
    (() => engine.createColor('red').destroy())();
    await collectGarbage();
    expect(totalsOf('colors')).toEqual({ created: 1, destroyed: 1, live: 0, collected: 0 });
    expect(losses).toBe(0);
  });

  it('takes the nodes of its graph with it', async () => {
    tracker.start(true);
    (() => engine.createGraph().createNode('gegl:color'))();
    await collectGarbageUntil(() => totalsOf('nodes').collected === 2);
  });

  it('was lost before the start, and is told of at the start', async () => {
    loseColors(3);
    await collectGarbage();
    tracker.start(true);
    expect(collected()).toBe(3);
    expect(tracker.record().collected[0]).toMatchObject({ createdAt: null, stack: null });
  });

  it('is none when it was released and collected while stopped', async () => {
    tracker.start(true);
    let colors: GeglColor[] = [engine.createColor('red'), engine.createColor('blue')];
    tracker.stop();
    for (const color of colors) color.destroy();
    colors = [];
    await collectGarbage();
    expect(collected()).toBe(0);
    tracker.start(true);
    expect(totalsOf('colors')).toEqual({ created: 2, destroyed: 2, live: 0, collected: 0 });
  });

  it('while stopped is told of at the next start', async () => {
    tracker.start(true);
    loseColors(2);
    tracker.stop();
    loseColors(1);
    await collectGarbage();
    expect(collected()).toBe(0);
    tracker.start(true);
    expect(totalsOf('colors')).toEqual({ created: 3, destroyed: 0, live: 0, collected: 3 });
    expect(losses).toBe(3);
  });

  it('is told of once, however many there are and however often one stops and starts', async () => {
    tracker.start(true);
    loseColors(700);
    await collectGarbageUntil(() => collected() === 700);
    tracker.stop();
    tracker.start(true);
    await collectGarbage();
    expect(totalsOf('colors')).toEqual({ created: 700, destroyed: 0, live: 0, collected: 700 });
    expect(tracker.record().collected).toHaveLength(500);
    // What a hunt goes by counts those, too, that are not described.
    expect([...tracker.byStack().values()].map(({ blocks }) => blocks)).toEqual([700]);
    tracker.clear();
    await collectGarbage();
    expect(totalsOf('colors')).toEqual({ created: 0, destroyed: 0, live: 0, collected: 0 });
  });

  it('after clear() is counted once', async () => {
    tracker.start(true);
    const keep = { color: engine.createColor('red') as GeglColor | null };
    tracker.clear();
    tracker.clear();
    keep.color = null;
    await collectGarbageUntil(() => collected() === 1);
    await collectGarbage();
    expect(totalsOf('colors')).toEqual({ created: 1, destroyed: 0, live: 0, collected: 1 });
    expect(losses).toBe(1);
  });

  it('is forgotten with the engine, whose memory is gone', async () => {
    loseColors(2);
    await collectGarbage();
    engine.exit();
    tracker.start(true);
    expect(totalsOf('colors')).toEqual({ created: 0, destroyed: 0, live: 0, collected: 0 });
  });
});

describe('the table of objects', () => {
  it('lists the oldest and the biggest, each once', () => {
    tracker.start(true);
    const sizes = Array.from({ length: 1_000 }, (_, index) => 1 + ((index * 7) % 1_000));
    for (const width of sizes) engine.createBuffer({ width, height: 1 }, 'Y u8');
    const { live } = tracker.record();
    expect(new Set(live.map(({ id }) => id)).size).toBe(live.length);
    const ids = live.map(({ id }) => id).sort((a, b) => a - b);
    const first = ids[0] ?? 0;
    expect(ids.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, index) => first + index));
    const biggest = live.map(({ bytes }) => bytes ?? 0).sort((a, b) => b - a);
    expect(biggest.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, index) => 1_000 - index));
    expect(live.length).toBeLessThanOrEqual(400);
  });

  it('keeps each creation stack once, and only those that are referred to', () => {
    tracker.start(true);
    const make = () => engine.createBuffer({ width: 1, height: 1 });
    const buffers: GeglBuffer[] = [];
    for (let index = 0; index < 10; index += 1) buffers.push(make());
    const other = make();
    expect(tracker.record().stacks).toHaveLength(2);
    for (const buffer of buffers) buffer.destroy();
    const { stacks, live } = tracker.record();
    expect(stacks).toHaveLength(1);
    expect(live).toEqual([expect.objectContaining({ id: other.id, stack: 0 })]);
  });

  it('has the same stack whatever timers led to its line', async () => {
    tracker.start(true);
    const create = async (ready: (go: () => void) => void) => {
      await new Promise<void>(ready);
      engine.createColor('red');
    };
    // Of two timers at once, Node goes on with what waits for the first before the second, with frames of its own.
    const timers = (go: () => void) => {
      setTimeout(go, 1);
      setTimeout(() => {}, 1);
    };
    for (const ready of [setImmediate, timers]) await create(ready);
    const { stacks } = tracker.record();
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toContain('objects.test.ts');
  });

  it('counts without stacks when objects need not be followed', async () => {
    tracker.start(false);
    const buffer = engine.createBuffer({ width: 5, height: 5 });
    loseColors(1);
    await collectGarbageUntil(() => collected() === 1);
    expect(tracker.counts).toEqual({ buffers: 1, nodes: 0, processors: 0, colors: 0 });
    expect(tracker.record().stacks).toEqual([]);
    buffer.destroy();
  });

  it('starts once, and after stop() hears nothing', () => {
    tracker.start(true);
    tracker.start(true);
    engine.createColor('red');
    expect(tracker.counts.colors).toBe(1);
    tracker.stop();
    tracker.stop();
    engine.createColor('red');
    expect(tracker.counts.colors).toBe(1);
    tracker.start(true);
    expect(tracker.counts.colors).toBe(2);
  });

  it('sees the objects of several engines, and loses those of one that exits', async () => {
    tracker.start(true);
    const other = await startEngine();
    engine.createColor('red');
    other.createColor('red');
    other.createBuffer({ width: 2, height: 2 });
    expect(tracker.counts).toEqual({ buffers: 1, nodes: 0, processors: 0, colors: 2 });
    other.exit();
    expect(tracker.counts).toEqual({ buffers: 0, nodes: 0, processors: 0, colors: 1 });
    expect(tracker.bufferBytes).toBe(0);
  });
});

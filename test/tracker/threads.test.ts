import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { LOCK } from '../../src/tracker/assembly/layout.ts';
import { Tracker, type TrackMode } from '../../src/tracker/index.ts';
import type { HammerResult, HammerTask } from './hammer-task.ts';
import { hooksOf } from './hooks.ts';

const THREADS = 2;
const PLACES = 20_000;

let program = '';
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('hammer.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  program = outputFiles.map(({ text }) => text).join('');
});

function inWorker(task: HammerTask): Promise<HammerResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { eval: true, workerData: task });
    worker.once('message', resolve).once('error', reject);
  });
}

async function hammer(mode: TrackMode, steps: number) {
  const tracker = Tracker.create({ shared: true, mode });
  const places = new Int32Array(new SharedArrayBuffer(PLACES * 4));
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const { memory } = tracker;
  const results = await Promise.all(
    Array.from({ length: THREADS }, (_, seed) =>
      inWorker({ memory, places, mode, seed, steps, ready, threads: THREADS }),
    ),
  );
  const sum = (key: keyof HammerResult) => results.reduce((all, result) => all + result[key], 0);
  return { tracker, places, sum };
}

describe('two threads that free what the other allocated', () => {
  it('come to exact figures together', async () => {
    const { tracker, places, sum } = await hammer('counts', 1_500_000);
    const live = places.filter((place) => place !== 0).length;
    const counters = tracker.counters();
    expect(counters).toMatchObject({
      liveBlocks: live,
      allocatedBlocks: sum('allocatedBlocks'),
      allocatedBytes: sum('allocatedBytes'),
      freedBlocks: sum('freedBlocks'),
      unknownFrees: 0,
      duplicateAllocations: 0,
      misaligned: 0,
      unknownInstances: 0,
      sequence: sum('allocatedBlocks'),
    });
    expect(counters.allocatedBytes - counters.freedBytes).toBe(counters.liveBytes);
    expect(counters.peakBytes).toBeGreaterThanOrEqual(counters.liveBytes);

    const blocks = new Map<number, number>();
    const sequences = new Set<number>();
    tracker.forEachBlock((address, size, _site, _scope, sequence) => {
      blocks.set(address, size);
      sequences.add(sequence);
    });
    const taken = [...places.keys()].filter((place) => places[place] !== 0);
    expect([...blocks.keys()]).toEqual(taken.map((place) => 1024 + place * 16));
    expect([...blocks.values()].reduce((all, size) => all + size, 0)).toBe(counters.liveBytes);
    expect(sequences.size).toBe(live);

    const scopes = tracker.scopes();
    expect(scopes.map(({ key }) => key).sort((a, b) => a - b)).toEqual([...Array(300).keys()]);
    expect(scopes.reduce((all, { runs }) => all + runs, 0)).toBe(sum('runs'));

    const types = tracker.instanceTypes();
    expect(types.length).toBe(50);
    expect(types.reduce((all, { created }) => all + created, 0)).toBe(sum('allocatedBlocks'));
    expect(types.reduce((all, type) => all + type.live, 0)).toBe(live);

    // Records went from the one that frees to the one that allocates: no more than a few batches over. The map has 2 MB.
    expect(tracker.memory.buffer.byteLength).toBeLessThan(5 * 2 ** 20);
  });

  it('keep stacks that any of them can read', async () => {
    const { tracker } = await hammer('sampled', 300_000);
    let sampled = 0;
    tracker.forEachBlock((_address, _size, site) => {
      if (site !== 0) sampled += 1;
    });
    const sites = tracker.sites();
    expect(sampled).toBeGreaterThan(10);
    expect(sites.reduce((all, { live }) => all + live.samples, 0)).toBe(sampled);
    // The same text from each thread's own list.
    expect(sites.length).toBe(THREADS);
    for (const { site } of sites) expect(tracker.stackOf(site)).toContain('hammer');
    const { liveBytes, allocatedBytes } = tracker.counters();
    const sum = (part: 'live' | 'total', key: 'bytes' | 'bytesVariance') =>
      sites.reduce((all, figures) => all + figures[part][key], 0);
    const live = Math.abs(sum('live', 'bytes') - liveBytes);
    const total = Math.abs(sum('total', 'bytes') - allocatedBytes);
    // Which blocks these are differs from run to run. Some 900 samples are of live ones, so that the bound is a fifth of
    // the bytes, which less than one run in a million exceeds.
    expect(live / Math.sqrt(sum('live', 'bytesVariance'))).toBeLessThan(6);
    expect(total / Math.sqrt(sum('total', 'bytesVariance'))).toBeLessThan(6);
  });
});

it('a thread that was ended with the lock in hands does not stop the others for good', () => {
  const tracker = Tracker.create({ shared: true, mode: 'counts' });
  const hooks = hooksOf(tracker);
  new Uint32Array(tracker.memory.buffer)[LOCK / 4] = 1;
  hooks.instanceCreated(0, 1024, 1);
  hooks.instanceCreated(0, 2048, 1);
  expect(tracker.instanceTypes()).toMatchObject([{ live: 2 }]);
});

it('a thread that only frees gives its records back to those that allocate', () => {
  // Two trackers of one memory in one thread stand in for two threads, so that it is known who does what.
  const producer = Tracker.create({ shared: true, mode: 'counts' });
  const consumer = Tracker.create({ shared: true, memory: producer.memory, mode: 'counts' });
  const [allocating, freeing] = [hooksOf(producer), hooksOf(consumer)];
  for (let round = 0; round < 200; round++) {
    for (let index = 1; index <= 5000; index++) allocating.allocated(index * 16, 8, 0);
    for (let index = 1; index <= 5000; index++) freeing.freeing(index * 16);
  }
  expect(producer.counters()).toMatchObject({
    liveBlocks: 0,
    freedBlocks: 1_000_000,
    unknownFrees: 0,
  });
  expect(producer.counters()).toEqual(consumer.counters());
  expect(producer.counters().peakBytes).toBe(40_000);
  expect(producer.memory.buffer.byteLength).toBeLessThan(3 * 2 ** 20);
});

describe('figures that are read while another thread works', () => {
  it('are those of blocks that came meanwhile, too, though the tracker took more memory for them', () => {
    const tracker = Tracker.create({ shared: true, mode: 'counts' });
    hooksOf(tracker).allocated(16, 1, 0);
    const other = hooksOf(Tracker.create({ shared: true, mode: 'counts', memory: tracker.memory }));
    const before = tracker.memory.buffer.byteLength;
    let blocks = 0;
    tracker.forEachBlock((address) => {
      blocks += 1;
      if (address !== 16) return;
      // As a thread would between two steps of this loop.
      for (let place = 2; place <= 10_000; place++) other.allocated(place * 16, 1, 0);
      expect(tracker.memory.buffer.byteLength).toBeGreaterThan(before);
    });
    expect(blocks).toBe(10_000);
  });
});

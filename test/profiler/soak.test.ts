// Long runs: many objects on real GEGL, many snapshots, a day. What they hold stays bounded.

import { expect, it } from 'vitest';
import { announceEngine, type TrackedEngine } from '../../src/gegl/lifecycle.ts';
import { RecordingClock } from '../../src/record/clock.ts';
import { Recorder } from '../../src/record/recorder.ts';
import { parseRecording } from '../../src/recording/parse.ts';
import type { Recording } from '../../src/recording/types.ts';
import { collectGarbage } from './garbage.ts';
import { afterThisTest, startEngine, startProfiler } from './real-gegl.ts';

const MB = 2 ** 20;

// Vitest maps every stack to the sources, which costs many times what the profiler does.
Reflect.deleteProperty(Error, 'prepareStackTrace');

async function usedHeap(): Promise<number> {
  await collectGarbage();
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('100,000 objects and 10,000 snapshots leave nothing behind but the snapshots', async () => {
  const engine = await startEngine();
  const profiler = startProfiler();
  const round = (objects: number) => {
    for (let count = 0; count < objects; count += 1) engine.createColor('red').destroy();
  };
  round(1_000);
  for (let count = 0; count < 100; count += 1) profiler.takeSnapshot();
  const before = await usedHeap();
  const usedBefore = profiler.takeSnapshot()?.wasmMemory.heapUsed ?? 0;

  for (let snapshot = 0; snapshot < 10_000; snapshot += 1) {
    round(10);
    profiler.takeSnapshot();
    // Finalizers run between tasks, as they do in a page.
    if (snapshot % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const grownBy = (await usedHeap()) - before;
  const { summary, objects, leaks } = profiler.getReport();
  expect(objects.totals.colors).toEqual({
    created: 101_000,
    destroyed: 101_000,
    live: 0,
    collected: 0,
  });
  expect(summary.totalSamples).toBe(10_102);
  expect(profiler.snapshots.length).toBeLessThanOrEqual(10_000);
  expect(leaks).toEqual([]);
  // 10,000 rows of 20 numbers, most of them objects of their own in V8's lists.
  expect(grownBy).toBeLessThan(8 * MB);
  expect(profiler.exportData().length).toBeLessThan(3 * MB);
  expect((profiler.takeSnapshot()?.wasmMemory.heapUsed ?? 0) - usedBefore).toBeLessThan(1_000);
});

it('100,000 lost objects are all counted, the first described, and little is held for each', async () => {
  const engine = await startEngine();
  const profiler = startProfiler();
  const before = await usedHeap();
  for (let batch = 0; batch < 100; batch += 1) {
    for (let count = 0; count < 1_000; count += 1) engine.createColor('red');
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const grownBy = (await usedHeap()) - before;
  const { objects } = profiler.getReport();
  expect(objects.totals.colors).toEqual({
    created: 100_000,
    destroyed: 0,
    live: 0,
    collected: 100_000,
  });
  expect(objects.collected).toHaveLength(500);
  // The wrapper's registry knows each of them: that is what exit() tells.
  expect(grownBy / 100_000).toBeLessThan(600);
  expect(profiler.exportData().length).toBeLessThan(MB);
});

it('a day at one sample a second, in all columns, stays under 5 MB and keeps its shape', () => {
  // Clock and engine are stand-ins: nobody waits for a day.
  const time = { now: 0.123 };
  const clock = new RecordingClock(
    () => time.now,
    () => 1_700_000_000_000 + Math.round(time.now),
  );
  let second = 0;
  const heapUsed = () => 50_000_000 + second * 1_000 + (second === 40_000 ? 500_000_000 : 0);
  const memory = new DataView(new ArrayBuffer(65_536));
  const module = {
    HEAPU8: new Uint8Array(memory.buffer),
    stackSave: () => 0,
    stackRestore() {},
    stackAlloc: () => 0,
    _mallinfo: (address: number) => memory.setUint32(address + 28, heapUsed(), true),
    _gegl_wasm_static_bytes: () => 5_262_984,
    _gegl_wasm_stack_bytes: () => 5_242_880,
  };
  const engine: TrackedEngine = {
    module,
    versions: { gegl: '0.4.62' },
    config: { tileCacheSize: 536_870_912 },
    stats: () => ({
      tileCacheTotal: 123_456_789 + second,
      tileAllocTotal: 234_567_890 - second,
      scratchTotal: 1_234_567 + second,
      swapTotal: 0,
    }),
  };
  announceEngine('engine-started', engine);
  afterThisTest(() => announceEngine('engine-exited', engine));
  const options = {
    sampleInterval: 1_000,
    trackObjects: true,
    sampleRate: 1,
    maxSnapshots: 10_000,
    trackAllocations: null,
    module: null,
  };
  const recorder = new Recorder(options, { onWarning() {}, onCollected() {} }, clock);
  recorder.start(options);
  for (second = 0; second < 86_400; second += 1) {
    recorder.sample(false, false);
    // Timers are never on time.
    time.now += 1_000 + Math.random();
  }
  recorder.stop();
  const text = JSON.stringify(recorder.toRecording());
  expect(text.length).toBeLessThan(5 * MB);
  // What pagehide puts into sessionStorage must fit there: 5 million characters in every browser.
  expect(text.length).toBeLessThan(2.5e6);
  const recording: Recording = parseRecording(text);
  const { snapshots, clock: times } = recording;
  expect(times.duration).toBeGreaterThan(86_399_000);
  expect(times.gaps).toEqual([]);
  expect(snapshots.elapsed.length).toBeGreaterThan(4_000);
  expect(Math.max(...snapshots.heapUsed.map((used) => used ?? 0))).toBe(590_000_000);
  // A snapshot in every minute of the day.
  const minutes = new Set(snapshots.elapsed.map((elapsed) => Math.floor(elapsed / 60_000)));
  expect(minutes.size).toBeGreaterThanOrEqual(1_440);
});

it('a snapshot costs the same after many objects as after ten, mallinfo aside', async () => {
  const engine = await startEngine();
  // Without the module, whose own walk of its heap is measured by npm run bench:profiler.
  const profiler = startProfiler({ module: {} });
  const cost = () => {
    const times = Array.from({ length: 200 }, () => {
      const start = performance.now();
      profiler.takeSnapshot();
      return performance.now() - start;
    });
    return times.sort((a, b) => a - b)[100] ?? 0;
  };
  const keep: unknown[] = [];
  const make = (count: number) => {
    for (let index = 0; index < count; index += 1) keep.push(engine.createColor('red'));
  };
  make(10);
  cost();
  const few = cost();
  make(50_000);
  expect(profiler.objectCounts.colors).toBe(50_010);
  // Generous: the machine is shared. What walked all objects would cost hundreds of times more.
  expect(cost()).toBeLessThan(3 * few + 0.05);
});

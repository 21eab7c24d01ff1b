// The check for leaks in slices: the same findings, no slice that holds the page up, one check at a time, and an end at
// stop().

import { afterEach, describe, expect, test, vi } from 'vitest';
import { findLeaks, findLeaksInSteps } from '../../src/analyze/leaks/index.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
// Loads at once what else loads when it is asked for.
import '../../src/profiler/heap-analysis.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { LeakCheck } from '../../src/profiler/leak-check.ts';
import type { Finding, Recording } from '../../src/recording/types.ts';
import { runInTasks } from '../../src/slices.ts';
import { buildRecording, range, seeded } from '../analyze/build-recording.ts';
import { HEALTHY } from '../analyze/series.ts';
import { startProfiler } from './real-gegl.ts';

const ROWS = 240;
const FINDING: Finding = { type: 'leak', severity: 'error', message: 'lost', details: {} };

/** 200 each of types, sites and operations that wander, and 10,000 snapshots in which colors leak. */
function wandering(): Recording {
  const random = seeded(7);
  const walk = HEALTHY['a random walk between two walls'] ?? (() => []);
  const counts = () => walk(ROWS, random).map((bytes) => Math.round(bytes / 2 ** 16));
  const columns = (blocks: number[]) => ({
    liveBlocks: blocks,
    liveBytes: blocks.map((count) => count * 16),
  });
  return buildRecording({
    heapUsed: range(10_000, (i) => 2 ** 26 + 500 * i + Math.round(2 ** 20 * random.next())),
    colors: range(10_000, (i) => i >> 3),
    series: {
      elapsed: range(ROWS, (i) => i * 40_000),
      sequence: range(ROWS, (i) => i * 40 + 1),
      sampleMean: 1,
      types: range(200, (i) => ({ name: `Type${i}`, live: counts() })),
      sites: range(200, (i) => ({
        stack: [`f${i}`, `paint (app.js:${i}:1)`],
        ...columns(counts()),
      })),
      operations: range(200, (i) => ({ name: `gegl:o${i}`, ...columns(counts()) })),
    },
  });
}

const untilEnd = async (check: Promise<unknown>) => {
  let isDone = false;
  check.finally(() => {
    isDone = true;
  });
  let tasks = 0;
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    tasks += 1;
  }
  return tasks;
};

afterEach(() => vi.restoreAllMocks());

describe('detectors in steps', () => {
  test('find in slices what they find at once', async () => {
    const recording = wandering();
    const found = await runInTasks(findLeaksInSteps(recording, geglKnowledge));
    expect(found).toEqual(findLeaks(recording, geglKnowledge));
    expect(found.map(({ details }) => details.kind)).toContain('colors');
  });

  test('take no step of 15 ms, with 600 series and 10,000 snapshots', () => {
    const recording = wandering();
    const times: number[][] = [];
    // The time of the processor, which other programs do not make longer; the least, as compiling and collecting come in between.
    for (let round = 0; round < 8; round++) {
      const work = findLeaksInSteps(recording, geglKnowledge);
      for (let step = 0, isDone = false; !isDone; step++) {
        const start = process.cpuUsage();
        isDone = work.next().done ?? false;
        const { user, system } = process.cpuUsage(start);
        times[step] = [...(times[step] ?? []), (user + system) / 1000];
      }
    }
    const least = times.map((ofStep) => Math.min(...ofStep));
    const sum = least.reduce((total, time) => total + time, 0);
    console.log(`${least.length} steps, ${sum.toFixed(0)} ms, ${Math.max(...least).toFixed(1)} ms`);
    expect(least.length).toBeGreaterThan(600);
    expect(Math.max(...least)).toBeLessThan(15);
  });
});

test('a slice ends when its time is over, by the clock', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const slices: number[] = [];
  let steps = 0;
  function* work(): Generator<void, string> {
    for (let step = 0; step < 40; step++) {
      now += 4;
      steps += 1;
      yield;
    }
    return 'done';
  }
  const result = await runInTasks(work(), () => {
    slices.push(steps);
    return true;
  });
  expect(result).toBe('done');
  const inSlices = slices.slice(1).map((count, at) => count - (slices[at] ?? 0));
  // 10 ms are over after the third step of 4.
  expect(Math.max(...inSlices)).toBe(3);
  expect(slices.length).toBeGreaterThan(13);
});

test('slices go on where a test of the application has stopped the clock', async () => {
  vi.useFakeTimers();
  try {
    const recording = buildRecording();
    expect(await runInTasks(findLeaksInSteps(recording, geglKnowledge))).toEqual([]);
    expect((await new MemoryProfiler().findLeaks(() => {})).balance.iterations).toBe(7);
  } finally {
    vi.useRealTimers();
  }
});

describe('a check', () => {
  const lost = buildRecording({
    totals: { colors: { created: 3, collected: 3 } },
    collected: range(3, (i) => ({ id: i, kind: 'colors' as const, collectedAt: 5 })),
  });

  test('begins in a task of its own; another one is due ten seconds later, or at once after hurry()', async () => {
    const check = new LeakCheck();
    let reads = 0;
    const running = check.run(1000, () => {
      reads += 1;
      return lost;
    }, []);
    expect(reads).toBe(0);
    expect(check.isDue(100_000)).toBe(false);
    check.hurry();
    expect(check.isDue(100_000)).toBe(false);
    expect((await running).map(({ type }) => type)).toEqual(['collected_handle']);
    expect(reads).toBe(1);
    // What came while it went on is looked at next.
    expect(check.isDue(1001)).toBe(true);
    await check.run(1001, () => buildRecording(), []);
    expect([check.isDue(11_000), check.isDue(11_001)]).toEqual([false, true]);
  });

  test('ends at stop(), with nothing told; the next one may begin at once', async () => {
    const check = new LeakCheck();
    const recording = wandering();
    const first = check.run(0, () => recording, []);
    check.stop();
    expect(check.isDue(20_000)).toBe(true);
    const second = check.run(20_000, () => lost, []);
    expect(await untilEnd(first)).toBeLessThan(5);
    expect(await first).toEqual([]);
    expect(await second).toHaveLength(1);
  });

  test('that was given up is due, and finds the same in one piece', async () => {
    const check = new LeakCheck();
    const given = check.run(1000, () => lost, []);
    check.stop();
    expect(check.isDue(1001)).toBe(true);
    const found = check.runAtOnce(1001, () => lost, []);
    expect(found.map(({ type }) => type)).toEqual(['collected_handle']);
    expect(await given).toEqual([]);
    expect(check.isDue(1002)).toBe(false);
  });

  test('that fails is told of, and the next one is due', async () => {
    const check = new LeakCheck();
    const read = () => {
      throw new Error('broken');
    };
    await expect(check.run(0, read, [])).rejects.toThrow('broken');
    expect(check.isDue(10_000)).toBe(true);
  });
});

describe('a profiler with a listener of leaks', () => {
  test('tells by stop() what a check was about to tell, and of nothing afterwards', async () => {
    const profiler = startProfiler();
    const listener = vi.fn();
    profiler.addEventListener('leak', listener);
    const run = vi.spyOn(LeakCheck.prototype, 'run');
    const runAtOnce = vi.spyOn(LeakCheck.prototype, 'runAtOnce').mockReturnValue([FINDING]);
    profiler.takeSnapshot();
    profiler.stop();
    expect(listener.mock.calls.map(([{ detail }]) => detail)).toEqual([FINDING]);
    await Promise.all(run.mock.results.map(({ value }) => value));
    expect([run, runAtOnce, listener].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
  });

  test('warns once where the check fails, and goes on', async () => {
    const profiler = startProfiler();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(LeakCheck.prototype, 'run').mockRejectedValue(new Error('broken'));
    profiler.addEventListener('leak', () => {});
    for (let sample = 0; sample < 3; sample++) {
      profiler.takeSnapshot();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const failures = profiler.getReport().warnings.filter(({ code }) => code === 'check-failed');
    expect(failures).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

// Objects that only JavaScript holds, by the handles of a binding that nobody here knows: OpenCV's, made with embind.

import { afterAll, expect, test } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import type { Finding } from '../../src/recording/types.ts';
import { loadOpenCv } from './load-opencv.ts';

const ROUNDS = 5;
const profiler = new MemoryProfiler();
const tracking = profiler.instrument({ trackAllocations: 'all', scrub: true });

afterAll(() => {
  if (profiler.isProfiling) profiler.stop();
  tracking.stop();
});

/** What is told of blocks without a pointer after each round, beyond information. */
async function alarmsOf(round: () => void): Promise<Finding[][]> {
  profiler.clear();
  const alarms: Finding[][] = [];
  await profiler.takeHeapSnapshot({ baseline: true });
  for (let at = 0; at < ROUNDS; at++) {
    round();
    const snapshot = await profiler.takeHeapSnapshot();
    expect(snapshot.knowsHandles).toBe(false);
    expect(snapshot.unreachableGroups().length).toBeGreaterThan(0);
    alarms.push(
      profiler
        .getReport()
        .leaks.filter(({ type, severity }) => type === 'unreachable_block' && severity !== 'info'),
    );
  }
  return alarms;
}

test('what JavaScript keeps is no alarm; what it makes ever more of, and frees none of, is', async () => {
  const cv = await loadOpenCv();
  profiler.start({ trackAllocations: 'all' });
  const canvas = new cv.Mat(20, 20, cv.CV_8UC1);
  // Known by its handle alone, and what it holds by the list.
  const layers = new cv.MatVector();

  const paint = () => {
    const blurred = new cv.Mat();
    cv.GaussianBlur(canvas, blurred, new cv.Size(3, 3), 0);
    for (let at = 0; at < 4; at++) layers.push_back(blurred);
    blurred.delete();
  };
  expect(await alarmsOf(paint)).toEqual(Array.from({ length: ROUNDS }, () => []));
  expect(Number(layers.size())).toBe(4 * ROUNDS);

  function forget(): void {
    for (let at = 0; at < 4; at++) new cv.Mat(8, 8, cv.CV_8UC1);
  }
  const alarms = await alarmsOf(forget);
  expect(alarms[0]).toEqual([]);
  expect(alarms.at(-1)?.map(({ severity }) => severity)).toContain('warning');
  expect(alarms.at(-1)?.[0]?.details.stack).toContain('new Mat');
  for (const handle of [canvas, layers]) handle.delete();
}, 60_000);

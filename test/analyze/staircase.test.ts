// Growth in steps: told where each step lasts as long as the room it made, and by chance hardly ever.

import { describe, expect, test } from 'vitest';
import { findStaircase } from '../../src/analyze/staircase.ts';
import { range, seeded } from './build-recording.ts';

const ROWS = 150;
const find = (values: readonly number[]) =>
  findStaircase({
    sequence: range(values.length, (i) => i + 1),
    elapsed: range(values.length, (i) => i * 1000),
    values,
  });

/** What is allocated for a use that grows evenly, up to a bound. */
const doubling = (rate: number, bound = Infinity) =>
  range(ROWS, (i) => 2 ** Math.ceil(Math.log2(Math.max(16, Math.min(bound, rate * i)))));
const paging = (rate: number, bound = Infinity) =>
  range(ROWS, (i) => 4092 * Math.ceil(Math.min(bound, rate * i) / 4092));

describe('growth in steps', () => {
  test('of a block that doubles, and of an arena of pages, is told with its rate', () => {
    for (const values of [doubling(1000), paging(180), paging(250)]) {
      const trend = find(values);
      expect(trend?.confidence).toBeGreaterThan(0.9999);
    }
    expect(find(doubling(1000))?.slopePerSample).toBeGreaterThan(900);
    expect(find(doubling(1000))?.slopePerSample).toBeLessThan(1100);
    expect(find(paging(180))?.slopePerSecond).toBeCloseTo(180, -1);
  });

  test.each([
    ['it has stopped', doubling(1000, 40_000)],
    ['it has stopped, page by page', paging(180, 14_000)],
    ['something was given back', paging(180).map((value, i) => (i === 70 ? value - 1 : value))],
    ['there are few steps', range(ROWS, (i) => 100 * Math.floor(i / 45))],
    ['all steps come in one short time', range(ROWS, (i) => 100 * Math.min(12, Math.floor(i / 3)))],
    ['steps are of one size, but come at all times', steps([3, 9, 30, 34, 61, 90, 95, 140])],
    ['steps grow, but come at even times', range(ROWS, (i) => 2 ** Math.floor(i / 20))],
    ['it grows with every sample', range(ROWS, (i) => i * 16)],
  ])('is none where %s', (_, values) => {
    expect(find(values)).toBeNull();
  });

  test('at random times is told about as seldom as its confidence says', () => {
    const random = seeded(31);
    const trials = 20_000;
    let told = 0;
    for (let trial = 0; trial < trials; trial++) {
      const times = range(5, () => random.between(1, ROWS));
      const trend = find(steps(times));
      if (trend && trend.confidence >= 0.99) told += 1;
    }
    console.log(`random steps that are told with 99 %: ${told} of ${trials}`);
    expect(told / trials).toBeLessThanOrEqual(0.01);
  });
});

function steps(times: readonly number[]): number[] {
  return range(ROWS, (i) => 100 * times.filter((time) => time <= i).length);
}

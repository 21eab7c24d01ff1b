// The bounded history: it keeps the shape of a recording of any length.

import { describe, expect, it } from 'vitest';
import { History, type Row } from '../../src/record/history.ts';
import { COLUMN_NAMES } from '../../src/recording/types.ts';

const ZEROS = Object.fromEntries(COLUMN_NAMES.map((name) => [name, 0])) as unknown as Row;

/** A row of zeros with the figures that matter here. */
function row(elapsed: number, figures: Partial<Row>): Row {
  return { ...ZEROS, elapsed, ...figures };
}

/** `count` samples, a second apart, of what `heapUsed` gives. */
function record(limit: number, count: number, heapUsed: (index: number) => number | null): History {
  const history = new History(limit);
  for (let index = 0; index < count; index += 1) {
    history.add(row(index * 1_000, { heapUsed: heapUsed(index), heapSize: 1e9 }));
  }
  return history;
}

describe('the history', () => {
  it('keeps every snapshot up to the limit', () => {
    const history = record(1_000, 1_000, (index) => index);
    expect(history.columns.sequence).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(history.columns.heapUsed).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  it.each([100, 101, 1_000, 10_000])('never holds more than %i snapshots', (limit) => {
    const history = new History(limit);
    for (let index = 0; index < 12 * limit; index += 1) {
      history.add(row(index, { heapUsed: Math.random() }));
      if (history.length > limit) expect.fail(`${history.length} snapshots`);
    }
    expect(history.length).toBeGreaterThan(limit / 4);
  });

  it('keeps the first and the last snapshot, and all columns in step', () => {
    const { columns } = record(1_000, 54_321, (index) => index);
    for (const name of COLUMN_NAMES) expect(columns[name]).toHaveLength(columns.elapsed.length);
    expect(columns.elapsed[0]).toBe(0);
    expect(columns.elapsed.at(-1)).toBe(54_320_000);
    expect(columns.sequence.at(-1)).toBe(54_321);
    columns.elapsed.forEach((elapsed, index) => {
      expect(columns.heapUsed[index]).toBe(elapsed / 1_000);
      expect(columns.sequence[index]).toBe(elapsed / 1_000 + 1);
    });
  });

  it('thins old snapshots evenly, and leaves the latest tenth whole', () => {
    // A constant: there are no peaks beside the even ones.
    const { columns } = record(10_000, 86_400, () => 7);
    const steps = columns.sequence.slice(1).map((value, i) => value - (columns.sequence[i] ?? 0));
    expect(steps.slice(-1_000)).toEqual(new Array(1_000).fill(1));
    // Peaks of a constant: one in eight stretches, the first of them.
    const dense = steps.findLastIndex((step) => step > 1) + 1;
    const old = steps.slice(0, dense);
    expect(old.length).toBeGreaterThan(2_000);
    expect(Math.max(...old) / Math.min(...old.slice(1, -1))).toBeLessThanOrEqual(2);
  });

  it('keeps every peak that stands out, wherever it lies', () => {
    const peaks = new Map([17, 12_345, 40_001, 60_002, 86_000].map((at, i) => [at, 1_000 + i]));
    const { columns } = record(2_000, 86_400, (index) => peaks.get(index) ?? index % 10);
    for (const [at, value] of peaks) {
      expect(columns.heapUsed[columns.elapsed.indexOf(at * 1_000)]).toBe(value);
    }
  });

  it('keeps the peak among snapshots whose bytes in use are unknown', () => {
    const { columns } = record(100, 5_000, (index) =>
      index % 2 ? null : index === 2_222 ? 99 : 1,
    );
    expect(columns.heapUsed).toContain(99);
  });

  it('keeps the peak of the heap size where bytes in use are never known', () => {
    const history = new History(100);
    for (let index = 0; index < 5_000; index += 1) {
      history.add(row(index, { heapUsed: null, heapSize: index === 1_234 ? 5 : 1 }));
    }
    expect(history.columns.heapSize).toContain(5);
  });

  it('takes a lower limit at once, and a higher one', () => {
    const history = record(1_000, 900, (index) => index);
    history.limit = 100;
    history.add(row(1e9, {}));
    expect(history.length).toBeLessThanOrEqual(100);
    history.limit = 10_000;
    for (let index = 1; index <= 5_000; index += 1) history.add(row(1e9 + index, {}));
    expect(history.length).toBeGreaterThan(5_000);
  });

  it('is empty after clear(), and counts from one again', () => {
    const history = record(100, 1_000, (index) => index);
    history.clear();
    expect(history.length).toBe(0);
    expect(history.last).toBeNull();
    expect(history.add(row(0, {})).sequence).toBe(1);
  });
});

// Figures over time, as they are kept: thinned evenly, at a bounded cost, named only when asked for.

import { describe, expect, it } from 'vitest';
import type { LiveFigures } from '../../../src/record/heap/live.ts';
import { SeriesRecorder } from '../../../src/record/heap/series.ts';

const figures = (blocks: number) => ({ bytes: 16 * blocks, blocks, totalBytes: 0, totalBlocks: 0 });

function live(sites: Readonly<Record<number, number>> | null, types = {}): LiveFigures {
  return {
    heap: null,
    types: new Map(Object.entries(types).map(([name, count]) => [name, figures(Number(count))])),
    forEachSite:
      sites &&
      ((visit) => {
        for (const [site, n] of Object.entries(sites)) visit(Number(site), n, 16 * n, 0, 0);
      }),
    operations: new Map(),
    sequence: 0,
  };
}

const stackOf = (site: number) => [`f${site}`];

describe('a recorder of series', () => {
  it('keeps at most 240 rows, evenly, with the figures of each', () => {
    const recorder = new SeriesRecorder();
    for (let sample = 1; sample <= 5000; sample++) {
      recorder.add(sample * 1000, sample, false, () => live({ 1: sample }, { A: 2 * sample }));
    }
    const { elapsed, sequence, types, sites } = recorder.build(stackOf, 1);
    expect(elapsed.length).toBeGreaterThan(110);
    expect(elapsed.length).toBeLessThan(240);
    const steps = new Set(sequence.slice(1).map((count, row) => count - (sequence[row] ?? 0)));
    expect([...steps]).toEqual([32]);
    expect(types).toEqual([{ name: 'A', live: sequence.map((count) => 2 * count) }]);
    expect(sites[0]?.liveBlocks).toEqual(sequence);
    expect(sites[0]?.liveBytes).toEqual(sequence.map((count) => 16 * count));
  });

  it('adds up sites that a reader sees as one, and leaves out those without a stack', () => {
    const recorder = new SeriesRecorder();
    recorder.add(0, 1, false, () => live({ 1: 3, 2: 4, 3: 5 }));
    const { sites } = recorder.build((site) => (site === 3 ? [] : ['same']), 1);
    expect(sites).toEqual([{ stack: ['same'], liveBytes: [112], liveBlocks: [7] }]);
  });

  it('has null where no stacks were taken, and 0 before a site was seen', () => {
    const recorder = new SeriesRecorder();
    recorder.add(0, 1, false, () => live(null));
    recorder.add(1, 2, false, () => live({ 1: 1 }));
    recorder.add(2, 3, false, () => live({ 1: 1, 2: 9 }));
    const { sites } = recorder.build(stackOf, 1);
    const of = (name: string) => sites.find(({ stack }) => stack[0] === name)?.liveBlocks;
    expect(of('f1')).toEqual([null, 1, 1]);
    expect(of('f2')).toEqual([null, 0, 9]);
  });

  it('lists what grew where there are too many', () => {
    const recorder = new SeriesRecorder();
    for (let row = 0; row < 9; row++) {
      const types = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`T${at}`, 5]));
      recorder.add(row, row + 1, false, () => live({}, { ...types, T555: 5 + row }));
    }
    const { types } = recorder.build(stackOf, null);
    expect(types).toHaveLength(200);
    expect(types[0]?.name).toBe('T555');
  });

  it('rests after rows of the timer that took long, and never for those that are asked for', () => {
    const recorder = new SeriesRecorder();
    const slow = () => {
      const end = performance.now() + 5;
      while (performance.now() < end);
      return live({}, { A: 1 });
    };
    recorder.add(0, 1, true, slow);
    recorder.add(100, 2, true, slow);
    recorder.add(101, 3, false, slow);
    recorder.add(10_000, 4, true, slow);
    expect(recorder.build(stackOf, null).sequence).toEqual([1, 3, 4]);
  });
});

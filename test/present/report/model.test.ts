// What the report page shows of a stretch of time: ranges, pixels, flame graphs, tables.

import { describe, expect, it } from 'vitest';
import { toFigures } from '../../../src/present/report/data/column-codec.ts';
import type { StackTable } from '../../../src/present/report/data/types.ts';
import { chartData, indexColumn } from '../../../src/present/report/model/downsample.ts';
import { figureText, timeText } from '../../../src/present/report/model/figures.ts';
import { findingsInRange } from '../../../src/present/report/model/findings-in-range.ts';
import {
  ancestors,
  buildFlame,
  layOut,
  searchFlame,
} from '../../../src/present/report/model/flame.ts';
import { clamp, pan, rowAt, zoom } from '../../../src/present/report/model/range.ts';
import { summarizeColumn } from '../../../src/present/report/model/summary.ts';
import { orderRows } from '../../../src/present/report/model/table.ts';
import { followedText, TABLES } from '../../../src/present/report/model/tables.ts';
import { seeded } from '../../analyze/build-recording.ts';
import { reported, siteRecording, twoLeaksRecording } from './recordings.ts';

const whole = { from: 0, to: 100 };

describe('a stretch of time', () => {
  it('stays within the whole and keeps its length when it is moved', () => {
    expect(pan({ from: 10, to: 30 }, -1, whole)).toEqual({ from: 0, to: 20 });
    expect(pan({ from: 70, to: 90 }, 1, whole)).toEqual({ from: 80, to: 100 });
    expect(clamp({ from: -50, to: 500 }, whole)).toEqual(whole);
  });

  it('is zoomed about a time that stays where it is', () => {
    expect(zoom({ from: 20, to: 60 }, 0.5, whole, 30)).toEqual({ from: 25, to: 45 });
    expect(zoom({ from: 20, to: 60 }, 100, whole)).toEqual(whole);
  });

  it('finds the row of a time', () => {
    const times = toFigures([0, 10, 20]);
    expect([-5, 0, 9, 10, 99].map((time) => rowAt(times, time))).toEqual([0, 0, 0, 1, 2]);
  });
});

describe('a chart of many rows', () => {
  const random = seeded(3);
  const rows = 20_000;
  const values = toFigures(
    Array.from({ length: rows }, (_, row) => (row % 997 === 5 ? null : random.between(0, 1e6))),
  );
  values[12_345] = 9e6;
  const elapsed = toFigures(Array.from({ length: rows }, (_, row) => row));

  it('keeps the extremes of any stretch, in a few points a pixel', () => {
    const indexed = indexColumn(values);
    for (const [from, to] of [
      [0, rows - 1],
      [12_000, 18_111],
      [63, 6_400],
    ] as const) {
      const [times, column = []] = chartData(elapsed, [indexed], { from, to }, 300);
      const known = Array.from(values.subarray(from, to + 1)).filter(
        (value) => !Number.isNaN(value),
      );
      const drawn = column.filter((value) => value !== null);
      expect(times.length).toBeLessThanOrEqual(602);
      expect(column.length).toBe(times.length);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(Math.min(...drawn)).toBeLessThanOrEqual(Math.min(...known));
      expect(Math.max(...drawn)).toBeGreaterThanOrEqual(Math.max(...known));
    }
  });

  it('finds the extremes of a stretch wherever blocks of rows begin', () => {
    const indexed = indexColumn(values);
    for (const from of [0, 1, 7, 8, 9, 63, 64, 65, 511, 513, 4_095]) {
      const [, column = []] = chartData(elapsed, [indexed], { from, to: from + 9_000 }, 1);
      const rows = Array.from(values.subarray(from, from + 9_002), (value) =>
        Number.isNaN(value) ? null : value,
      );
      const known = rows.filter((value) => value !== null);
      const drawn = column.filter((value) => value !== null);
      expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([
        Math.min(...known),
        Math.max(...known),
      ]);
    }
  });

  it('stays as it was, but for its ends, while it is moved', () => {
    const points = (from: number) => {
      const range = { from, to: from + 6_000 };
      const [times, column = []] = chartData(elapsed, [indexColumn(values)], range, 300);
      return times.map((time, at) => `${time} ${column[at]}`);
    };
    const before = new Set(points(1_000));
    const moved = points(1_333);
    expect(moved.slice(2, -40).filter((point) => !before.has(point))).toEqual([]);
    expect(moved.length).toBeGreaterThan(590);
  });

  it('shows each row where there is room, and what is not known as a hole', () => {
    const [times, column = []] = chartData(
      elapsed,
      [indexColumn(values)],
      { from: 100, to: 110 },
      300,
    );
    expect(times).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111]);
    expect(column.length).toBe(12);
    const [, holes = []] = chartData(elapsed, [indexColumn(values)], { from: 0, to: 8 }, 300);
    expect(holes[5]).toBeNull();
  });
});

/** main > { load > alloc, draw > alloc }, and a site that nobody knows. */
const stacks: StackTable = {
  texts: ['main (a.js:1:1)', 'load (a.js:2:2)', 'alloc', 'draw (b.js:3:3)'],
  isScript: toFigures([1, 1, 0, 1]),
  frame: toFigures([0, 1, 2, 3, 2]),
  caller: toFigures([null, 0, 1, 0, 3]),
};
const sites = toFigures([2, 4, null]);

describe('a flame graph', () => {
  const tree = buildFlame(stacks, sites, [30, 10, 5]);

  it('adds up from the allocations to the whole', () => {
    expect(tree.value[0]).toBe(45);
    const [main = -1] = tree.children(0);
    const names = tree.children(main).map((node) => tree.texts[tree.frame[node] ?? -1]);
    expect(tree.value[main]).toBe(40);
    expect(names).toEqual(['load (a.js:2:2)', 'draw (b.js:3:3)']);
    expect(ancestors(tree, 3)).toEqual([0, 1, 2, 3]);
  });

  it('leads from the allocating function to its callers when it is inverted', () => {
    const inverted = buildFlame(stacks, sites, [30, 10, 5], true);
    const [alloc = -1] = inverted.children(0);
    expect(inverted.texts[inverted.frame[alloc] ?? -1]).toBe('alloc');
    expect(inverted.value[alloc]).toBe(40);
    expect(inverted.children(alloc).map((node) => inverted.value[node])).toEqual([30, 10]);
  });

  it('is laid out by shares, under the way to the frame that is chosen', () => {
    const boxes = layOut(tree, 0, 900);
    const load = boxes.find(({ node }) => node === 2);
    expect(load).toMatchObject({ depth: 2, left: 0, width: 600 });
    expect(layOut(tree, 2, 900).map(({ node, width }) => [node, width])).toEqual([
      [0, 900],
      [1, 900],
      [2, 900],
      [3, 900],
    ]);
  });

  it('counts what a search finds once, however often it stands in a stack', () => {
    expect(searchFlame(tree, 'A.JS')).toMatchObject({ frames: 2, value: 40 });
    expect(searchFlame(tree, 'alloc')).toMatchObject({ frames: 1, value: 40 });
    expect(searchFlame(tree, ' ')).toBeNull();
  });

  it('leaves out what shrank', () => {
    expect(buildFlame(stacks, sites, [-30, 10, Number.NaN]).value[0]).toBe(10);
  });
});

describe('tables', () => {
  const recording = reported(siteRecording());

  it('have the figures of the end for the whole, and the growth over it', () => {
    const table = TABLES.Sites?.(recording, null);
    const columns = table?.columns.map(({ title, values }) => [title, values[0]]);
    expect(table?.name(0)).toBe('paint (app.js:7:3)');
    expect(columns).toEqual([
      ['Live', 4000],
      ['Blocks', 40],
      ['Growth', 3900],
      ['Allocated', 9000],
      ['Peak', 5000],
    ]);
    expect(table?.details?.(0)).toEqual(['gegl_alloc', 'paint (app.js:7:3)', 'main (app.js:1:1)']);
  });

  it('follow a stretch of time, as far as sites were followed', () => {
    const range = { from: 1_000, to: 3_000 };
    const sitesThen = TABLES.Sites?.(recording, range);
    const at = (title: string) =>
      sitesThen?.columns.find((column) => column.title === title)?.values;
    expect(at('Live')?.[0]).toBe(400);
    expect(at('Growth')?.[0]).toBe(200);
    expect(at('Live')?.[1]).toBeNaN();
    const types = TABLES.Types?.(recording, range);
    expect(types?.columns.slice(0, 2).map(({ values }) => values[0])).toEqual([4, 2]);
    const handles = TABLES.Handles?.(recording, range);
    expect(handles?.columns.slice(0, 2).map(({ values }) => values[0])).toEqual([3, 2]);
  });

  it('say which rows are known over time', () => {
    expect(followedText(recording, 'Sites')).toBe(
      'Followed over time, at 5 moments: the 1 of 2 rows that grew most.',
    );
    expect(followedText(recording, 'Types')).toContain(': the 1 rows that');
    expect(followedText(reported(twoLeaksRecording()), 'Types')).toContain('Nothing was followed');
  });

  it('are sorted with what is not known last, and searched', () => {
    const table = {
      rows: 4,
      title: 'Name',
      name: (row: number) => ['b', 'A', 'c', 'ab'][row] ?? '',
      columns: [{ title: 'Bytes', kind: 'bytes' as const, values: toFigures([5, null, 9, 7]) }],
    };
    const order = (column: number, isDescending: boolean, words = '') => [
      ...orderRows(table, { column, isDescending }, words),
    ];
    expect(order(0, true)).toEqual([2, 3, 0, 1]);
    expect(order(0, false)).toEqual([0, 3, 2, 1]);
    expect(order(-1, false)).toEqual([1, 3, 0, 2]);
    expect(order(0, true, 'A')).toEqual([3, 1]);
  });
});

describe('findings', () => {
  const { findings } = reported(twoLeaksRecording());
  const told = (from: number, to: number) => {
    const { inside, outside } = findingsInRange(findings, { from, to });
    const say = (list: typeof inside) =>
      list.map(({ finding, growth }) => `${finding.message.split(' ')[1]}: ${growth}`);
    return { inside: say(inside), outside: say(outside) };
  };

  it('are those that leaked in the stretch, with what they leaked there', () => {
    expect(told(0, 50_000)).toEqual({
      inside: ['nodes: +20 nodes in this stretch'],
      outside: ['buffers: 0 buffers, 0 B in this stretch; when 5 more came is not known'],
    });
    expect(told(30_000, 60_000)).toEqual({
      inside: [
        'buffers: +5 buffers, +4.88 KB in this stretch; when 5 more came is not known',
        'nodes: +5 nodes in this stretch',
      ],
      outside: [],
    });
  });

  it('are all there for the whole, and where nothing is known over time', () => {
    expect(findingsInRange(findings, null).inside.map(({ growth }) => growth)).toEqual([
      null,
      null,
    ]);
    const unknown = findings.map((finding) => ({ ...finding, overTime: null }));
    expect(findingsInRange(unknown, { from: 0, to: 1 })).toMatchObject({
      inside: [{ growth: 'Not known over time' }, { growth: 'Not known over time' }],
      outside: [],
    });
  });
});

describe('figures', () => {
  it('of the stretch are its last, its growth and its peak', () => {
    const recording = reported(siteRecording());
    const { liveBytes } = recording.timeline;
    const range = { from: 1_000, to: 3_000 };
    expect(summarizeColumn(recording, 'liveBytes', range)).toEqual({
      last: liveBytes?.[3],
      growth: (liveBytes?.[3] ?? 0) - (liveBytes?.[1] ?? 0),
      peak: Math.max(...(liveBytes?.slice(1, 4) ?? [])),
    });
    expect(summarizeColumn(recording, 'scratch', range)).toBeNull();
  });

  it('are short, and never make up what is not known', () => {
    expect(figureText('bytes', Number.NaN)).toBe('–');
    expect(figureText('change', 2048)).toBe('+2 KB');
    expect(figureText('change', -2048)).toBe('\u22122 KB');
    expect(figureText('count', 1234567)).toBe('1,234,567');
    expect([500, 12_500, 65_000, 7_265_000].map((time) => timeText(time))).toEqual([
      '0.5 s',
      '12.5 s',
      '1:05',
      '2:01:05',
    ]);
  });
});

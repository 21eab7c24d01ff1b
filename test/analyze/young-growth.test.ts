// Growth that began with a session and has not lasted long: a cache that fills looks just like a leak, so it is info until
// it has lasted longer. It names its place from the first.

import { describe, expect, it } from 'vitest';
import { hangExplained } from '../../src/analyze/leaks/explained.ts';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { findTrend } from '../../src/analyze/trend.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { LeakEvents } from '../../src/profiler/leak-events.ts';
import type { Finding, RecordedHeapSnapshot } from '../../src/recording/types.ts';
import { runAtOnce } from '../../src/slices.ts';
import {
  buildHeapSnapshot,
  buildRecording,
  buildSeries,
  buildUnreachable,
  KB,
  range,
} from './build-recording.ts';

const FILL = ['fill', 'call (app.js:1:1)'];

interface Session {
  /** Blocks of a site of the application, a row each. */
  readonly site: readonly number[];
  readonly heapSnapshots?: readonly RecordedHeapSnapshot[];
  readonly buffers?: readonly number[];
}

function find({ site, heapSnapshots = [], ...columns }: Session): Finding[] {
  const series = buildSeries(site.length, {
    sites: [{ stack: FILL, liveBlocks: site, liveBytes: site.map((count) => count * 100) }],
  });
  return findLeaks(buildRecording({ heapSnapshots, series, ...columns }), geglKnowledge);
}

const told = (findings: readonly Finding[]) =>
  findings.map(({ type, severity }) => `${severity} ${type}`);

const filling = (length: number) => range(length, (row) => row);
const still = (length: number) => range(length, () => 7);

describe('a trend', () => {
  const isYoung = (values: readonly number[]) =>
    findTrend({
      sequence: values.map((_, row) => row + 1),
      elapsed: values.map((_, row) => row * 1000),
      values,
    })?.isYoung;

  it('from the beginning on is young for 45 samples', () => {
    expect(isYoung(filling(20))).toBe(true);
    expect(isYoung(filling(45))).toBe(true);
    expect(isYoung(filling(46))).toBe(false);
  });

  it('after a short while is young for as long, and not after as long without it', () => {
    const behindLevel = (before: number, length: number) =>
      isYoung([...range(before, () => 0), ...filling(length)]);
    expect(behindLevel(20, 40)).toBe(true);
    expect(behindLevel(20, 50)).toBe(false);
    expect(behindLevel(30, 30)).toBe(false);
  });

  it('is young behind a warm-up that was faster, not behind growth of its own pace', () => {
    const behind = (pace: number) =>
      isYoung([
        ...range(13, (row) => (row % 2 === 0 ? pace * row : pace * (row - 1) + 0.5)),
        ...range(37, (row) => 13 * pace + row / 3),
      ]);
    expect(behind(1)).toBe(true);
    expect(behind(1 / 3)).toBe(false);
  });

  it('is never young from the 90th sample on', () => {
    for (let warmUp = 1; warmUp < 89; warmUp += 4) {
      const values = range(90, (row) => (row < warmUp ? 4 * row : 3 * warmUp + row));
      expect(isYoung(values)).toBe(false);
    }
  });
});

describe('growth that is young', () => {
  it('is info, says why, and names its place', () => {
    const findings = find({ site: filling(30) });
    expect(told(findings)).toEqual(['info site_growth']);
    expect(findings[0]?.message).toContain('It may fill a cache');
    expect(findings[0]?.details).toMatchObject({
      isYoung: true,
      stack: 'at fill\nat call (app.js:1:1)',
    });
  });

  it('is a warning once it has lasted', () => {
    const findings = find({ site: filling(50) });
    expect(told(findings)).toEqual(['warning site_growth']);
    expect(findings[0]?.message).not.toContain('cache');
  });

  it('is info of live memory and of objects, too', () => {
    const memory = (length: number) =>
      told(
        findLeaks(
          buildRecording({ heapUsed: range(length, (row) => row * 10 * KB) }),
          geglKnowledge,
        ),
      );
    expect(memory(40)).toEqual(['info continuous_growth']);
    expect(memory(60)).toEqual(['warning continuous_growth']);
    const objects = (length: number) =>
      told(find({ site: still(length), buffers: filling(length) }));
    expect(objects(40)).toEqual(['info object_accumulation']);
    expect(objects(60)).toEqual(['warning object_accumulation']);
  });

  it('is no event before it has lasted, however long it has stood', () => {
    const events = new LeakEvents();
    const tellAt = (rows: number) => told(events.add(find({ site: filling(rows) }), rows * 1000));
    expect([20, 30, 40].flatMap(tellAt)).toEqual([]);
    expect(tellAt(50)).toEqual(['warning site_growth']);
    expect(tellAt(60)).toEqual([]);
  });
});

describe('what hangs on growth that is young', () => {
  const buffers = filling(60);
  const recording = buildRecording({
    buffers,
    series: buildSeries(buffers.length, { types: [{ name: 'GeglBuffer', live: buffers }] }),
  });
  const growth = (type: string, kind: string, isYoung: boolean): Finding => ({
    type,
    severity: 'warning',
    message: '',
    details: { kind, isYoung, confidence: 1, growth: 50 },
  });
  const severity = (isYoung: boolean) => {
    const findings = [
      growth('object_accumulation', 'buffers', true),
      growth('type_growth', 'GeglBuffer', isYoung),
    ];
    const standing = runAtOnce(hangExplained(findings, recording, geglKnowledge));
    expect(standing).toHaveLength(1);
    return standing[0]?.severity;
  };

  it('is young with it; what has lasted longer makes it likely, as both are one leak', () => {
    expect(severity(true)).toBe('info');
    expect(severity(false)).toBe('warning');
  });
});

describe('blocks that one heap snapshot found without a pointer', () => {
  const snapshots = (...counts: readonly number[]) =>
    counts.map((blocks, nth) =>
      buildHeapSnapshot({
        elapsed: (nth + 1) * 10_000,
        unreachable: [buildUnreachable({ stack: FILL, blocks, bytes: blocks * 100 })],
      }),
    );

  it('are info where young growth is: a pool whose pointers are hidden fills like that', () => {
    const findings = find({ site: filling(30), heapSnapshots: snapshots(20) });
    expect(told(findings)).toEqual(['info unreachable_block', 'info site_growth']);
    expect(findings[0]?.details.isYoung).toBe(true);
  });

  it('are a warning elsewhere, where nothing grows, and once the growth has lasted', () => {
    const heapSnapshots = [
      buildHeapSnapshot({ elapsed: 10_000, unreachable: [buildUnreachable({ blocks: 20 })] }),
    ];
    expect(told(find({ site: filling(30), heapSnapshots }))).toContain('warning unreachable_block');
    expect(told(find({ site: still(30), heapSnapshots: snapshots(20) }))).toEqual([
      'warning unreachable_block',
    ]);
    expect(told(find({ site: filling(50), heapSnapshots: snapshots(20) }))).toContain(
      'warning unreachable_block',
    );
  });

  it('are an error as ever where another heap snapshot has more', () => {
    const findings = find({ site: filling(30), heapSnapshots: snapshots(10, 20) });
    expect(told(findings)).toEqual(['error unreachable_block']);
  });
});

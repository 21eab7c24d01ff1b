// What the leak detectors say of healthy and of leaking sessions.

import { describe, expect, test } from 'vitest';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import type { Finding, Recording } from '../../src/recording/types.ts';
import { buildRecording, KB, keepRows, MB, range, seeded } from './build-recording.ts';
import { type Family, HEALTHY, LEAKING } from './series.ts';

const LENGTHS = [40, 120, 600, 1500];
const HEALTHY_SERIES = 100;
const LEAKING_LENGTHS = [600, 1000, 1500];
const LEAKING_SERIES = 40;

function ofType(recording: Recording, type: string): Finding[] {
  return findLeaks(recording, geglKnowledge).filter((finding) => finding.type === type);
}

function share(family: Family, lengths: readonly number[], series: number, type?: string): number {
  let hits = 0;
  for (const length of lengths) {
    for (let seed = 0; seed < series; seed++) {
      const heapUsed = family(length, seeded(seed + 1000 * length)).map(Math.round);
      const findings = findLeaks(buildRecording({ heapUsed }), geglKnowledge);
      if (findings.some((finding) => type === undefined || finding.type === type)) hits++;
    }
  }
  return hits / lengths.length / series;
}

describe('healthy sessions', () => {
  test.each(Object.entries(HEALTHY))('%s: at most one in a hundred is named', (name, family) => {
    const rate = share(family, LENGTHS, HEALTHY_SERIES);
    console.log(`false positives, ${name}: ${(rate * 100).toFixed(2)} %`);
    expect(rate).toBeLessThanOrEqual(0.01);
  });

  test('stay unnamed however often one asks while they go on', () => {
    let sessions = 0;
    let named = 0;
    for (const [name, family] of Object.entries(HEALTHY)) {
      // A warm-up or an undo stack can't be told from a leak until it ends.
      if (/warm-up|undo|plateau|sawtooth|wave/.test(name)) continue;
      for (let seed = 0; seed < 10; seed++) {
        const heapUsed = family(600, seeded(seed)).map(Math.round);
        sessions++;
        if (
          range(20, (i) => 30 * (i + 1)).some(
            (end) =>
              findLeaks(buildRecording({ heapUsed: heapUsed.slice(0, end) }), geglKnowledge)
                .length > 0,
          )
        ) {
          named++;
        }
      }
    }
    console.log(`named at one of 20 looks: ${named} of ${sessions}`);
    expect(named / sessions).toBeLessThanOrEqual(0.01);
  });

  test('a heap that grows is no leak where the bytes in use are not known', () => {
    const heapSize = range(200, (i) => 64 * MB + i * MB);
    expect(
      findLeaks(buildRecording({ heapSize, sequence: range(200, (i) => i + 1) }), geglKnowledge),
    ).toEqual([]);
    const heapUsed = range(200, () => null);
    expect(findLeaks(buildRecording({ heapSize, heapUsed }), geglKnowledge)).toEqual([]);
  });

  test('a tile cache that fills up to its limit is no leak', () => {
    const tileCache = range(300, (i) => Math.min(200, i) * MB);
    const tileAlloc = tileCache.map((bytes) => bytes + 5 * MB);
    const recording = buildRecording({
      tileCache,
      tileAlloc,
      tileCacheLimit: range(300, () => 256 * MB),
      scratch: range(300, (i) => i * 20 * KB),
      heapUsed: tileAlloc.map((bytes, i) => bytes + i * 20 * KB + 26 * MB),
      buffers: range(300, () => 4),
      bufferBytes: range(300, () => 500 * MB),
    });
    for (let end = 20; end <= 300; end += 20) {
      expect(
        findLeaks(
          keepRows(recording, (i) => i < end),
          geglKnowledge,
        ),
      ).toEqual([]);
    }
  });

  test('empty buffers of a huge extent are no bytes', () => {
    const recording = buildRecording({
      bufferBytes: range(300, (i) => Math.min(i, 150) * 500 * MB),
      tileAlloc: range(300, () => 5 * MB),
      heapUsed: range(300, (i) => 26 * MB + Math.min(i, 150) * KB),
    });
    expect(findLeaks(recording, geglKnowledge)).toEqual([]);
  });

  test('objects that come and go are no accumulation', () => {
    const random = seeded(5);
    const buffers = range(400, (i) => 10 + (i % 23) + Math.floor(5 * random.next()));
    expect(findLeaks(buildRecording({ buffers }), geglKnowledge)).toEqual([]);
  });

  test.each([0, 1, 2, 19])('%i snapshots say nothing', (length) => {
    const heapUsed = range(length, (i) => i * MB);
    expect(
      findLeaks(buildRecording({ heapUsed, buffers: range(length, (i) => i) }), geglKnowledge),
    ).toEqual([]);
  });
});

describe('leaking sessions', () => {
  test.each(Object.entries(LEAKING))('%s is found in 95 of 100 cases', (name, family) => {
    const rate = share(family, LEAKING_LENGTHS, LEAKING_SERIES, 'continuous_growth');
    console.log(`recall, ${name}: ${(rate * 100).toFixed(1)} %`);
    expect(rate).toBeGreaterThanOrEqual(0.95);
  });

  const leak = buildRecording({ heapUsed: range(1200, (i) => 26 * MB + 1000 * i) });

  test('growth is given by sample, second and hour, with what it was computed from', () => {
    const [finding] = ofType(leak, 'continuous_growth');
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(finding?.message).toBe(
      'Live memory, caches not counted, keeps growing by 58.6 KB per minute, from 26 MB to 27 MB.',
    );
    expect(finding?.details.slopePerSample).toBeCloseTo(1000);
    expect(finding?.details.slopePerSecond).toBeCloseTo(1000);
    expect(finding?.details.bytesPerHour).toBeCloseTo(3_600_000);
    expect(finding?.details.confidence).toBeGreaterThan(0.999);
    expect(finding?.details).toMatchObject({ since: 0, until: 1_199_000, samples: 1200 });
    expect(finding?.details.columns).toEqual(['heapUsed']);
  });

  test('thinned recordings tell the same slopes', () => {
    const thinned = keepRows(leak, (i) => i > 1080 || i % 16 === 0);
    const [finding] = ofType(thinned, 'continuous_growth');
    expect(finding?.details.slopePerSample).toBeCloseTo(1000);
    expect(finding?.details.slopePerSecond).toBeCloseTo(1000);
  });

  test('a night of suspension hides no leak and hardly changes its slope', () => {
    const elapsed = range(1200, (i) => i * 1000 + (i > 900 ? 8 * 3_600_000 : 0));
    const gaps = [{ from: 900_000, to: 901_000 + 8 * 3_600_000, reason: 'suspended' as const }];
    const heapUsed = range(1200, (i) => 26 * MB + 1000 * i);
    const [finding] = ofType(buildRecording({ elapsed, gaps, heapUsed }), 'continuous_growth');
    expect(finding?.details.slopePerSecond).toBeCloseTo(1000, -1);
  });

  test('rows whose figure is missing are left out', () => {
    const heapUsed = range(600, (i) => (i < 50 || i % 7 === 0 ? null : 26 * MB + 1000 * i));
    const [finding] = ofType(buildRecording({ heapUsed }), 'continuous_growth');
    expect(finding?.details.slopePerSample).toBeCloseTo(1000);
  });

  test('pixels of leaked buffers are no cache', () => {
    const buffers = range(300, (i) => 4 + Math.floor(i / 5));
    const tileCache = buffers.map((count) => count * 4 * MB);
    const tileAlloc = tileCache.map((bytes) => bytes + 5 * MB);
    const recording = buildRecording({
      buffers,
      bufferBytes: tileCache,
      tileCache,
      tileAlloc,
      heapUsed: tileAlloc.map((bytes) => bytes + 26 * MB),
    });
    const [finding] = ofType(recording, 'continuous_growth');
    expect(finding?.details.tilesPerBufferByte).toBeCloseTo(1);
    expect(finding?.details.slopePerSample).toBeCloseTo((4 * MB) / 5, -4);
    expect(ofType(recording, 'object_accumulation')).toHaveLength(1);
  });

  test('a kind that accumulates is named with the places that made what stays', () => {
    const nodes = range(300, (i) => 50 + Math.floor(i / 6) + (i % 2));
    const live = [
      ...range(40, () => ({ kind: 'nodes' as const, stack: 0 })),
      ...range(30, (i) => ({ kind: 'nodes' as const, stack: 1, createdAt: 6000 * i })),
      { kind: 'nodes' as const, stack: 0, createdAt: 200_000 },
      { kind: 'buffers' as const, stack: 0, createdAt: 200_000 },
    ];
    const stacks = ['at setUp (app.js:1:1)', 'at openPreview (app.js:9:1)'];
    const findings = findLeaks(buildRecording({ nodes, live, stacks }), geglKnowledge);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      type: 'object_accumulation',
      severity: 'warning',
      message: 'Live nodes keep accumulating, by 10 per minute, from 50 to 95.',
      details: { kind: 'nodes', sites: [{ stack: stacks[1], count: 30 }, { count: 1 }] },
    });
  });

  test('growth that this session never had before is named as such', () => {
    const random = seeded(2);
    const heapUsed = range(1200, (i) =>
      Math.round(26 * MB + 50 * KB * random.normal() + Math.max(0, i - 1090) * 100 * KB),
    );
    const [finding] = ofType(buildRecording({ heapUsed }), 'growth_rate');
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(finding?.details.slopePerSecond).toBeCloseTo(100 * KB, -4);
    expect(Math.abs(Number(finding?.details.usualSlopePerSecond))).toBeLessThan(KB);
  });

  test('one load late in a session is no abnormal growth', () => {
    const heapUsed = range(1200, (i) => 26 * MB + (i > 1150 ? 50 * MB : 0));
    expect(findLeaks(buildRecording({ heapUsed }), geglKnowledge)).toEqual([]);
  });
});

describe('collected handles', () => {
  const recording = buildRecording({
    totals: { buffers: { created: 9, collected: 3 }, colors: { created: 1, collected: 1 } },
    stacks: ['at a (app.js:1:1)', 'at b (app.js:2:1)'],
    collected: [
      { stack: 1, bytes: 1 * MB, createdAt: 3000, collectedAt: 9000 },
      { stack: 0, bytes: 2 * MB, createdAt: 2000, collectedAt: 8000 },
      { stack: 1, bytes: null, createdAt: 1000, collectedAt: 9500, description: 'buffer' },
      { kind: 'colors', collectedAt: 7000, description: 'color red' },
    ],
  });

  test('are errors, a finding a kind, grouped by the place that made them', () => {
    const findings = findLeaks(recording, geglKnowledge);
    expect(findings).toHaveLength(2);
    expect(findings[0]).toEqual({
      type: 'collected_handle',
      severity: 'error',
      message:
        '3 buffers were garbage-collected without release (3 MB of pixels): leaked for certain.',
      details: {
        kind: 'buffers',
        count: 3,
        confidence: 1,
        bytes: 3 * MB,
        bytesPerHour: null,
        stack: 'at b (app.js:2:1)',
        path: [],
        advice: expect.stringContaining('destroy()'),
        recorded: 3,
        firstCreatedAt: 1000,
        firstSeenAt: 8000,
        sites: [
          {
            stack: 'at b (app.js:2:1)',
            count: 2,
            bytes: MB,
            description: 'buffer',
            firstCreatedAt: 1000,
          },
          {
            stack: 'at a (app.js:1:1)',
            count: 1,
            bytes: 2 * MB,
            description: 'buffer 100 x 80 RGBA float',
            firstCreatedAt: 2000,
          },
        ],
      },
    });
    expect(findings[1]?.details).toMatchObject({ kind: 'colors', count: 1, bytes: null });
  });

  test('are named even where no record of them is left', () => {
    const [finding] = findLeaks(
      buildRecording({ totals: { nodes: { collected: 1 } } }),
      geglKnowledge,
    );
    expect(finding?.message).toBe(
      '1 of the nodes was garbage-collected without release: leaked for certain.',
    );
    expect(finding?.details).toMatchObject({ recorded: 0, firstSeenAt: null, sites: [] });
  });
});

test('10,000 snapshots take less than 50 ms', () => {
  const random = seeded(1);
  const column = () => range(10_000, (i) => Math.round(26 * MB + 100 * i + MB * random.next()));
  const recording = buildRecording({
    heapUsed: column(),
    tileAlloc: column(),
    tileCache: column(),
    buffers: column(),
    nodes: column(),
    processors: column(),
    colors: column(),
  });
  const times = range(30, () => {
    const start = performance.now();
    findLeaks(recording, geglKnowledge);
    return performance.now() - start;
  });
  console.log(`10,000 snapshots: ${Math.min(...times).toFixed(1)} ms`);
  expect(Math.min(...times)).toBeLessThan(50);
});

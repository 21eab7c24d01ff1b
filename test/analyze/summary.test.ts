// The figures of a summary.

import { expect, test } from 'vitest';
import { formatBytes, formatNumber } from '../../src/analyze/figures.ts';
import { summarize } from '../../src/analyze/summary.ts';
import { buildRecording, MB } from './build-recording.ts';

test('an empty recording has no figures, and no zeros in their place', () => {
  expect(summarize(buildRecording())).toEqual({
    duration: 0,
    totalSamples: 0,
    averageMemoryGrowth: null,
    peakMemoryUsage: null,
    peakHeapSize: null,
    totalAllocations: 0,
    totalCollected: 0,
    objectCounts: { buffers: 0, nodes: 0, processors: 0, colors: 0 },
  });
});

test('growth counts samples that were thinned out, and skips unknown figures', () => {
  const summary = summarize(
    buildRecording({
      sequence: [1, 5, 9, 13],
      heapUsed: [null, 100, 900, 500],
      heapSize: [MB, null, 2 * MB, 2 * MB],
    }),
  );
  expect(summary).toMatchObject({
    duration: 12_000,
    totalSamples: 13,
    averageMemoryGrowth: 50,
    peakMemoryUsage: 900,
    peakHeapSize: 2 * MB,
  });
});

test('one known figure is a peak but no growth', () => {
  const summary = summarize(buildRecording({ heapUsed: [null, 100, null] }));
  expect(summary).toMatchObject({ averageMemoryGrowth: null, peakMemoryUsage: 100 });
});

test('objects of all kinds are summed', () => {
  const summary = summarize(
    buildRecording({
      totals: {
        buffers: { created: 5, live: 2, collected: 1 },
        colors: { created: 7, live: 3, collected: 2 },
      },
    }),
  );
  expect(summary).toMatchObject({
    totalAllocations: 12,
    totalCollected: 3,
    objectCounts: { buffers: 2, nodes: 0, processors: 0, colors: 3 },
  });
});

test('figures are readable', () => {
  expect([0, 999, 1024, 1000 * 1024, 1.5 * MB, -3 * MB, 5e12].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 KB',
    '0.977 MB',
    '1.5 MB',
    '-3 MB',
    '4.55 TB',
  ]);
  expect([0.1234, 12.34, 123_456].map(formatNumber)).toEqual(['0.123', '12.3', '123000']);
});

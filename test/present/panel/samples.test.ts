// The samples that the panel keeps: as they are given, thinned out where there are many, peaks kept.

import { describe, expect, it } from 'vitest';
import { Samples } from '../../../src/present/panel/samples.ts';
import type { Snapshot } from '../../../src/profiler/report.ts';

function snapshot(
  elapsed: number,
  heapUsed: number | null,
  gegl: Snapshot['gegl'] = null,
): Snapshot {
  return {
    timestamp: elapsed,
    elapsed,
    wasmMemory: {
      heapSize: 1000,
      heapUsed,
      heapUsedSource: 'tracker',
      heapGrowth: null,
      heapUsedGrowth: null,
      staticBytes: null,
      stackBytes: null,
      liveBlocks: null,
    },
    jsMemory: {
      usedJSHeapSize: null,
      totalJSHeapSize: null,
      jsHeapSizeLimit: null,
      jsMemorySource: 'none',
    },
    objectCounts: { buffers: elapsed, nodes: 2, processors: 0, colors: 0 },
    gegl,
  };
}

describe('the samples of the panel', () => {
  it('are what snapshots say; what is not known stays so', () => {
    const samples = new Samples();
    expect(samples.last).toEqual({ heapSize: null, live: null, caches: null });
    const caches = { tileCacheLimit: 9, tileAlloc: 7, swap: 0 };
    samples.add(snapshot(1, null));
    samples.add(snapshot(2, 400, { ...caches, tileCache: 30, scratch: 12 }));
    samples.add(snapshot(3, 500, { ...caches, tileCache: 30, scratch: null }));
    expect(samples.elapsed).toEqual([1, 2, 3]);
    expect(samples.figures).toEqual({
      heapSize: [1000, 1000, 1000],
      live: [null, 400, 500],
      caches: [null, 42, 30],
    });
    expect(samples.objects.buffers).toEqual([1, 2, 3]);
    expect(samples.last).toEqual({ heapSize: 1000, live: 500, caches: 30 });
  });

  it('are no more than can be drawn, over the whole time, with the highest among them', () => {
    const samples = new Samples();
    const peaks = new Set([701, 5000, 9999]);
    for (let elapsed = 1; elapsed <= 10_000; elapsed += 1) {
      samples.add(snapshot(elapsed, peaks.has(elapsed) ? 900 : 100 + (elapsed % 7)));
    }
    expect(samples.length).toBeLessThanOrEqual(1200);
    expect(samples.length).toBeGreaterThan(500);
    expect(samples.elapsed.at(-1)).toBe(10_000);
    expect(samples.elapsed[0]).toBeLessThan(100);
    for (const peak of peaks) expect(samples.elapsed).toContain(peak);
    expect(samples.elapsed).toEqual(samples.elapsed.toSorted((a, b) => a - b));
    for (const column of [...Object.values(samples.figures), ...Object.values(samples.objects)]) {
      expect(column).toHaveLength(samples.length);
    }
    // Each row is still one sample.
    expect(samples.objects.buffers).toEqual(samples.elapsed);
  });

  it('begin anew with a new recording', () => {
    const samples = new Samples();
    for (const elapsed of [1, 2, 3]) samples.add(snapshot(elapsed, 5));
    samples.add(snapshot(1, 6));
    expect(samples.elapsed).toEqual([1]);
    expect(samples.figures.live).toEqual([6]);
  });
});

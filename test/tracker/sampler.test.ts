import { beforeAll, describe, expect, it } from 'vitest';
import { INITIAL_PAGES } from '../../src/tracker/assembly/layout.ts';
import type { SampleFigures } from '../../src/tracker/index.ts';
import { randomNumbers } from '../random-numbers.ts';
import { track } from './hooks.ts';
import { largestDistance, mean, serialCorrelation, variance } from './statistics.ts';

const RUNS = 1000;
/** Samples are drawn without looking at stacks, which took most of the time. */
const NO_STACKS = 0;
/** Of the standard normal distribution: 95 % lie within this of the mean. */
const NORMAL_95 = 1.96;
/** All of a hundred comparisons lie within this in 99 of 100 cases. */
const NORMAL_LIMIT = 3.9;

/** Zeroed for each run, so that it is as small as a tracker's can be at first. */
const newMemory = () => new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: 1024 });

const random = randomNumbers(7);
const sizesOf = (count: number, size: () => number) =>
  Array.from({ length: count }, () => Math.floor(size()));

/** How many of the intervals for the count hold it is less where few samples stand for many small blocks. */
const populations = [
  { what: 'blocks of one size', meanBytes: 4096, sizes: sizesOf(3000, () => 256) },
  {
    what: 'exponential sizes',
    meanBytes: 2048,
    sizes: sizesOf(4000, () => 1 - 200 * Math.log(1 - random())),
    countCoverage: 0.9,
  },
  {
    what: 'sizes from 64 B to 64 KiB, the large ones rare',
    meanBytes: 16 * 1024,
    sizes: sizesOf(3000, () => 64 * 1024 ** random()),
    countCoverage: 0.9,
  },
  {
    what: 'large blocks at the default mean',
    meanBytes: 64 * 1024,
    sizes: sizesOf(2000, () => 10_000 + 100_000 * random()),
  },
  { what: 'empty blocks', meanBytes: 16, sizes: sizesOf(3000, () => 0) },
];

type Estimated = 'count' | 'bytes';
interface Run {
  live: SampleFigures;
  total: SampleFigures;
}

const NOTHING: SampleFigures = {
  samples: 0,
  count: 0,
  bytes: 0,
  countVariance: 0,
  bytesVariance: 0,
};

function add(a: SampleFigures, b: SampleFigures): SampleFigures {
  return {
    samples: a.samples + b.samples,
    count: a.count + b.count,
    bytes: a.bytes + b.bytes,
    countVariance: a.countVariance + b.countVariance,
    bytesVariance: a.bytesVariance + b.bytesVariance,
  };
}

/** Allocates all and frees every third block. */
function run(
  sizes: readonly number[],
  meanBytes: number,
  seed: number,
  memory: WebAssembly.Memory,
): Run {
  new Uint8Array(memory.buffer).fill(0);
  const { tracker, hooks } = track({
    mode: 'sampled',
    mean: meanBytes,
    seed,
    memory,
    stackDepth: NO_STACKS,
  });
  for (const [index, size] of sizes.entries()) {
    hooks.allocated(1024 + index * 16, size, 0);
  }
  for (let index = 0; index < sizes.length; index += 3) hooks.freeing(1024 + index * 16);
  return tracker
    .sites()
    .reduce<Run>(
      (sum, site) => ({ live: add(sum.live, site.live), total: add(sum.total, site.total) }),
      { live: NOTHING, total: NOTHING },
    );
}

describe.each(populations)('estimates of 1,000 runs, $what', (population) => {
  const { sizes, meanBytes, countCoverage = 0.95 } = population;
  const runs: Run[] = [];
  beforeAll(() => {
    const memory = newMemory();
    for (let seed = 0; seed < RUNS; seed++) runs.push(run(sizes, meanBytes, seed, memory));
  });
  const kept = sizes.filter((_, index) => index % 3 !== 0);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const truths = {
    live: { count: kept.length, bytes: sum(kept) },
    total: { count: sizes.length, bytes: sum(sizes) },
  };
  const estimated = sum(sizes) === 0 ? (['count'] as const) : (['count', 'bytes'] as const);

  describe.each(['live', 'total'] as const)('%s', (part) => {
    const estimates = (what: Estimated) => runs.map((figures) => figures[part][what]);
    const variances = (what: Estimated) => runs.map((figures) => figures[part][`${what}Variance`]);

    it.each(estimated)('%s is unbiased', (what) => {
      const errors = estimates(what).map((estimate) => estimate - truths[part][what]);
      const standardError = Math.sqrt(variance(errors) / RUNS);
      expect(Math.abs(mean(errors))).toBeLessThanOrEqual(NORMAL_LIMIT * standardError);
    });

    it.each(estimated)('the variance stated for %s is that of the runs', (what) => {
      const stated = variances(what);
      // Of the runs' variance, for a normal distribution, and of the stated ones' mean.
      const standardError = Math.sqrt(
        (2 * variance(estimates(what)) ** 2) / RUNS + variance(stated) / RUNS,
      );
      const difference = mean(stated) - variance(estimates(what));
      expect(Math.abs(difference)).toBeLessThanOrEqual(NORMAL_LIMIT * standardError);
    });

    it.each(estimated)('intervals stated for %s hold the truth in 95 of 100 runs', (what) => {
      const stated = variances(what);
      const covered = estimates(what).filter((estimate, index) => {
        const error = Math.abs(estimate - truths[part][what]);
        return error <= NORMAL_95 * Math.sqrt(stated[index] ?? 0);
      }).length;
      const margin = NORMAL_LIMIT * Math.sqrt(RUNS * 0.95 * 0.05);
      const coverage = what === 'count' ? countCoverage : 0.95;
      expect(covered).toBeGreaterThanOrEqual(coverage * RUNS - margin);
      expect(covered).toBeLessThanOrEqual(0.95 * RUNS + margin);
    });
  });
});

describe('gaps between samples', () => {
  const meanBytes = 4096;
  const size = 8;

  /** Bytes from one sample to the next. */
  function gaps(wanted: number, seed: number): number[] {
    const { tracker, hooks } = track({
      mode: 'sampled',
      mean: meanBytes,
      seed,
      stackDepth: NO_STACKS,
    });
    const found: number[] = [];
    let captured = 0;
    for (let bytes = size; found.length < wanted; bytes += size) {
      hooks.allocated(1024, size, 0);
      hooks.freeing(1024);
      const { count } = tracker.captures;
      if (count === captured) continue;
      captured = count;
      found.push(bytes);
      bytes = 0;
    }
    return found;
  }

  it('are exponential, as those of a Poisson process', () => {
    const values = gaps(3000, 11);
    const distance = largestDistance(values, (bytes) => 1 - Math.exp(-bytes / meanBytes));
    // The 1 % limit of Kolmogorov and Smirnov; gaps are known to 8 bytes only, a five-hundredth of the mean.
    expect(distance).toBeLessThan(1.63 / Math.sqrt(values.length) + size / meanBytes);
    // Not far off is not enough: the mean is known much better.
    expect(Math.abs(mean(values) / meanBytes - 1)).toBeLessThan(NORMAL_LIMIT / Math.sqrt(3000));
  });

  it('do not depend on each other', () => {
    const values = gaps(3000, 12);
    expect(Math.abs(serialCorrelation(values))).toBeLessThan(NORMAL_LIMIT / Math.sqrt(3000));
  });

  it('are the same for the same seed, and others for another', () => {
    expect(gaps(50, 13)).toEqual(gaps(50, 13));
    expect(gaps(50, 13)).not.toEqual(gaps(50, 14));
  });
});

it('stays unbiased when the mean changes meanwhile', () => {
  const memory = newMemory();
  const errors = Array.from({ length: 300 }, (_, seed) => {
    new Uint8Array(memory.buffer).fill(0);
    const { tracker, hooks } = track({
      mode: 'sampled',
      mean: 1024,
      seed,
      memory,
      stackDepth: NO_STACKS,
    });
    for (let index = 0; index < 3000; index++) {
      if (index % 100 === 0) tracker.mean = 512 * (1 + (index % 700) / 100);
      hooks.allocated(1024 + index * 16, 100, 0);
    }
    return tracker.sites().reduce((sum, { total }) => sum + total.bytes, 0) - 300_000;
  });
  expect(Math.abs(mean(errors))).toBeLessThan(NORMAL_LIMIT * Math.sqrt(variance(errors) / 300));
});

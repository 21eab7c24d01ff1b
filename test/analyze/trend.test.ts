// Trend statistics against their definitions, computed the long way, and against published values.

import { describe, expect, test } from 'vitest';
import {
  findGrowth,
  findTrend,
  findWarmUpEnd,
  incrementsTest,
  mannKendall,
  median,
  theilSenSlope,
} from '../../src/analyze/trend.ts';
import { range, seeded } from './build-recording.ts';

function asSeries(values: readonly number[]) {
  const sequence = values.map((_, i) => i + 1);
  return { sequence, elapsed: sequence.map((count) => count * 1000), values };
}

describe('Theil-Sen slope', () => {
  test('is the middle one of all slopes between two points, whatever their distance', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed);
      let at = 0;
      const x = range(2 + (seed % 20), () => (at += random.between(0.1, 10)));
      const y = x.map((value) => 3 * value + 20 * random.normal());
      const slopes: number[] = [];
      for (let i = 0; i < x.length; i++) {
        for (let j = i + 1; j < x.length; j++) {
          slopes.push(((y[j] ?? 0) - (y[i] ?? 0)) / ((x[j] ?? 0) - (x[i] ?? 0)));
        }
      }
      const below = slopes.filter((slope) => slope < theilSenSlope(x, y) - 1e-9).length;
      const above = slopes.filter((slope) => slope > theilSenSlope(x, y) + 1e-9).length;
      expect(below).toBe(above);
    }
  });

  test('does not follow outliers in a quarter of the points', () => {
    const x = range(40, (i) => i);
    const y = x.map((value) => (value % 4 === 0 ? 1e6 : 2 * value));
    expect(theilSenSlope(x, y)).toBeCloseTo(2, 1);
  });

  test('is 0 for one point or none', () => {
    expect(theilSenSlope([], [])).toBe(0);
    expect(theilSenSlope([1], [5])).toBe(0);
  });
});

test('the median of an even number of values lies between the middle two', () => {
  expect(median([10, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});

/** By the definition, for values without autocorrelation: groups of ties counted, tail integrated. */
function mannKendallByDefinition(values: readonly number[]): number {
  let s = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) s += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  }
  const n = values.length;
  const groups = new Map<number, number>();
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const t of groups.values()) variance -= t * (t - 1) * (2 * t + 5);
  return upperTail((s - 1) / Math.sqrt(variance / 18));
}

/** Upper tail of the normal distribution, by the trapezoidal rule. */
function upperTail(z: number): number {
  const step = 1e-3;
  let total = 0;
  for (let x = z; x < 12; x += step) {
    total += (step / 2) * (Math.exp(-(x ** 2) / 2) + Math.exp(-((x + step) ** 2) / 2));
  }
  return total / Math.sqrt(2 * Math.PI);
}

/** Residuals with no significant autocorrelation switch the correction off. */
function independent(length: number): number[] {
  for (let seed = 0; ; seed++) {
    const random = seeded(seed);
    const values = range(length, () => random.next());
    const mean = values.reduce((sum, value) => sum + value, 0) / length;
    const ranks = values.map((value) => values.filter((other) => other < value).length);
    const centre = (length - 1) / 2;
    const power = ranks.reduce((sum, rank) => sum + (rank - centre) ** 2, 0);
    const worst = Math.max(
      ...range(length - 3, (lag) =>
        Math.abs(
          ranks.reduce(
            (sum, rank, i) =>
              i > lag ? sum + (rank - centre) * ((ranks[i - lag - 1] ?? 0) - centre) : sum,
            0,
          ) / power,
        ),
      ),
    );
    if (mean > 0 && worst <= 1.96 / Math.sqrt(length)) return values;
  }
}

describe('Mann-Kendall test', () => {
  test('agrees with its definition, ties among the values', () => {
    const residuals = independent(30);
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed);
      const values = range(30, (i) => Math.round(i / 8 + 4 * random.next()));
      expect(mannKendall(values, residuals)).toBeCloseTo(mannKendallByDefinition(values), 4);
    }
  });

  test('is halved in certainty by nothing but autocorrelation: a random walk counts for less', () => {
    const random = seeded(3);
    let level = 0;
    const walk = range(60, () => (level += random.normal()));
    const values = range(60, (i) => i / 10 + random.normal());
    expect(mannKendall(values, walk)).toBeGreaterThan(5 * mannKendall(values, independent(60)));
  });

  test('agrees with the corrected variance of Hamed and Rao, computed by their formula', () => {
    const random = seeded(11);
    let memory = 0;
    const noise = range(50, () => (memory = 0.6 * memory + random.normal()));
    const values = noise.map((value, i) => value + 0.08 * i);
    const n = values.length;
    const ranks = noise.map((value) => 1 + noise.filter((other) => other < value).length);
    const mean = (n + 1) / 2;
    const covariance = (lag: number) => {
      let total = 0;
      for (let i = 0; i + lag < n; i++) {
        total += ((ranks[i] ?? 0) - mean) * ((ranks[i + lag] ?? 0) - mean);
      }
      return total;
    };
    let factor = 1;
    for (let lag = 1; lag <= n - 3; lag++) {
      const rho = covariance(lag) / covariance(0);
      if (Math.abs(rho) > 1.96 / Math.sqrt(n)) {
        factor += ((2 * (n - lag) * (n - lag - 1) * (n - lag - 2)) / (n * (n - 1) * (n - 2))) * rho;
      }
    }
    let s = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) s += Math.sign((values[i] ?? 0) - (values[j] ?? 0));
    expect(factor).toBeGreaterThan(1);
    const z = (s - 1) / Math.sqrt(((n * (n - 1) * (2 * n + 5)) / 18) * factor);
    expect(mannKendall(values, noise)).toBeCloseTo(upperTail(z), 4);
  });

  test('sees no growth in a constant or in a fall', () => {
    expect(mannKendall(range(30, () => 5))).toBe(1);
    expect(mannKendall(range(30, (i) => -i))).toBe(1);
    expect(mannKendall([])).toBe(1);
  });
});

describe('test of increments', () => {
  /** Nine increments with a given t: mean 1, and deviations of plus and minus. */
  function withT(t: number): number[] {
    const spread = Math.sqrt(9) / t;
    return [1, ...range(8, (i) => 1 + (i % 2 === 0 ? spread : -spread))];
  }

  test('gives the published quantiles of Student’s t with 8 degrees of freedom', () => {
    // One-sided p and t, from any printed table.
    for (const [p, t] of [
      [0.1, 1.397],
      [0.05, 1.86],
      [0.01, 2.896],
      [0.005, 3.355],
      [0.001, 4.501],
    ] as const) {
      expect(incrementsTest(withT(t)) / p).toBeCloseTo(1, 2);
    }
  });

  test('is certain of equal steps, and never of a single one', () => {
    expect(incrementsTest(range(9, () => 7))).toBe(0);
    expect(incrementsTest([0, 0, 0, 1e9, 0, 0, 0, 0, 0])).toBeGreaterThan(0.1);
    expect(incrementsTest(range(9, () => 0))).toBe(1);
  });
});

describe('warm-up', () => {
  test('ends where a straight line begins', () => {
    const values = range(100, (i) => (i < 30 ? 1000 * i : 30_000 + 5 * i));
    const end = findWarmUpEnd(asSeries(values));
    expect(end).toBeGreaterThanOrEqual(29);
    expect(end).toBeLessThanOrEqual(31);
  });

  test('is not seen in a straight line, however steep', () => {
    expect(findWarmUpEnd(asSeries(range(100, (i) => 1e9 + 12_345.678 * i)))).toBe(0);
  });

  test('is at most half of the series', () => {
    const random = seeded(1);
    for (let seed = 0; seed < 20; seed++) {
      const end = findWarmUpEnd(asSeries(range(100, () => random.normal())));
      expect(end).toBeLessThanOrEqual(50);
    }
  });
});

describe('trend', () => {
  test('gives slopes by sample and by second', () => {
    const sequence = range(200, (i) => i + 1);
    const series = {
      sequence,
      elapsed: sequence.map((count) => count * 500),
      values: sequence.map((count) => 3 * count),
    };
    const trend = findTrend(series);
    expect(trend?.slopePerSample).toBeCloseTo(3);
    expect(trend?.slopePerSecond).toBeCloseTo(6);
    expect(trend?.confidence).toBeGreaterThan(0.999);
    expect(findGrowth(series)).toEqual(trend);
  });

  test('is unknown below twenty samples', () => {
    expect(findTrend(asSeries([]))).toBeNull();
    expect(findTrend(asSeries(range(19, (i) => i)))).toBeNull();
    expect(findTrend(asSeries(range(20, (i) => i)))).not.toBeNull();
  });

  test('is no growth where memory fell from as high before', () => {
    const teeth = range(200, (i) => (i < 60 ? 2 * i : i - 60));
    expect(findGrowth(asSeries(teeth))).toBeNull();
  });
});

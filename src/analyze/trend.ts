// Does a series only ever grow? Robust slope and trend tests over samples that are unevenly spaced,
// autocorrelated and spiky, at a bounded cost, built to stay silent when in doubt.

import { byName } from '../recording/by-name.ts';

/** Samples, oldest first. All three arrays have one length; both clocks only go forward. */
export interface Series {
  /** Counts samples, those thinned out included: a clock that stands still while nothing runs. */
  readonly sequence: readonly number[];
  /** Milliseconds. */
  readonly elapsed: readonly number[];
  readonly values: readonly number[];
}

export interface Trend {
  /** Theil-Sen slope, in units of the values; robust against outliers, gaps and bursts. */
  readonly slopePerSample: number;
  /** The same at the session's usual pace, so that a night of suspension doesn't water it down. */
  readonly slopePerSecond: number;
  /** 1 - p of the test against "no growth", 0 to 1. */
  readonly confidence: number;
  /** False where growth slows down, is lost in the noise, or was given back like that before. */
  readonly steady: boolean;
  /** Floors (lowest values) of the first and the last tenth of what was tested. */
  readonly from: number;
  readonly to: number;
  readonly growth: number;
  /** Sequence number of the sample with which the tested part begins, warm-up left out. */
  readonly since: number;
  /** Whether it may be a cache or an undo stack that began to fill with the series. */
  readonly isYoung: boolean;
}

/** Tests compare tenths, and the floor of a tenth needs two samples at least. */
const BLOCKS = 10;
export const MIN_SAMPLES = 2 * BLOCKS;

/** Pairs grow with the square of the points: 120 points are 7,140 pairs, well below 1 ms. */
const MAX_POINTS = 120;

/**
 * 1 in 1000: reports are asked for again and again, for several series at once, and every false
 * alarm costs a person's trust.
 */
export const MIN_CONFIDENCE = 0.999;

/**
 * The last third of a leak grows about as fast as its first third. A cache or pool that fills up
 * exponentially, seen for two time constants or more, falls below 0.3.
 */
const MIN_STEADINESS = 0.5;

/**
 * Floors that drift by less than samples usually lie off the line are an artefact: teeth of a sawtooth
 * that sampling meets ever higher.
 */
const MAX_DEVIATION = 1;

/** Memory that already fell by this share of the growth may do so again: a slow sawtooth. */
const MAX_FALL = 0.5;

/** Growth from the beginning on that was seen for no more samples may be something that fills and will be full. */
const MIN_GROWN_UP = 45;

/**
 * The trend of a series after its warm-up; null when there are too few samples to say anything.
 *
 * Tested are the floors: the series is cut into at most 120 windows, and each window stands for its
 * lowest value. What a sawtooth, a burst or an operation in flight holds is given back and never
 * shows in a floor; what leaked can't be given back, so it lifts every later floor.
 *
 * Growth is believed only where both of the ways in which a healthy series can seem to grow are
 * rejected, which makes the greater p the p of the whole (intersection-union test, Berger 1982):
 * noise around a level, by the Mann-Kendall test with Hamed and Rao's correction, and a random
 * walk, a few steps or one long wave, by a t-test of the increments between tenths.
 */
export function findTrend(series: Series, skipWarmUp = true): Trend | null {
  const tenths = cutIntoTenths(series, skipWarmUp);
  return tenths && trendOf(tenths);
}

/**
 * The same where it is growth that is believed: certain enough, and neither slowing down nor a wave; else null,
 * which is mostly told at a tenth of the cost.
 */
export function findGrowth(
  series: Series,
  confidence = MIN_CONFIDENCE,
  skipWarmUp = true,
): Trend | null {
  const tenths = cutIntoTenths(series, skipWarmUp);
  if (!tenths || !goesOn(tenths) || 1 - incrementsTest(tenths.steps) < confidence) return null;
  const trend = trendOf(tenths);
  const isGrowth = trend.steady && trend.slopePerSample > 0 && trend.confidence >= confidence;
  return isGrowth ? trend : null;
}

interface Tenths {
  readonly points: Series;
  readonly since: number;
  readonly isYoung: boolean;
  /** Floors of the first and the last tenth, what lies between neighbours, and the deepest fall from before to the first. */
  readonly from: number;
  readonly to: number;
  readonly steps: readonly number[];
  readonly fall: number;
}

function cutIntoTenths(series: Series, skipWarmUp: boolean): Tenths | null {
  const all = toFloors(series);
  const points = sliceSeries(all, skipWarmUp ? findWarmUpEnd(all) : 0);
  if (points.values.length < MIN_SAMPLES) return null;

  const { first: since, span } = extent(points);
  const blocks = blockFloors(all, since, span / BLOCKS);
  const floors = blocks.slice(-BLOCKS);
  const from = floors[0] ?? 0;
  const to = floors.at(-1) ?? 0;
  // What went before: a level for as long, or growth as fast, is no warm-up.
  const before = since - (all.sequence[0] ?? 0);
  const asFast = ((to - from) * before) / span;
  return {
    points,
    since,
    isYoung:
      skipWarmUp &&
      span <= MIN_GROWN_UP &&
      before < span - 1 &&
      Math.abs(from - (all.values[0] ?? 0) - asFast) >= asFast / 2,
    from,
    to,
    steps: floors.slice(1).map((floor, i) => floor - (floors[i] ?? 0)),
    fall: Math.max(...blocks.slice(0, 1 - BLOCKS)) - from,
  };
}

/** Neither given back like that before, nor slowing down. */
function goesOn({ from, to, steps, fall }: Tenths): boolean {
  return (
    fall <= (to - from) * MAX_FALL &&
    sum(steps.slice(-3)) >= sum(steps.slice(0, 3)) * MIN_STEADINESS
  );
}

function trendOf(tenths: Tenths): Trend {
  const { points, since, isYoung, from, to, steps } = tenths;
  const { values, sequence } = points;
  const slopePerSample = theilSenSlope(sequence, values);
  const residuals = detrend(values, slopePerSample, sequence);
  return {
    slopePerSample,
    slopePerSecond: (slopePerSample / usualPeriod(points)) * 1000,
    confidence: 1 - Math.max(mannKendall(values, residuals), incrementsTest(steps)),
    steady: goesOn(tenths) && medianDeviation(residuals) <= (to - from) * MAX_DEVIATION,
    from,
    to,
    growth: to - from,
    since,
    isYoung,
  };
}

const COLUMNS = ['sequence', 'elapsed', 'values'] as const;

export function sliceSeries(series: Series, from: number, to?: number): Series {
  return byName(COLUMNS, (name) => series[name].slice(from, to));
}

/** The lowest sample of each window; windows are equally long by `sequence`. */
function toFloors(series: Series): Series {
  const { first, span } = extent(series);
  const rows = [...lowestRows(series, first, span / MAX_POINTS).values()];
  return byName(COLUMNS, (name) => rows.map((row) => series[name][row] ?? 0));
}

/**
 * The lowest value of each of ten blocks from `since` on, and of blocks as wide before; an empty one
 * has its predecessor's floor.
 */
function blockFloors(series: Series, since: number, width: number): number[] {
  const rows = lowestRows(series, since, width);
  const [first = 0] = rows.keys();
  const floors: number[] = [];
  for (let block = first; block < BLOCKS; block++) {
    floors.push(series.values[rows.get(block) ?? -1] ?? floors.at(-1) ?? 0);
  }
  return floors;
}

/** The first sequence number, and how many it is to the last, both included. */
export function extent({ sequence }: Series): { readonly first: number; readonly span: number } {
  const first = sequence[0] ?? 0;
  return { first, span: (sequence.at(-1) ?? 0) - first + 1 };
}

/** Where the lowest value lies of each window of `width`; windows are counted off from `origin`. */
function lowestRows(series: Series, origin: number, width: number): Map<number, number> {
  const rows = new Map<number, number>();
  series.values.forEach((value, row) => {
    const window = Math.floor(((series.sequence[row] ?? 0) - origin) / width);
    if (!(value >= (series.values[rows.get(window) ?? -1] ?? Infinity))) rows.set(window, row);
  });
  return rows;
}

/**
 * How many points at the beginning are warm-up: at most half, and so many that at least
 * `MIN_SAMPLES` remain. White's marginal standard error rule (MSER, 1997) for finding the steady
 * state of a simulation, where "steady" is a straight line and not a level, since a leak's steady
 * state has a slope: cut where the error of the line through the rest is smallest, errors weighed
 * so that cutting without gain costs.
 */
export function findWarmUpEnd({ sequence, values }: Series): number {
  const length = values.length;
  const latest = Math.min(length / 2, length - MIN_SAMPLES);
  const last = values.at(-1) ?? 0;
  // Errors below the rounding of the sums are equal: then the longest line wins.
  const rounding = sum(values.map((value) => (value - last) ** 2)) * 1e-12;
  const add = fitLine();
  let best = Infinity;
  let cut = 0;
  for (let i = length - 1; i >= 0; i--) {
    const { xx, xy, yy } = add(sequence[i] ?? 0, values[i] ?? 0);
    const score = Math.max(yy - xy ** 2 / xx, rounding) / (length - i) ** 2;
    if (i <= latest && score <= best) {
      best = score;
      cut = i;
    }
  }
  return cut;
}

/**
 * Least squares, point by point: sums of the squared deviations from the mean and of their products. Updated so
 * that a high level doesn't eat up the digits (Welford 1962).
 */
export function fitLine() {
  let n = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  return (x: number, y: number) => {
    n++;
    const dx = x - meanX;
    const dy = y - meanY;
    meanX += dx / n;
    meanY += dy / n;
    xx += dx * (x - meanX);
    xy += dx * (y - meanY);
    yy += dy * (y - meanY);
    return { xx, xy, yy };
  };
}

/** Median of the slopes between all pairs of points (Theil 1950, Sen 1968); 0 for fewer than two. */
export function theilSenSlope(x: readonly number[], y: readonly number[]): number {
  // Thousands of pairs for each of hundreds of series.
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2);
  let pair = 0;
  for (let i = 1; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      slopes[pair++] = ((y[i] ?? 0) - (y[j] ?? 0)) / ((x[i] ?? 0) - (x[j] ?? 0));
    }
  }
  return median(slopes);
}

/** Median time from sample to sample, in milliseconds. */
function usualPeriod({ sequence, elapsed }: Series): number {
  return median(
    elapsed
      .slice(1)
      .map((time, i) => (time - (elapsed[i] ?? 0)) / ((sequence[i + 1] ?? 0) - (sequence[i] ?? 0))),
  );
}

/** 0 for no values. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}

/** Median absolute deviation from the median. */
export function medianDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/**
 * One-sided p of the Mann-Kendall test for growth, with the variance corrected for ties (Kendall
 * 1975) and for autocorrelation (Hamed and Rao, J. Hydrology 204, 1998: significant
 * autocorrelations of the ranks of the series without its trend). Unlike theirs, the correction
 * never shrinks the variance: alternating values don't make growth more certain. `residuals` are the
 * values without their trend.
 */
export function mannKendall(values: readonly number[], residuals = values): number {
  const n = values.length;
  const s = sum(values.map((value, i) => lead(value, values.slice(0, i))));
  // A group of t ties counts t(t-1)(2t+5): each of its members, (t-1)(2t+5).
  const ties = sum(
    values.map((value) => {
      const t = values.filter((other) => other === value).length;
      return (t - 1) * (2 * t + 5);
    }),
  );
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (s <= 0 || variance <= 0) return 1;

  // Twice the ranks, less their mean; ties share the mean of their ranks.
  const ranks = residuals.map((value) => lead(value, residuals));
  const power = sum(ranks.map((rank) => rank * rank));
  let correction = 0;
  for (let lag = 1; lag < n - 2 && power > 0; lag++) {
    const autocorrelation = sum(ranks.slice(lag).map((rank, i) => rank * (ranks[i] ?? 0))) / power;
    if (Math.abs(autocorrelation) > 1.96 / Math.sqrt(n)) {
      correction += (n - lag) * (n - lag - 1) * (n - lag - 2) * autocorrelation;
    }
  }
  const inflation = Math.max(1, 1 + (2 * correction) / (n * (n - 1) * (n - 2)));
  return normalTail((s - 1) / Math.sqrt(variance * inflation));
}

function detrend(values: readonly number[], slope: number, x: readonly number[]): number[] {
  return values.map((value, i) => value - slope * (x[i] ?? 0));
}

/** How many of the others are lower, less how many are higher. */
function lead(value: number, others: readonly number[]): number {
  let lead = 0;
  for (const other of others) lead += Math.sign(value - other);
  return lead;
}

/** Upper tail of the normal distribution for z >= 0, to 1e-5 (Abramowitz and Stegun 26.2.16). */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.33267 * z);
  return (
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.4361836 + t * (-0.1201676 + t * 0.937298))
  );
}

/**
 * One-sided p of Student's t-test for a positive mean of nine increments. A random walk without
 * drift passes it as rarely as p says; and since nearly all increments must be alike, so do a few
 * steps, however high. Closed form for 8 degrees of freedom (Abramowitz and Stegun 26.7.4).
 */
export function incrementsTest(steps: readonly number[]): number {
  const n = BLOCKS - 1;
  const average = sum(steps) / n;
  const squares = sum(steps.map((step) => (step - average) ** 2));
  if (average <= 0) return 1;
  const cos2 = squares / (squares + average ** 2 * n);
  const series = 1 + cos2 * (1 / 2 + cos2 * (3 / 8 + cos2 * (5 / 16)));
  return Math.max(0, (1 - Math.sqrt(1 - cos2) * series) / 2);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

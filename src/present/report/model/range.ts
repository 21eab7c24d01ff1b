// The stretch of time that is looked at.

/** Elapsed milliseconds, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Zooming in ends here. */
const SHORTEST = 1;

export function isWhole(range: Range, whole: Range): boolean {
  return range.from <= whole.from && range.to >= whole.to;
}

/** Of the same length where that fits, within the whole. */
export function clamp({ from, to }: Range, whole: Range): Range {
  const length = Math.min(Math.max(to - from, SHORTEST), whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** @param share of its length; negative: back. */
export function pan(range: Range, share: number, whole: Range): Range {
  const by = (range.to - range.from) * share;
  return clamp({ from: range.from + by, to: range.to + by }, whole);
}

/**
 * @param factor below 1: zooms in.
 * @param at the time that stays where it is; without it, the middle.
 */
export function zoom(
  range: Range,
  factor: number,
  whole: Range,
  at = (range.from + range.to) / 2,
): Range {
  const from = at - (at - range.from) * factor;
  const to = at + (range.to - at) * factor;
  return clamp({ from, to }, whole);
}

/** The last row at or before a time, by rising times; the first row where there is none. */
export function rowAt(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

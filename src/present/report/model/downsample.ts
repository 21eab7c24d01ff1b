// A million samples on a thousand pixels: of each short stretch of time, the least and the greatest value.

import type { Figures } from '../data/column-codec.ts';
import { type Range, rowAt } from './range.ts';

/** Blocks of so many rows, blocks of so many of these, and so on: a stretch is made from few of them. */
const FAN = 8;

/** Of each block, the rows of the least and greatest known value; -1: none is known. */
interface Extremes {
  readonly least: Int32Array;
  readonly greatest: Int32Array;
}

export interface IndexedColumn {
  readonly values: Figures;
  /** Of blocks of `FAN` rows, of `FAN` of those, and so on. */
  readonly levels: readonly Extremes[];
}

/** Times, and beside each the values; null is not known. */
export type ChartData = [times: number[], ...columns: (number | null)[][]];

export function indexColumn(values: Figures): IndexedColumn {
  const levels: Extremes[] = [];
  for (let below = values.length; below > FAN; ) {
    const blocks = Math.ceil(below / FAN);
    const made = { least: new Int32Array(blocks), greatest: new Int32Array(blocks) };
    const found = new Found(values);
    for (let block = 0; block < blocks; block++) {
      found.reset();
      found.takeAll(levels.at(-1), block * FAN, Math.min(below, (block + 1) * FAN));
      made.least[block] = found.least;
      made.greatest[block] = found.greatest;
    }
    levels.push(made);
    below = blocks;
  }
  return { values, levels };
}

/**
 * What a chart shows of a range of time: every row where there are few, else, of so many stretches, two rows each, which
 * are a column's extremes there. A row more on each side lets lines run off the edges. Stretches begin at whole multiples
 * of their length, so that they stay the same while a range of that length is moved.
 */
export function chartData(
  elapsed: Figures,
  columns: readonly IndexedColumn[],
  { from, to }: Range,
  stretches: number,
): ChartData {
  const first = rowAt(elapsed, from);
  const end = Math.min(elapsed.length, rowAt(elapsed, to) + 2);
  if (end - first <= 2 * stretches) {
    return [
      Array.from(elapsed.subarray(first, end)),
      ...columns.map(({ values }) => Array.from(values.subarray(first, end), known)),
    ];
  }
  const times: number[] = [];
  const lists = columns.map((): (number | null)[] => []);
  const step = (to - from) / stretches;
  for (let row = first, stretch = Math.floor(from / step); row < end; stretch++) {
    const limit = (stretch + 1) * step;
    const next = limit > to ? end : rowAfter(elapsed, row, end, limit);
    if (next === row) continue;
    const start = elapsed[row] ?? 0;
    times.push(start, (start + (elapsed[next - 1] ?? start)) / 2);
    columns.forEach((column, at) => {
      const { least, greatest } = rangeExtremes(column, row, next);
      lists[at]?.push(
        valueAt(column, Math.min(least, greatest)),
        valueAt(column, Math.max(least, greatest)),
      );
    });
    row = next;
  }
  return [times, ...lists];
}

/** The first row from `row` on that is not before a time. */
function rowAfter(elapsed: Figures, row: number, end: number, time: number): number {
  let low = row;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((elapsed[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function valueAt({ values }: IndexedColumn, row: number): number | null {
  return row < 0 ? null : (values[row] ?? null);
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function rangeExtremes({ values, levels }: IndexedColumn, from: number, to: number): Found {
  const found = new Found(values);
  let [start, end] = [from, to];
  for (let level = -1; ; level++) {
    const [first, last] = [Math.ceil(start / FAN), Math.floor(end / FAN)];
    if (first >= last || level + 1 === levels.length) {
      found.takeAll(levels[level], start, end);
      return found;
    }
    // What lies in no whole block.
    found.takeAll(levels[level], start, first * FAN);
    found.takeAll(levels[level], last * FAN, end);
    [start, end] = [first, last];
  }
}

/** The rows of the least and the greatest known value of those that were taken; -1: none. */
class Found {
  readonly #values: Figures;
  least = -1;
  greatest = -1;
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  constructor(values: Figures) {
    this.#values = values;
  }

  reset(): void {
    this.least = this.greatest = -1;
    this.#low = Number.POSITIVE_INFINITY;
    this.#high = Number.NEGATIVE_INFINITY;
  }

  /** @param blocks undefined: single rows. */
  takeAll(blocks: Extremes | undefined, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const least = blocks ? (blocks.least[at] ?? -1) : at;
      const greatest = blocks ? (blocks.greatest[at] ?? -1) : at;
      // What is not known is neither.
      const low = this.#values[least] ?? Number.NaN;
      const high = this.#values[greatest] ?? Number.NaN;
      if (low < this.#low) {
        this.#low = low;
        this.least = least;
      }
      if (high > this.#high) {
        this.#high = high;
        this.greatest = greatest;
      }
    }
  }
}

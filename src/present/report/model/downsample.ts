// A million samples on a thousand pixels: of each short stretch of time, the least and the greatest value.

import type { Figures } from '../data/column-codec.ts';
import { type Range, rowAt } from './range.ts';

/** Rows of which extremes are kept, so that a screen is made from few of them. */
const BLOCK = 64;

/** Rows of least and greatest value among the known ones of each block; -1: none is known. */
interface Extremes {
  readonly least: Int32Array;
  readonly greatest: Int32Array;
}

export interface IndexedColumn {
  readonly values: Figures;
  readonly extremes: Extremes;
}

/** Times, and beside each the values; null is not known. */
export type ChartData = [times: number[], ...columns: (number | null)[][]];

export function indexColumn(values: Figures): IndexedColumn {
  const blocks = Math.ceil(values.length / BLOCK);
  const extremes = { least: new Int32Array(blocks), greatest: new Int32Array(blocks) };
  for (let block = 0; block < blocks; block++) {
    const [least, greatest] = scan(
      values,
      block * BLOCK,
      Math.min(values.length, (block + 1) * BLOCK),
    );
    extremes.least[block] = least;
    extremes.greatest[block] = greatest;
  }
  return { values, extremes };
}

/**
 * What a chart shows of a range of time: every row where there are few, else, of so many stretches, two rows each, which
 * are a column's extremes there. A row more on each side lets lines run off the edges.
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
  for (let stretch = 0, row = first; stretch < stretches && row < end; stretch++) {
    const next =
      stretch === stretches - 1 ? end : rowAfter(elapsed, row, end, from + (stretch + 1) * step);
    if (next === row) continue;
    const start = elapsed[row] ?? 0;
    times.push(start, (start + (elapsed[next - 1] ?? start)) / 2);
    columns.forEach((column, at) => {
      const [least, greatest] = rangeExtremes(column, row, next);
      const [before, after] = least < greatest ? [least, greatest] : [greatest, least];
      lists[at]?.push(valueAt(column, before), valueAt(column, after));
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

/** Whole blocks are told by their extremes, the rows at both ends one by one. */
function rangeExtremes(
  { values, extremes }: IndexedColumn,
  from: number,
  to: number,
): [number, number] {
  const firstBlock = Math.ceil(from / BLOCK);
  const endBlock = Math.floor(to / BLOCK);
  if (firstBlock >= endBlock) return scan(values, from, to);
  let [least, greatest] = scan(values, from, firstBlock * BLOCK);
  const take = (low: number, high: number) => {
    if (low < 0) return;
    if (least < 0 || (values[low] ?? 0) < (values[least] ?? 0)) least = low;
    if (greatest < 0 || (values[high] ?? 0) > (values[greatest] ?? 0)) greatest = high;
  };
  for (let block = firstBlock; block < endBlock; block++) {
    take(extremes.least[block] ?? -1, extremes.greatest[block] ?? -1);
  }
  take(...scan(values, endBlock * BLOCK, to));
  return [least, greatest];
}

/** Rows of the least and the greatest known value; -1: none. */
function scan(values: Figures, from: number, to: number): [number, number] {
  let least = -1;
  let greatest = -1;
  for (let row = from; row < to; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (least < 0 || value < (values[least] ?? 0)) least = row;
    if (greatest < 0 || value > (values[greatest] ?? 0)) greatest = row;
  }
  return [least, greatest];
}

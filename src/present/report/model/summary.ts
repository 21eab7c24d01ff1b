// What a stretch of time comes to in a few figures.

import type { Figures } from '../data/column-codec.ts';
import type { ReportedRecording, TimelineColumn } from '../data/types.ts';
import type { Range } from './range.ts';
import { ends } from './site-figures.ts';

/** Of a column in a stretch of time; null is not known. */
export interface ColumnSummary {
  readonly last: number | null;
  readonly growth: number | null;
  readonly peak: number | null;
}

export function summarizeColumn(
  { elapsed, timeline }: ReportedRecording,
  name: TimelineColumn,
  range: Range | null,
): ColumnSummary | null {
  const column = timeline[name];
  if (!column) return null;
  const [first, last] = ends(elapsed, range);
  let peak = Number.NEGATIVE_INFINITY;
  for (let row = first; row <= last; row++) {
    const value = column[row] ?? Number.NaN;
    if (value > peak) peak = value;
  }
  return {
    last: nextKnown(column, last, first, -1),
    growth: knownChange(column, first, last),
    peak: Number.isFinite(peak) ? peak : null,
  };
}

/** From the first known row to the last one; null where none is. */
export function knownChange(column: Figures, first: number, last: number): number | null {
  const from = nextKnown(column, first, last, 1);
  const to = nextKnown(column, last, first, -1);
  return from === null || to === null ? null : to - from;
}

function nextKnown(column: Figures, from: number, to: number, step: 1 | -1): number | null {
  for (let row = from; row !== to + step; row += step) {
    const value = column[row] ?? Number.NaN;
    if (!Number.isNaN(value)) return value;
  }
  return null;
}

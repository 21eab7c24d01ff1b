// The figures of sites in a stretch of time. At the end all is known; over time, live figures of those sites that
// the recorder followed.

import type { Figures } from '../data/column-codec.ts';
import type { ReportedRecording } from '../data/types.ts';
import { type Range, rowAt } from './range.ts';

export interface SiteFigures {
  /** Row of the innermost frame in the table of stacks; NaN: not known. */
  readonly stack: Figures;
  readonly liveBytes: Figures;
  readonly liveBlocks: Figures;
  readonly growth: Figures;
  readonly totalBytes: Figures;
  readonly peakBytes: Figures;
}

/** @param range null: the whole. */
export function siteFigures(
  { sites, series }: ReportedRecording,
  range: Range | null,
): SiteFigures | null {
  if (!sites) return null;
  const { stack, totalBytes, peakBytes } = sites;
  const unknown = () => new Float64Array(stack.length).fill(Number.NaN);
  const growth = unknown();
  const figures = {
    stack,
    liveBytes: range ? unknown() : sites.liveBytes,
    liveBlocks: range ? unknown() : sites.liveBlocks,
    growth,
    totalBytes,
    peakBytes,
  };
  if (!series) return figures;
  const followed = new Map(series.sites.map((site) => [site.stack, site]));
  const [first, last] = ends(series.elapsed, range);
  stack.forEach((row, site) => {
    const live = followed.get(row);
    if (!live) return;
    growth[site] = change(live.liveBytes, first, last);
    if (!range) return;
    figures.liveBytes[site] = live.liveBytes[last] ?? Number.NaN;
    figures.liveBlocks[site] = live.liveBlocks[last] ?? Number.NaN;
  });
  return figures;
}

/** Rows at both ends of a stretch of time; null: all of it. */
export function ends(
  elapsed: Figures,
  range: Range | null,
): readonly [first: number, last: number] {
  if (!range) return [0, elapsed.length - 1];
  return [rowAt(elapsed, range.from), rowAt(elapsed, range.to)];
}

/** NaN where one end is not known. */
export function change(column: Figures, first: number, last: number): number {
  return (column[last] ?? Number.NaN) - (column[first] ?? Number.NaN);
}

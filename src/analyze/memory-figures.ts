// Figures of the heap as a whole: at the end of a recording, and their peak. Bytes; null is unknown.

import type { Column, RecordedHeap, Recording } from '../recording/types.ts';
import { combineKnown } from './figures.ts';

export type FigureTime = 'end' | 'peak';

export function heapSizeOf({ snapshots }: Recording, time: FigureTime): number | null {
  return figureOf(snapshots.heapSize, time);
}

/** What the tracker tells; null also where it was off for a time, or full: its figures are of a part then. */
export function trackedHeap({ heap, sources }: Recording): RecordedHeap | null {
  return sources.heapUsed === 'tracker' ? heap : null;
}

/**
 * Exact figures of the tracker, which saw each moment, else what was sampled.
 *
 * @param ignoreTracker takes what was sampled anyhow, as to compare with a recording that was not tracked.
 */
export function liveBytesOf(
  recording: Recording,
  time: FigureTime,
  ignoreTracker = false,
): number | null {
  const heap = ignoreTracker ? null : trackedHeap(recording);
  if (!heap) return figureOf(recording.snapshots.heapUsed, time);
  return heap.totals[time === 'end' ? 'live' : 'peak'].bytes;
}

/** The last one that is known, or the highest. */
export function figureOf(column: Column, time: FigureTime): number | null {
  if (time === 'peak') return combineKnown(column, Math.max);
  return column.findLast((value) => value !== null) ?? null;
}

// A recording in a few figures.

import { byName } from '../recording/by-name.ts';
import type { ObjectCounts, Recording } from '../recording/types.ts';
import { OBJECT_KINDS } from '../recording/types.ts';
import { combineKnown } from './figures.ts';

export interface Summary {
  /** Milliseconds from the start to the last sample, or to `stop()`. */
  readonly duration: number;
  /** Samples taken, those since thinned out included. */
  readonly totalSamples: number;
  /**
   * Bytes a sample by which `heapUsed` grew, from the first known to the last known figure;
   * negative when it shrank, null when fewer than two figures are known.
   */
  readonly averageMemoryGrowth: number | null;
  /** Highest `heapUsed`, in bytes; null when it was never known. */
  readonly peakMemoryUsage: number | null;
  /** Highest `heapSize`, in bytes; null when it was never known. */
  readonly peakHeapSize: number | null;
  /** Objects created, of all kinds. */
  readonly totalAllocations: number;
  /** Handles collected without release, of all kinds: leaked for certain. */
  readonly totalCollected: number;
  /** Live handles at the end. */
  readonly objectCounts: ObjectCounts;
}

export function summarize(recording: Recording): Summary {
  const { snapshots, objects } = recording;
  const { heapUsed, sequence } = snapshots;
  const first = heapUsed.findIndex(isKnown);
  const last = heapUsed.findLastIndex(isKnown);
  const totals = OBJECT_KINDS.map((kind) => objects.totals[kind]);
  return {
    duration: recording.clock.duration,
    totalSamples: sequence.at(-1) ?? 0,
    averageMemoryGrowth:
      last > first
        ? ((heapUsed[last] ?? 0) - (heapUsed[first] ?? 0)) /
          ((sequence[last] ?? 0) - (sequence[first] ?? 0))
        : null,
    peakMemoryUsage: combineKnown(heapUsed, Math.max),
    peakHeapSize: combineKnown(snapshots.heapSize, Math.max),
    totalAllocations: totals.reduce((sum, { created }) => sum + created, 0),
    totalCollected: totals.reduce((sum, { collected }) => sum + collected, 0),
    objectCounts: byName(OBJECT_KINDS, (kind) => objects.totals[kind].live),
  };
}

function isKnown(value: number | null): boolean {
  return value !== null;
}

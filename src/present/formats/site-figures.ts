// The allocation sites of a recording, and their figures, as profile formats hold them.

import { formatBytes } from '../../analyze/figures.ts';
import type { RecordedSites, SiteColumns } from '../../recording/heap-types.ts';
import type { Recording } from '../../recording/types.ts';
import { FormatError } from './format.ts';

export type SiteFigure = 'live' | 'total' | 'peak' | 'blocks';

interface FigureKind {
  readonly column: keyof SiteColumns & ('liveBytes' | 'totalBytes' | 'peakBytes' | 'liveBlocks');
  readonly label: string;
  readonly unit: 'bytes' | 'none';
}

export const SITE_FIGURES: Readonly<Record<SiteFigure, FigureKind>> = {
  live: { column: 'liveBytes', label: 'Live bytes', unit: 'bytes' },
  total: { column: 'totalBytes', label: 'Total bytes', unit: 'bytes' },
  peak: { column: 'peakBytes', label: 'Peak bytes', unit: 'bytes' },
  blocks: { column: 'liveBlocks', label: 'Live blocks', unit: 'none' },
};

/** What stands in place of a stack that is not known. */
export const UNKNOWN_STACK = '(unknown)';

/** @throws FormatError where no stacks were taken. */
export function sitesIn({ heap }: Recording): RecordedSites {
  if (heap?.sites) return heap.sites;
  throw new FormatError(
    heap
      ? `The recording has no allocation sites, since its allocations were followed in the mode "${heap.mode}". Record with trackAllocations 'sampled' or 'all'.`
      : "The recording has no allocation sites, since the module's heap was not tracked. Call memoryProfiler.instrument() before the module loads.",
  );
}

/** How the figures of sites came about, in a sentence. */
export function howMeasured({ sampling, omitted }: RecordedSites): string {
  const how =
    sampling.mean === 1
      ? 'Each allocation was asked where it came from.'
      : `Estimated from samples, one every ${formatBytes(sampling.mean)} on average.`;
  return omitted === 0
    ? how
    : `${how} ${omitted} sites without a row of their own are in ${UNKNOWN_STACK}.`;
}

/** The application and what ran it, for a title: `https://app.test/editor.wasm`. */
export function titleOf({ heap, environment }: Recording): string {
  return heap?.module.url ?? environment.page ?? environment.userAgent ?? environment.runtime;
}

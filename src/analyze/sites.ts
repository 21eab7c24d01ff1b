// Allocation sites for a reader: the application's own line first.

import { isGlueFunction } from '../recording/fold.ts';
import { frameText } from '../recording/frame-text.ts';
import type { RecordedSites, SourceKind } from '../recording/heap-types.ts';
import { type SiteFrame, type SiteRow, sitesOf } from '../recording/site-tables.ts';

/** A frame with its text: `gegl_tile_alloc`, `wasm-function[244]`, `paint (src/brush.js:12:7)`. */
export interface ReportedFrame extends SiteFrame {
  readonly text: string;
}

/** One place in the code that allocated, with its figures; see `SiteColumns`. */
export interface ReportedSite extends SiteRow {
  /** The innermost frame of the application; where there is none, of its glue, else of all. */
  readonly title: string;
  /** The function that asked for the memory. */
  readonly allocatedBy: string;
  /** Innermost first; none where the stack is not known. */
  readonly frames: readonly ReportedFrame[];
}

/** What is shown for allocations whose stack is not known. */
export const UNKNOWN_SITE = 'unknown';

/** Most live bytes first. */
export function listSites(sites: RecordedSites, limit: number): ReportedSite[] {
  return [...sitesOf(sites)]
    .sort(([, a], [, b]) => b.liveBytes - a.liveBytes || b.totalBytes - a.totalBytes)
    .slice(0, limit)
    .map(([stack, row]) => {
      const frames = stack.map((frame) => ({ ...frame, text: frameText(frame) }));
      // Of a bundle all is the application's, glue too.
      const first = (wanted: SourceKind) =>
        frames.find(
          ({ kind, name }, at) => kind === wanted && !isGlueFunction(name, frames[at - 1]?.name),
        );
      const own = first('application') ?? first('glue') ?? frames[0];
      return {
        ...row,
        title: own?.text ?? UNKNOWN_SITE,
        allocatedBy: frames[0]?.text ?? UNKNOWN_SITE,
        frames,
      };
    });
}

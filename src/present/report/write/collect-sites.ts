// Places in the code, at the end of a recording and over time, with their stacks in one table.

import { isScriptLine } from '../../../analyze/stacks.ts';
import { byName } from '../../../recording/by-name.ts';
import { frameText } from '../../../recording/frame-text.ts';
import { type SiteFrame, sitesOf } from '../../../recording/site-tables.ts';
import type { Recording } from '../../../recording/types.ts';
import { withoutRoot } from '../../text/parts.ts';
import { toFigures } from '../data/column-codec.ts';
import type { SeriesTables, SiteTable } from '../data/types.ts';
import { StackTableBuilder, type TextFrame } from './stack-table.ts';

const FIGURES = ['liveBytes', 'liveBlocks', 'totalBytes', 'totalBlocks', 'peakBytes'] as const;

type Row = Record<(typeof FIGURES)[number] | 'liveBytesError', number>;

/** Frames as a reader is shown them; what differs in hidden frames only is one site. */
export function collectSites(
  { heap, series }: Recording,
  root: string,
): { sites: SiteTable | null; series: SeriesTables | null } {
  const stacks = new StackTableBuilder();
  const rows = new Map<number | null, Row>();
  for (const [frames, figures] of heap?.sites ? sitesOf(heap.sites) : []) {
    const stack = stacks.add(readable(frames).map((frame) => asText(frameText(frame), root)));
    const same = rows.get(stack);
    rows.set(stack, {
      ...byName(FIGURES, (name) => figures[name] + (same?.[name] ?? 0)),
      liveBytesError: Math.hypot(figures.liveBytesError, same?.liveBytesError ?? 0),
    });
  }
  const sites = [...rows];
  const seriesTables = series && {
    elapsed: toFigures(series.elapsed),
    types: series.types.map(({ name, live }) => ({ name, live: toFigures(live) })),
    sites: series.sites.flatMap(({ stack, liveBytes, liveBlocks }) => {
      const row = stacks.add(stack.map((text) => asText(text, root)));
      return row === null
        ? []
        : [{ stack: row, liveBytes: toFigures(liveBytes), liveBlocks: toFigures(liveBlocks) }];
    }),
    operations: series.operations.map(({ name, liveBytes, liveBlocks }) => ({
      name,
      liveBytes: toFigures(liveBytes),
      liveBlocks: toFigures(liveBlocks),
    })),
  };
  if (!heap?.sites) return { sites: null, series: seriesTables };
  return {
    sites: {
      isEstimated: heap.sites.sampling.mean > 1,
      stacks: stacks.build(),
      stack: toFigures(sites.map(([stack]) => stack)),
      liveBytesError: toFigures(sites.map(([, row]) => row.liveBytesError)),
      ...byName(FIGURES, (name) => toFigures(sites.map(([, row]) => row[name]))),
    },
    series: seriesTables,
  };
}

/** As the recorder chooses them for its series: of scripts, only the application's where it has any. */
function readable(frames: readonly SiteFrame[]): readonly SiteFrame[] {
  const hasApplication = frames.some(({ kind }) => kind === 'application');
  return frames.filter(({ kind }) =>
    hasApplication ? kind === 'application' || kind === 'wasm' : kind !== 'platform',
  );
}

function asText(text: string, root: string): TextFrame {
  return { text: withoutRoot(text, root), isScript: isScriptLine(text) };
}

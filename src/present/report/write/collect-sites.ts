// Places in the code, at the end of a recording and over time, with their stacks in one table.

import { isScriptLine } from '../../../analyze/stacks.ts';
import { byName } from '../../../recording/by-name.ts';
import { frameText } from '../../../recording/frame-text.ts';
import { frameAt, framePlaces, ownFrames } from '../../../recording/site-tables.ts';
import type { RecordedSites, Recording } from '../../../recording/types.ts';
import { withoutRoot } from '../../text/parts.ts';
import { toFigures } from '../data/column-codec.ts';
import type { SeriesTables, SiteTable } from '../data/types.ts';
import { StackTableBuilder, type TextFrame } from './stack-table.ts';

const FIGURES = ['liveBytes', 'liveBlocks', 'totalBytes', 'totalBlocks', 'peakBytes'] as const;
const ERROR = 'liveBytesError';

/** Frames as a reader is shown them; what differs in hidden frames only is one site. */
export function collectSites(
  { heap, series }: Recording,
  root: string,
): { sites: SiteTable | null; series: SeriesTables | null } {
  const stacks = new StackTableBuilder();
  const sites = heap?.sites ? sumSites(heap.sites, stacks, root) : null;
  const seriesTables = series && {
    elapsed: toFigures(series.elapsed),
    types: series.types.map(({ name, live }) => ({ name, live: toFigures(live) })),
    sites: series.sites.flatMap(({ stack, liveBytes, liveBlocks }) => {
      const row = stacks.add(stack.map((text) => stacks.frame(asText(text, root))));
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
  return {
    sites: sites && {
      isEstimated: (heap?.sites?.sampling.mean ?? 1) > 1,
      stacks: stacks.build(),
      ...sites,
    },
    series: seriesTables,
  };
}

/** Rows of one stack are one. */
function sumSites(
  tables: RecordedSites,
  stacks: StackTableBuilder,
  root: string,
): Omit<SiteTable, 'isEstimated' | 'stacks'> {
  const { figures } = tables;
  const shown = shownFrames(tables, stacks, root);
  const places = new Map<number | null, number>();
  const stack: (number | null)[] = [];
  const sums = byName([...FIGURES, ERROR], (): number[] => []);
  for (let site = 0; site < figures.stack.length; site++) {
    const row = stacks.add(shown(figures.stack[site] ?? null));
    const place = places.get(row) ?? stack.push(row) - 1;
    places.set(row, place);
    for (const name of FIGURES) {
      sums[name][place] = (sums[name][place] ?? 0) + (figures[name][site] ?? 0);
    }
    sums[ERROR][place] = Math.hypot(sums[ERROR][place] ?? 0, figures[ERROR][site] ?? 0);
  }
  return {
    stack: toFigures(stack),
    ...byName([...FIGURES, ERROR], (name) => toFigures(sums[name])),
  };
}

/** Frames of a stack, by number, as the recorder chooses them for its series. */
function shownFrames(
  tables: RecordedSites,
  stacks: StackTableBuilder,
  root: string,
): (stack: number | null) => readonly number[] {
  // Each frame's text is made once: a big recording has millions of frames in its stacks.
  const frames = tables.frames.function.map((_, row) => {
    const found = frameAt(tables, row);
    return { kind: found.kind, place: stacks.frame(asText(frameText(found), root)) };
  });
  return (stack) =>
    ownFrames(framePlaces(tables, stack).flatMap((row) => frames[row] ?? [])).map(
      ({ place }) => place,
    );
}

function asText(text: string, root: string): TextFrame {
  return { text: withoutRoot(text, root), isScript: isScriptLine(text) };
}

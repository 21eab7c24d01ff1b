// The tables of a report: types, operations, places in the code, and the application's own handles.

import { byName } from '../../../recording/by-name.ts';
import { OBJECT_KINDS } from '../../../recording/types.ts';
import { type Figures, toFigures } from '../data/column-codec.ts';
import type { ReportedRecording, StackTable } from '../data/types.ts';
import { figureText } from './figures.ts';
import type { Range } from './range.ts';
import { change, ends, siteFigures } from './site-figures.ts';
import { type TableModel, UNKNOWN } from './table.ts';

/** Null: not known. A range of null is the whole. */
export const TABLES: Readonly<
  Record<string, (recording: ReportedRecording, range: Range | null) => TableModel | null>
> = { Sites: siteTable, Types: typeTable, Operations: operationTable, Handles: handleTable };

/** Of which rows a stretch of time is known, in a sentence. */
export function followedText(
  { sites, types, operations, series }: ReportedRecording,
  name: string,
) {
  if (name === 'Handles') return '';
  if (!series) return 'Nothing was followed over time.';
  const [followed, all] = {
    Sites: [series.sites, sites?.stack] as const,
    Types: [series.types, types?.name] as const,
    Operations: [series.operations, operations?.name] as const,
  }[name] ?? [[], []];
  const of = followed.length < (all?.length ?? 0) ? ` of ${countOf(all)}` : '';
  return `Followed over time, at ${countOf(series.elapsed)} moments: the ${countOf(followed)}${of} rows that grew most.`;
}

function countOf(rows: ArrayLike<unknown> | undefined): string {
  return figureText('count', rows?.length ?? 0);
}

function siteTable(recording: ReportedRecording, range: Range | null): TableModel | null {
  const { sites } = recording;
  const figures = siteFigures(recording, range);
  if (!sites || !figures) return null;
  const { stacks } = sites;
  const titles = new Map<number, string>();
  return {
    rows: figures.stack.length,
    title: 'Place in the code',
    name(row) {
      const stack = figures.stack[row] ?? Number.NaN;
      if (Number.isNaN(stack)) return UNKNOWN;
      const known = titles.get(stack) ?? titleOf(stacks, stack);
      titles.set(stack, known);
      return known;
    },
    details: (row) => framesOf(stacks, figures.stack[row] ?? Number.NaN),
    columns: [
      { title: 'Live', kind: 'bytes', values: figures.liveBytes },
      { title: 'Blocks', kind: 'count', values: figures.liveBlocks },
      { title: 'Growth', kind: 'change', values: figures.growth },
      { title: 'Allocated', kind: 'bytes', values: figures.totalBytes },
      { title: 'Peak', kind: 'bytes', values: figures.peakBytes },
    ],
  };
}

/** The innermost line of a script, which is where a reader can change something; else the allocating function. */
function titleOf(stacks: StackTable, stack: number): string {
  for (let row = stack; !Number.isNaN(row); row = stacks.caller[row] ?? Number.NaN) {
    const frame = stacks.frame[row] ?? 0;
    if (stacks.isScript[frame] === 1) return stacks.texts[frame] ?? UNKNOWN;
  }
  return stacks.texts[stacks.frame[stack] ?? 0] ?? UNKNOWN;
}

/** Innermost first. */
export function framesOf({ texts, frame, caller }: StackTable, stack: number): string[] {
  const frames: string[] = [];
  for (let row = stack; !Number.isNaN(row); row = caller[row] ?? Number.NaN) {
    frames.push(texts[frame[row] ?? 0] ?? UNKNOWN);
  }
  return frames;
}

function typeTable({ types, series }: ReportedRecording, range: Range | null): TableModel | null {
  if (!types) return null;
  const { name, live, created, freed, ownBytes, chargedBytes } = types;
  const followed = new Map(series?.types.map((type) => [type.name, type.live]));
  const over = overTime(name, followed, series?.elapsed, range);
  return {
    rows: name.length,
    title: 'Type',
    name: (row) => name[row] ?? UNKNOWN,
    columns: [
      { title: 'Live', kind: 'count', values: range ? over.last : live },
      { title: 'Growth', kind: 'change-count', values: over.growth },
      { title: 'Created', kind: 'count', values: created },
      { title: 'Freed', kind: 'count', values: freed },
      { title: 'Own bytes', kind: 'bytes', values: ownBytes },
      { title: 'Holds', kind: 'bytes', values: chargedBytes },
    ],
  };
}

function operationTable(
  { operations, series }: ReportedRecording,
  range: Range | null,
): TableModel | null {
  if (!operations) return null;
  const { name, runs, liveBytes, liveBlocks, totalBytes, peakBytes } = operations;
  const followed = new Map(series?.operations.map((one) => [one.name, one.liveBytes]));
  const over = overTime(name, followed, series?.elapsed, range);
  return {
    rows: name.length,
    title: 'Operation',
    name: (row) => name[row] ?? UNKNOWN,
    columns: [
      { title: 'Live', kind: 'bytes', values: range ? over.last : liveBytes },
      { title: 'Growth', kind: 'change', values: over.growth },
      { title: 'Blocks', kind: 'count', values: liveBlocks },
      { title: 'Runs', kind: 'count', values: runs },
      { title: 'Allocated', kind: 'bytes', values: totalBytes },
      { title: 'Peak', kind: 'bytes', values: peakBytes },
    ],
  };
}

/** Live figures at the end of a stretch of time, and by how much they grew in it. */
function overTime(
  names: readonly string[],
  followed: ReadonlyMap<string, Figures>,
  elapsed: Figures | undefined,
  range: Range | null,
): { readonly last: Figures; readonly growth: Figures } {
  const [first, last] = ends(elapsed ?? new Float64Array(0), range);
  const column = (value: (live: Figures) => number) =>
    toFigures(
      names.map((name) => {
        const live = followed.get(name);
        return live ? value(live) : null;
      }),
    );
  return {
    last: column((live) => live[last] ?? Number.NaN),
    growth: column((live) => change(live, first, last)),
  };
}

function handleTable(recording: ReportedRecording, range: Range | null): TableModel {
  const { handles, handleTotals, elapsed } = recording;
  const [first, last] = ends(elapsed, range);
  const totals = byName(['created', 'destroyed', 'live', 'collected'], (name) =>
    toFigures(OBJECT_KINDS.map((kind) => handleTotals[kind][name])),
  );
  const of = (value: (column: Figures) => number) =>
    toFigures(OBJECT_KINDS.map((kind) => value(handles[kind])));
  return {
    rows: OBJECT_KINDS.length,
    title: 'Handle',
    name: (row) => OBJECT_KINDS[row] ?? UNKNOWN,
    columns: [
      {
        title: 'Live',
        kind: 'count',
        values: range ? of((column) => column[last] ?? 0) : totals.live,
      },
      {
        title: 'Growth',
        kind: 'change-count',
        values: of((column) => change(column, first, last)),
      },
      { title: 'Created', kind: 'count', values: totals.created },
      { title: 'Destroyed', kind: 'count', values: totals.destroyed },
      { title: 'Collected', kind: 'count', values: totals.collected },
    ],
  };
}

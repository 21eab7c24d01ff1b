// What runs of an action give back of older things. A ring or an undo stack with a bound gains a block in each run, and
// loses one that was made before, on another way to the same place: that is no leak, though all that a run makes stays.

import { addFigures, type Figures, NO_FIGURES } from '../../recording/figures.ts';
import { isScriptLine } from '../stacks.ts';
import { type Mark, multipleOf } from './marks.ts';

/** Figures at the marks. Sites and handles are named by a frame a line, innermost first; handles, by their kind first. */
export interface Row {
  readonly name: string;
  readonly rows: readonly Figures[];
}

/**
 * Each row that loses with the runs is added to the one that gains and is most like it: the most frames in common,
 * at least the first. A handle whose stack is not known is like any of its kind.
 */
export function takeOffGivenBack(all: readonly Row[]): Row[] {
  const losing = all.filter(({ rows }) => givenBack(rows.map(({ blocks }) => blocks)) !== null);
  const others = new Map(
    all.filter((row) => !losing.includes(row)).map((row) => [row.name, row.rows]),
  );
  for (const { name, rows } of losing) {
    const [partner] = [...others]
      .filter(([, gaining]) => gainOf(gaining) > 0)
      .map(([other, gaining]) => ({
        other,
        likeness: commonFrames(name, other),
        distance: Math.abs(gainOf(gaining) + gainOf(rows)),
      }))
      .filter(({ likeness }) => likeness > 0)
      .sort((a, b) => b.likeness - a.likeness || a.distance - b.distance);
    const gaining = partner && others.get(partner.other);
    if (gaining) {
      others.set(
        partner.other,
        gaining.map((figures, mark) => addFigures(figures, rows[mark] ?? NO_FIGURES)),
      );
    }
  }
  return [...others].map(([name, rows]) => ({ name, rows }));
}

/**
 * What became more, by at least half of it, also where all is summed up that came by the same functions of the module,
 * from whatever lines, or that is a handle of the kind: a cache that gives up older entries for new ones, now and then or
 * several for one, gains nothing as a whole.
 */
export function growing(all: readonly Row[]): Row[] {
  const gains = new Map<string, number>();
  for (const { name, rows } of all) {
    const way = wayOf(name);
    gains.set(way, (gains.get(way) ?? 0) + gainOf(rows));
  }
  return all.filter(({ name, rows }) => (gains.get(wayOf(name)) ?? 0) >= gainOf(rows) / 2);
}

/** The frames before the first line of a script; the kind of a handle. */
function wayOf(name: string): string {
  const frames = name.split('\n');
  const end = frames.findIndex((frame) => frame === '' || isScriptLine(frame));
  return frames.slice(0, end < 0 ? undefined : end).join('\n');
}

/** How many older blocks, of which nobody knows where they come from, each run frees at least. */
export function unknownGivenBack(marks: readonly Mark[]): number {
  const unknown = marks.flatMap(({ heap, sites }) =>
    heap ? [heap.blocks - [...sites.values()].reduce((sum, { blocks }) => sum + blocks, 0)] : [],
  );
  return (unknown.length === marks.length ? givenBack(unknown) : null) ?? 0;
}

function givenBack(values: readonly number[]): number | null {
  return multipleOf(values.map((value) => -Math.round(value)));
}

function gainOf(rows: readonly Figures[]): number {
  return (rows.at(-1)?.blocks ?? 0) - (rows[0]?.blocks ?? 0);
}

function commonFrames(one: string, other: string): number {
  const frames = other.split('\n');
  const differs = one.split('\n').findIndex((frame, depth) => frame !== frames[depth]);
  return differs < 0 ? frames.length : differs;
}

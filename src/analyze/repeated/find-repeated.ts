// What a repeated action leaves behind: figures that grow by a whole multiple of its runs.

import { type Figures, NO_FIGURES } from '../../recording/figures.ts';
import { median } from '../trend.ts';
import { growing, takeOffGivenBack } from './given-back.ts';
import { goesOn, type Mark, type MarkPart, multipleOf } from './marks.ts';

/** What grew with every run, or with all but one. */
export interface Repeated {
  readonly name: string;
  /** Blocks, instances or handles: each run added as many, at least; 0 where only the size of those that are there grew. */
  readonly count: number;
  /** Bytes a run, usually. */
  readonly bytes: number;
  /** Bytes since the first mark. */
  readonly kept: number;
  /** 1 - p of the sign test against growth by chance (Arbuthnott, Phil. Trans. 27, 1710). */
  readonly confidence: number;
}

/**
 * Most bytes first. Of sites and handles, what runs give back of older ones is taken off.
 *
 * @param rounds marks at the ends of further rounds of runs, in which it has to go on.
 */
export function findRepeated(
  marks: readonly Mark[],
  part: MarkPart,
  rounds: readonly Mark[] = [],
): Repeated[] {
  const all = [...marks, ...rounds];
  const names = new Set(all.flatMap((mark) => [...mark[part].keys()]));
  const rows = [...names].map((name) => ({
    name,
    rows: all.map((mark) => mark[part].get(name) ?? NO_FIGURES),
  }));
  const net = part === 'sites' || part === 'handles' ? growing(takeOffGivenBack(rows)) : rows;
  return net
    .flatMap(({ name, rows }) => {
      const blocks = rows.map((figures) => Math.round(figures.blocks));
      // A log in one block grows without another one; by the first watched run it came to its stack.
      const [, one] = blocks;
      const isOne = !!one && blocks.slice(1).every((count) => count === one);
      const values = isOne ? rows.map(({ bytes }) => bytes) : blocks;
      const from = isOne ? 1 : 0;
      const count = countOf(values.slice(from), rounds);
      return count === null
        ? []
        : [repeatedOf(name, isOne ? 0 : count, rows.slice(from, marks.length))];
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** What each run adds, and goes on adding in the rounds, whose values are the last; null where it does not. */
export function countOf(values: readonly number[], rounds: readonly Mark[]): number | null {
  const watched = values.length - rounds.length;
  const count = multipleOf(values.slice(0, watched));
  return count !== null && goesOn(values.slice(watched - 1), count, rounds) ? count : null;
}

export function repeatedOf(name: string, count: number, rows: readonly Figures[]): Repeated {
  const steps = rows.slice(1).map(({ bytes, blocks }, run) => ({
    bytes: bytes - (rows[run]?.bytes ?? 0),
    blocks: blocks - (rows[run]?.blocks ?? 0),
  }));
  const grown = steps.filter(({ blocks, bytes }) => blocks > 0 || bytes > 0).length;
  return {
    name,
    count,
    bytes: Math.max(0, median(steps.map(({ bytes }) => bytes))),
    kept: (rows.at(-1)?.bytes ?? 0) - (rows[0]?.bytes ?? 0),
    confidence: 1 - 1 / 2 ** grown,
  };
}

// What a repeated action leaves behind: figures that grow by a whole multiple of its runs.

import { type Figures, NO_FIGURES } from '../../recording/figures.ts';
import { median } from '../trend.ts';
import { takeOffGivenBack } from './given-back.ts';
import { type Mark, type MarkPart, multipleOf } from './marks.ts';

/** What grew with every run, or with all but one. */
export interface Repeated {
  readonly name: string;
  /** Blocks, instances or handles: each run added as many, at least. */
  readonly count: number;
  /** Bytes a run, usually. */
  readonly bytes: number;
  /** Bytes since the first mark. */
  readonly kept: number;
  /** 1 - p of the sign test against growth by chance (Arbuthnott, Phil. Trans. 27, 1710). */
  readonly confidence: number;
}

/** Most bytes first. Of sites and handles, what runs give back of older ones is taken off. */
export function findRepeated(marks: readonly Mark[], part: MarkPart): Repeated[] {
  const names = new Set(marks.flatMap((mark) => [...mark[part].keys()]));
  const all = [...names].map((name) => ({
    name,
    rows: marks.map((mark) => mark[part].get(name) ?? NO_FIGURES),
  }));
  const net = part === 'sites' || part === 'handles' ? takeOffGivenBack(all) : all;
  return net
    .flatMap(({ name, rows }) => {
      const count = multipleOf(rows.map(({ blocks }) => Math.round(blocks)));
      return count === null ? [] : [repeatedOf(name, count, rows)];
    })
    .sort((a, b) => b.bytes - a.bytes);
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

// What is live at the end of each run of an action, and whether a figure grows by a whole multiple of the runs.

import type { Figures } from '../../recording/figures.ts';

/** At the end of a run: what is live, by name. Sites and handles by stack, a frame a line, innermost first. */
export interface Mark {
  /** Of the allocator; null where that is not known. */
  readonly heap: Figures | null;
  readonly types: ReadonlyMap<string, Figures>;
  readonly sites: ReadonlyMap<string, Figures>;
  readonly operations: ReadonlyMap<string, Figures>;
  /** By kind and creation stack: `buffers\nat f (a.js:1:2)`; and instances of modules, by these. */
  readonly handles: ReadonlyMap<string, Figures>;
  /** Of the mark of a round: how many it had, where it was cut short; `ROUND` when left out. */
  readonly runs?: number;
}

export type MarkPart = Exclude<keyof Mark, 'heap' | 'runs'>;

/** Runs of a round after the watched ones. */
export const ROUND = 7;

/** Of fewer runs every one must grow: five of six are believed by the sign test at 97 %, two of three at 75 %. */
const MIN_RUNS_TO_SPARE_ONE = 6;

/**
 * @param values at the marks: one more than there were runs.
 * @returns by how much each run added at least, but for one, of six or more, that may have added nothing; null where
 *   that is not at least one, or where a run gave anything back.
 */
export function multipleOf(values: readonly number[]): number | null {
  const steps = values.slice(1).map((value, run) => value - (values[run] ?? 0));
  const sorted = steps.toSorted((a, b) => a - b);
  const count = sorted[steps.length < MIN_RUNS_TO_SPARE_ONE ? 0 : 1] ?? 0;
  return (sorted[0] ?? 0) >= 0 && count >= 1 ? count : null;
}

/**
 * @param values at the ends of further rounds of runs, that of the watched runs first.
 * @returns whether each round added as much as a run did at least, times its runs but one.
 */
export function goesOn(values: readonly number[], count: number, rounds: readonly Mark[]): boolean {
  return rounds.every(
    ({ runs = ROUND }, round) =>
      (values[round + 1] ?? 0) - (values[round] ?? 0) >= count * Math.max(runs - 1, 1),
  );
}

// The balance sheet of a repeated action: what a run allocates, frees and keeps.

import { type Figures, NO_FIGURES } from '../../recording/figures.ts';
import type { Mark } from './marks.ts';

/** One figure of the balance sheet, a run. */
export interface BalanceRow {
  readonly name: string;
  readonly allocatedBytes: number;
  readonly allocatedBlocks: number;
  readonly freedBytes: number;
  readonly freedBlocks: number;
  readonly keptBytes: number;
  readonly keptBlocks: number;
}

/** What the action allocates, frees and keeps, a run on average. Of types, blocks are instances. */
export interface Balance {
  readonly iterations: number;
  /** Of the whole heap; null where it is not tracked. */
  readonly heap: Omit<BalanceRow, 'name'> | null;
  readonly types: readonly BalanceRow[];
  readonly sites: readonly BalanceRow[];
  readonly operations: readonly BalanceRow[];
  /** Live handles by kind that each run adds. */
  readonly handles: Readonly<Record<string, number>>;
}

export function balanceOf(marks: readonly Mark[]): Balance {
  const iterations = marks.length - 1;
  const [first] = marks;
  const last = marks.at(-1);
  const rows = (part: 'types' | 'sites' | 'operations') =>
    [...(last?.[part] ?? [])]
      .map(([name, figures]) => ({
        name,
        ...changeOf(first?.[part].get(name) ?? NO_FIGURES, figures, iterations),
      }))
      .filter(({ allocatedBlocks, keptBlocks }) => allocatedBlocks !== 0 || keptBlocks !== 0)
      .sort((a, b) => b.keptBytes - a.keptBytes || b.allocatedBytes - a.allocatedBytes);
  const handles: Record<string, number> = {};
  const names = new Set([...(first?.handles.keys() ?? []), ...(last?.handles.keys() ?? [])]);
  for (const name of names) {
    const [kind = ''] = name.split('\n');
    const grown = (last?.handles.get(name)?.blocks ?? 0) - (first?.handles.get(name)?.blocks ?? 0);
    handles[kind] = (handles[kind] ?? 0) + grown / iterations;
  }
  return {
    iterations,
    heap: first?.heap && last?.heap ? changeOf(first.heap, last.heap, iterations) : null,
    types: rows('types'),
    sites: rows('sites'),
    operations: rows('operations'),
    handles,
  };
}

function changeOf(from: Figures, to: Figures, runs: number): Omit<BalanceRow, 'name'> {
  const change = (name: keyof Figures) => (to[name] - from[name]) / runs;
  return {
    allocatedBytes: change('totalBytes'),
    allocatedBlocks: change('totalBlocks'),
    freedBytes: change('totalBytes') - change('bytes'),
    freedBlocks: change('totalBlocks') - change('blocks'),
    keptBytes: change('bytes'),
    keptBlocks: change('blocks'),
  };
}

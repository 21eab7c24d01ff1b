// A budget's outcome as text: what broke, by how much, and what holds it.

import type { BudgetCheck, BudgetRow } from '../../analyze/budget/index.ts';
import { formatBytes } from '../../analyze/figures.ts';
import { findingLines } from './format-findings.ts';
import { table, wrap } from './layout.ts';
import { clip, contextOf, type FormatOptions, indent, plural, sitePath, textOf } from './parts.ts';

const FRAMES = 5;

export interface BudgetFormatOptions extends FormatOptions {
  /** Also those that are kept. False when left out. */
  readonly showsAll?: boolean;
}

export function formatBudgetCheck(check: BudgetCheck, options: BudgetFormatOptions = {}): string {
  const context = contextOf(options);
  const { paint, width } = context;
  const { rows, leaks, suppressions } = check;
  const broken = rows.filter(({ isBroken }) => isBroken);
  const shown = options.showsAll ? [...broken, ...rows.filter((row) => !row.isBroken)] : broken;
  const heading =
    broken.length === 0
      ? `Within the budget: ${plural(rows.length, 'limit')} kept`
      : paint('red', `Budget broken: ${broken.length} of ${plural(rows.length, 'limit')}`);
  const holders = broken.flatMap(({ path, sites }) =>
    sites.length > 0
      ? ['', `  ${path}`, ...indent(sites.flatMap((site) => sitePath(site, FRAMES, context)))]
      : [],
  );
  const lines = [
    paint('bold', heading),
    ...(shown.length > 0
      ? indent(table([['', 'limit', 'actual', ''], ...shown.map((row) => describe(row, width))]))
      : []),
    ...holders,
    ...(leaks.length > 0 ? ['', ...findingLines(leaks, context)] : []),
    ...suppressions.unused.flatMap(({ what, pattern }) =>
      indent(wrap(`accepted, but not found: ${what}:${pattern}`, width - 2)),
    ),
  ];
  return textOf([lines]);
}

function describe(row: BudgetRow, width: number): string[] {
  const { path, limit, actual, error, unit } = row;
  const figure = (value: number) => (unit === 'bytes' ? formatBytes(value) : String(value));
  const uncertain = error > 0 ? ` +- ${formatBytes(error)}` : '';
  return [
    clip(path, width - 50),
    figure(limit),
    actual === null ? 'unknown' : `${figure(actual)}${uncertain}`,
    verdictOf(row, figure),
  ];
}

function verdictOf(
  { verdict, isBroken, actual, limit }: BudgetRow,
  figure: (value: number) => string,
): string {
  if (verdict === 'over') return `over by ${figure((actual ?? limit) - limit)}`;
  if (verdict === 'noise') return 'over, within noise';
  if (verdict === 'unknown') return isBroken ? 'not recorded' : 'allowed';
  return 'kept';
}

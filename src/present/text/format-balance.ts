// What a repeated action leaves, and what a run of it allocates, frees and keeps, as text.

import { formatBytes, formatNumber } from '../../analyze/figures.ts';
import type { BalanceRow } from '../../analyze/repeated/balance.ts';
import type { FoundLeaks } from '../../profiler/find-leaks.ts';
import { findingLines } from './format-findings.ts';
import { table, wrap } from './layout.ts';
import {
  type Context,
  clip,
  contextOf,
  type FormatOptions,
  indent,
  plural,
  textOf,
} from './parts.ts';

const ROWS = 6;

/** Findings with their stacks, then the balance, then what could not be seen. */
export function formatFoundLeaks(
  { findings, balance, warnings }: FoundLeaks,
  options: FormatOptions = {},
): string {
  const context = contextOf(options);
  const { paint, width } = context;
  const runs = plural(balance.iterations, 'run');
  const { heap, handles } = balance;
  const kept = Object.entries(handles).filter(([, count]) => count !== 0);
  const sections = [
    findings.length === 0
      ? [
          paint(
            'bold',
            heap ? `No leaks in ${runs}` : `No leaks seen in ${runs}; no heap was watched`,
          ),
        ]
      : [
          paint('bold', `${plural(findings.length, 'leak')} in ${runs}`),
          ...findingLines(findings, context),
        ],
    [
      paint('bold', 'A run, on average'),
      ...indent(
        heap
          ? table([
              ['', 'allocates', 'frees', 'keeps'],
              ['bytes', heap.allocatedBytes, heap.freedBytes, heap.keptBytes].map(
                cell(formatBytes),
              ),
              ['blocks', heap.allocatedBlocks, heap.freedBlocks, heap.keptBlocks].map(
                cell(formatNumber),
              ),
            ])
          : ['unknown: the heap is not tracked, and its allocator can’t be asked'],
      ),
      ...(kept.length > 0
        ? [
            `  handles kept: ${kept.map(([kind, count]) => `${kind} ${formatNumber(count)}`).join(', ')}`,
          ]
        : []),
    ],
    rows('Types, objects a run', balance.types, formatNumber, 'Blocks', context),
    rows('Operations, bytes a run', balance.operations, formatBytes, 'Bytes', context),
    warnings.flatMap((warning) =>
      wrap(`Warning: ${warning}`, width).map((line) => paint('yellow', line)),
    ),
  ];
  return textOf(sections);
}

const cell = (format: (value: number) => string) => (value: number | string) =>
  typeof value === 'string' ? value : format(value);

function rows(
  title: string,
  all: readonly BalanceRow[],
  format: (value: number) => string,
  unit: 'Bytes' | 'Blocks',
  { paint, width }: Context,
): string[] {
  const used = all.filter((row) => row[`allocated${unit}`] > 0 || row[`kept${unit}`] !== 0);
  if (used.length === 0) return [];
  const rest = used.length - ROWS;
  return [
    paint('bold', title),
    ...indent(
      table([
        ['', 'allocates', 'frees', 'keeps'],
        ...used
          .slice(0, ROWS)
          .map((row) => [
            clip(row.name, width - 36),
            ...[row[`allocated${unit}`], row[`freed${unit}`], row[`kept${unit}`]].map(format),
          ]),
      ]),
    ),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

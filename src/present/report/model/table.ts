// Tables for a reader: what the rows are called, columns of figures, and their order.

import type { Figures } from '../data/column-codec.ts';

/** What has no name that is known. */
export const UNKNOWN = '(unknown)';

export type FigureKind = 'bytes' | 'count' | 'change' | 'change-count';

export interface TableColumn {
  readonly title: string;
  readonly kind: FigureKind;
  readonly values: Figures;
}

export interface TableModel {
  readonly rows: number;
  /** Of what the rows are, such as `Type`. */
  readonly title: string;
  name(row: number): string;
  /** A word beside the name. */
  note?(row: number): string;
  /** More of a row, a line each, for whoever chooses it; none: there is no more. */
  details?(row: number): readonly string[];
  readonly columns: readonly TableColumn[];
}

export interface TableOrder {
  /** Place in `columns`; -1: by name. */
  readonly column: number;
  readonly isDescending: boolean;
}

/** Rows whose name has the words in it, in order. What is not known comes last, either way. */
export function orderRows(
  table: TableModel,
  { column, isDescending }: TableOrder,
  words = '',
): Uint32Array {
  const wanted = words.trim().toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (wanted === '' || table.name(row).toLowerCase().includes(wanted)) rows.push(row);
  }
  const sign = isDescending ? -1 : 1;
  const values = table.columns[column]?.values;
  if (!values) {
    const names = new Map(rows.map((row) => [row, table.name(row)]));
    rows.sort((a, b) => sign * compare(names.get(a) ?? '', names.get(b) ?? ''));
    return Uint32Array.from(rows);
  }
  const isKnown = (row: number) => !Number.isNaN(values[row] ?? Number.NaN);
  const known = rows.filter(isKnown).sort((a, b) => sign * ((values[a] ?? 0) - (values[b] ?? 0)));
  return Uint32Array.from([...known, ...rows.filter((row) => !isKnown(row))]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

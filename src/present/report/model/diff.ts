// Two recordings side by side, as tables.

import type { DiffTable } from '../data/types.ts';
import type { TableModel } from './table.ts';

export function diffTable(table: DiffTable): TableModel {
  const { title, unit, names, notes, frames, before, after, change } = table;
  return {
    rows: names.length,
    title,
    name: (row) => names[row] ?? '',
    note: (row) => notes[row] ?? '',
    ...(frames && { details: (row: number) => frames[row] ?? [] }),
    columns: [
      { title: 'Change', kind: unit === 'bytes' ? 'change' : 'change-count', values: change },
      { title: 'Before', kind: unit, values: before },
      { title: 'After', kind: unit, values: after },
    ],
  };
}

// What a recorded heap snapshot found, as tables.

import type { RecordedHeapSnapshot } from '../../../recording/types.ts';
import { toFigures } from '../data/column-codec.ts';
import { type TableModel, UNKNOWN } from './table.ts';

export function unreachableTable({ unreachable }: RecordedHeapSnapshot): TableModel {
  return {
    rows: unreachable.length,
    title: 'Blocks of',
    name(row) {
      const { type = null, operation = null, stack = null } = unreachable[row] ?? {};
      const names = [type, operation, stack?.[0] ?? null].filter((name) => name !== null);
      return names.length === 0 ? UNKNOWN : names.join(', ');
    },
    details: (row) => unreachable[row]?.stack ?? [],
    columns: [
      { title: 'Bytes', kind: 'bytes', values: toFigures(unreachable.map(({ bytes }) => bytes)) },
      {
        title: 'Blocks',
        kind: 'count',
        values: toFigures(unreachable.map(({ blocks }) => blocks)),
      },
    ],
  };
}

export function remnantTable({ remnants }: RecordedHeapSnapshot): TableModel {
  const all = remnants ?? [];
  return {
    rows: all.length,
    title: 'What',
    name: (row) => [all[row]?.kind, all[row]?.operation].filter(Boolean).join(', '),
    details: (row) => [...(all[row]?.stack ?? []), ...heldBy(all[row]?.path ?? [])],
    columns: [
      { title: 'Bytes', kind: 'bytes', values: toFigures(all.map(({ bytes }) => bytes)) },
      { title: 'Number', kind: 'count', values: toFigures(all.map(({ count }) => count)) },
    ],
  };
}

function heldBy(path: readonly string[]): string[] {
  return path.length === 0 ? [] : [`held by ${path.join(' › ')}`];
}

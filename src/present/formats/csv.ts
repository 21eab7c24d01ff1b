// Snapshots as a table: a row each, a column for each figure of the recording.

import { COLUMN_NAMES, type SnapshotColumns } from '../../recording/types.ts';
import { csvText } from './csv-text.ts';
import type { Format } from './format.ts';

export const csv: Format<Uint8Array> = {
  name: 'csv',
  extension: 'csv',
  description: 'a row a snapshot, for spreadsheets and statistics',
  write: ({ snapshots }) => csvText(COLUMN_NAMES, rowsOf(snapshots)),
};

function* rowsOf(snapshots: SnapshotColumns) {
  for (const row of snapshots.elapsed.keys()) {
    yield COLUMN_NAMES.map((name) => snapshots[name][row] ?? null);
  }
}

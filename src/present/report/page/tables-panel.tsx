// Tables by place in the code, type, operation and handle.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ReportedRecording } from '../data/types.ts';
import type { Range } from '../model/range.ts';
import { followedText, TABLES } from '../model/tables.ts';
import { DataTable } from './data-table.tsx';
import { Choice } from './header.tsx';

interface Properties {
  readonly recording: ReportedRecording;
  readonly range: Range | null;
}

export function TablesPanel({ recording, range }: Properties): JSX.Element {
  const [name, setName] = useState('Sites');
  const table = useMemo(() => TABLES[name]?.(recording, range) ?? null, [name, recording, range]);
  return (
    <section class="panel" aria-label="Tables">
      <Choice
        legend="Rows"
        options={Object.keys(TABLES).map((one) => [one, one])}
        chosen={name}
        onChoose={setName}
      />
      <p class="help">
        Growth is over the stretch above.
        {range && ' Live figures are those at its end; other columns are of the whole recording.'}{' '}
        {followedText(recording, name)} – is not known.
      </p>
      {table ? (
        <DataTable key={name} table={table} label={name} />
      ) : (
        <p class="none">Not known: nothing of this kind was tracked.</p>
      )}
    </section>
  );
}

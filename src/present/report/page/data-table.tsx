// A table that can have a hundred thousand rows: only those in view are in the page.

import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { figureText } from '../model/figures.ts';
import { orderRows, type TableModel, type TableOrder } from '../model/table.ts';

const ROW_HEIGHT = 26;
const HEIGHT = 420;
/** Of rows without a name, which must be told all the same. */
const NO_NAME = '(no name)';
/** Rows beyond the edges, so that scrolling shows no holes. */
const BEYOND = 8;

/** A table of other rows needs another key. */
interface Properties {
  readonly table: TableModel;
  /** What it is a table of, for who can't see it. */
  readonly label: string;
  /** Called with the row that is chosen. */
  readonly onChoose?: (row: number) => void;
}

export function DataTable({ table, label, onChoose }: Properties): JSX.Element {
  const [order, setOrder] = useState<TableOrder>({ column: 0, isDescending: true });
  const [words, setWords] = useState('');
  const [scroll, setScroll] = useState(0);
  const [chosen, setChosen] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => orderRows(table, order, words), [table, order, words]);
  const first = Math.max(0, Math.floor(scroll / ROW_HEIGHT) - BEYOND);
  const end = Math.min(rows.length, Math.ceil((scroll + HEIGHT) / ROW_HEIGHT) + BEYOND);
  const canChoose = onChoose !== undefined || table.details !== undefined;
  const choose = (row: number) => {
    setChosen(row === chosen ? null : row);
    onChoose?.(row);
  };
  const details = chosen === null ? null : table.details?.(chosen);
  return (
    <div class="data">
      <div class="bar">
        <label class="search">
          <span class="hidden">Search {label}</span>
          <input
            type="search"
            placeholder={`Search ${table.rows.toLocaleString('en-US')} rows`}
            value={words}
            onInput={(event) => {
              setWords(event.currentTarget.value);
              place.current?.scrollTo({ top: 0 });
            }}
          />
        </label>
        <span aria-live="polite">{words !== '' && `${rows.length} match`}</span>
      </div>
      <section
        class="scroll"
        ref={place}
        aria-label={label}
        style={{ maxHeight: `${HEIGHT}px` }}
        onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
      >
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <Head title={table.title} column={-1} order={order} onOrder={setOrder} />
              {table.columns.map(({ title }, column) => (
                <Head key={title} title={title} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          {first > 0 && <Space rows={first} columns={table.columns.length + 1} />}
          <tbody>
            {Array.from(rows.subarray(first, end), (row, at) => (
              <tr key={row} aria-rowindex={first + at + 2} class={row === chosen ? 'chosen' : ''}>
                <th scope="row">
                  {canChoose ? (
                    <button type="button" aria-pressed={row === chosen} onClick={() => choose(row)}>
                      <bdi>{table.name(row) || NO_NAME}</bdi>
                    </button>
                  ) : (
                    <bdi>{table.name(row) || NO_NAME}</bdi>
                  )}
                  {table.note && <span class="row-note"> {table.note(row)}</span>}
                </th>
                {table.columns.map(({ title, kind, values }) => (
                  <td key={title} class={toneOf(kind, values[row])}>
                    {figureText(kind, values[row])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {end < rows.length && (
            <Space rows={rows.length - end} columns={table.columns.length + 1} />
          )}
        </table>
        {rows.length === 0 && <p class="none">No rows.</p>}
      </section>
      {details && details.length > 0 && (
        <ol class="stack" aria-label="More of the chosen row">
          {details.map((line, at) => (
            <li key={`${at} ${line}`}>
              <bdi>{line}</bdi>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** Growth is what one looks for. */
function toneOf(kind: string, value: number | undefined): string {
  if (!kind.startsWith('change') || !value) return '';
  return value > 0 ? 'up' : 'down';
}

interface HeadProperties {
  readonly title: string;
  readonly column: number;
  readonly order: TableOrder;
  readonly onOrder: (order: TableOrder) => void;
}

function Head({ title, column, order, onOrder }: HeadProperties): JSX.Element {
  const isOrder = order.column === column;
  const direction = order.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={isOrder ? direction : 'none'}>
      <button
        type="button"
        onClick={() =>
          onOrder({ column, isDescending: isOrder ? !order.isDescending : column >= 0 })
        }
      >
        {title}
        <span aria-hidden="true">{isOrder ? (order.isDescending ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </th>
  );
}

/** Stands for rows that are out of view. */
function Space({
  rows,
  columns,
}: {
  readonly rows: number;
  readonly columns: number;
}): JSX.Element {
  return (
    <tbody aria-hidden="true">
      <tr>
        <td class="space" colSpan={columns} style={{ height: `${rows * ROW_HEIGHT}px` }} />
      </tr>
    </tbody>
  );
}

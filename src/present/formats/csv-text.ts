// Tables as comma-separated values (RFC 4180): lines end with CR LF, null is an empty field.

import { bytesOf } from './pieces.ts';

export type Cell = string | number | null;

export function csvText(header: readonly string[], rows: Iterable<readonly Cell[]>): Uint8Array {
  return bytesOf(lines(header, rows));
}

function* lines(header: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield line(header);
  for (const row of rows) yield line(row);
}

function line(cells: readonly Cell[]): string {
  return `${cells.map((cell) => field(cell)).join(',')}\r\n`;
}

function field(cell: Cell): string {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

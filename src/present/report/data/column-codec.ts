// Columns of figures as few bytes: whole numbers as differences from one row to the next, in LEB128.

/** A column; NaN is "not known". */
export type Figures = Float64Array<ArrayBuffer>;

/** How the bytes of a column are to be read. `constant`: there are none, each row has `value`. */
export type ColumnCode =
  | { readonly kind: 'constant'; readonly rows: number; readonly value: number | null }
  | {
      readonly kind: 'differences';
      readonly rows: number;
      readonly bytes: number;
      readonly scale: number;
    }
  | { readonly kind: 'floats'; readonly rows: number; readonly bytes: number };

export interface EncodedColumn {
  readonly code: ColumnCode;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Differences are told as 1 + twice their size; 0 is "not known". Above this they would lose bits. */
const LARGEST = 2 ** 50;
/** Whole numbers as they are, else thousandths: times are microseconds. */
const SCALES = [1, 1000] as const;
/** Of a number below 2^53, in groups of 7 bits. */
const LONGEST_NUMBER = 8;

export function toFigures(column: ArrayLike<number | null>): Figures {
  const figures = new Float64Array(column.length);
  // Float64Array.from() takes ten times as long.
  for (let row = 0; row < column.length; row++) figures[row] = column[row] ?? Number.NaN;
  return figures;
}

export function encodeColumn(column: Figures): EncodedColumn {
  const rows = column.length;
  const first = column[0] ?? Number.NaN;
  if (column.every((value) => Object.is(value, first))) {
    const value = Number.isNaN(first) ? null : first;
    return { code: { kind: 'constant', rows, value }, bytes: new Uint8Array(0) };
  }
  const scale = SCALES.find((factor) => column.every((value) => fits(value, factor)));
  if (scale === undefined) {
    const bytes = new Uint8Array(column.slice().buffer);
    return { code: { kind: 'floats', rows, bytes: bytes.length }, bytes };
  }
  const bytes = writeDifferences(column, scale);
  return { code: { kind: 'differences', rows, bytes: bytes.length, scale }, bytes };
}

/** @param bytes from the column's first one on. */
export function decodeColumn(code: ColumnCode, bytes: Uint8Array<ArrayBuffer>): Figures {
  switch (code.kind) {
    case 'constant':
      return new Float64Array(code.rows).fill(code.value ?? Number.NaN);
    case 'floats':
      return new Float64Array(bytes.slice(0, code.bytes).buffer);
    case 'differences':
      return readDifferences(code, bytes);
  }
}

function fits(value: number, scale: number): boolean {
  if (Number.isNaN(value)) return true;
  const whole = Math.round(value * scale);
  return Math.abs(whole) < LARGEST && Object.is(whole / scale, value);
}

function writeDifferences(column: Figures, scale: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(column.length * LONGEST_NUMBER);
  let length = 0;
  let before = 0;
  for (const value of column) {
    let rest = 0;
    if (!Number.isNaN(value)) {
      const whole = Math.round(value * scale);
      const difference = whole - before;
      rest = (difference < 0 ? -2 * difference - 1 : 2 * difference) + 1;
      before = whole;
    }
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[length++] = (rest % 0x80) | 0x80;
    bytes[length++] = rest;
  }
  return bytes.slice(0, length);
}

function readDifferences(
  { rows, scale }: { readonly rows: number; readonly scale: number },
  bytes: Uint8Array<ArrayBuffer>,
): Figures {
  const column = new Float64Array(rows);
  let at = 0;
  let before = 0;
  for (let row = 0; row < rows; row++) {
    let byte = bytes[at++] ?? 0;
    let coded = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[at++] ?? 0;
      coded += (byte & 0x7f) * factor;
    }
    if (coded === 0) {
      column[row] = Number.NaN;
      continue;
    }
    const doubled = coded - 1;
    // Bits are quicker than halves, where they are enough.
    if (doubled < 0x7fff_ffff) before += doubled & 1 ? -((doubled + 1) >>> 1) : doubled >>> 1;
    else before += doubled % 2 === 1 ? -(doubled + 1) / 2 : doubled / 2;
    column[row] = scale === 1 ? before : before / scale;
  }
  return column;
}

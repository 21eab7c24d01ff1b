// The report's data as bytes: JSON in which each column of figures is a reference to bytes behind it.

import { type ColumnCode, decodeColumn, encodeColumn } from './column-codec.ts';

/** Stands for a column. */
const REFERENCE = 'columnBytes';
const HEADER = 4;

/** @param data of plain objects, lists, texts, numbers and columns (Float64Array). */
export function packData(data: object): Uint8Array<ArrayBuffer> {
  const columns: Uint8Array<ArrayBuffer>[] = [];
  const json = JSON.stringify(data, (_, value: unknown) => {
    // A recording may have a member of that name; nobody shows it.
    if (isReference(value)) return null;
    if (!(value instanceof Float64Array)) return value;
    const { code, bytes } = encodeColumn(new Float64Array(value));
    columns.push(bytes);
    return { [REFERENCE]: code };
  });
  const text = new TextEncoder().encode(json);
  const size = columns.reduce((sum, { length }) => sum + length, HEADER + text.length);
  const packed = new Uint8Array(size);
  new DataView(packed.buffer).setUint32(0, text.length);
  packed.set(text, HEADER);
  let at = HEADER + text.length;
  for (const bytes of columns) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

/** The data again; what it is, the caller knows: it comes from the same program. */
export function unpackData(packed: Uint8Array<ArrayBuffer>): unknown {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const json = new TextDecoder().decode(packed.subarray(HEADER, HEADER + length));
  let at = HEADER + length;
  const restore = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      // Lists are of one kind, and those of texts are long.
      if (typeof value[0] !== 'object' && typeof value.at(-1) !== 'object') return value;
      return value.map(restore);
    }
    if (isReference(value)) {
      const code = value[REFERENCE];
      const column = decodeColumn(code, packed.subarray(at));
      at += code.kind === 'constant' ? 0 : code.bytes;
      return column;
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, restore(one)]));
  };
  return restore(JSON.parse(json));
}

function isReference(value: unknown): value is { readonly [REFERENCE]: ColumnCode } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, REFERENCE);
}

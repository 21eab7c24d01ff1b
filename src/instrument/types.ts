// Types of the WebAssembly binary format: signatures of functions are understood, all else is passed over.

import type { ByteReader } from './reader.ts';

/** A value type as its bytes, written as text: "7f" is i32, "63 70" a nullable reference. */
export type ValueType = string;
export const I32 = '7f';
export const I64 = '7e';

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A null stands for a type that is no function's. */
export type TypeTable = (FunctionType | null)[];

/** i32, i64, f32, f64, v128 */
const NUMBER_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b]);
/** noexn, nofunc, noextern, none, func, extern, any, eq, i31, struct, array, exn */
const ABSTRACT_HEAP_TYPES = new Set([
  0x74, 0x73, 0x72, 0x71, 0x70, 0x6f, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x69,
]);
const NULLABLE_REFERENCE = 0x63;
const REFERENCE = 0x64;

export function readTypes(reader: ByteReader): TypeTable {
  const types: TypeTable = [];
  for (let count = reader.count('types'); count > 0; count--) {
    const form = reader.u8();
    if (form === 0x4e) {
      for (let members = reader.count('types'); members > 0; members--) {
        types.push(readSubType(reader, reader.u8()));
      }
    } else types.push(readSubType(reader, form));
  }
  return types;
}

function readSubType(reader: ByteReader, form: number): FunctionType | null {
  if (form !== 0x50 && form !== 0x4f) return readCompositeType(reader, form);
  for (let supertypes = reader.count('supertypes'); supertypes > 0; supertypes--) reader.u32();
  return readCompositeType(reader, reader.u8());
}

function readCompositeType(reader: ByteReader, form: number): FunctionType | null {
  switch (form) {
    case 0x60: {
      const list = () => {
        const types: ValueType[] = [];
        for (let c = reader.count('types'); c > 0; c--) types.push(readValueType(reader));
        return types;
      };
      return { parameters: list(), results: list() };
    }
    case 0x5f:
      for (let fields = reader.count('fields'); fields > 0; fields--) skipField(reader);
      return null;
    case 0x5e:
      skipField(reader);
      return null;
    default:
      return reader.fail(`a type of the unknown form 0x${form.toString(16)}`, reader.offset - 1);
  }
}

function skipField(reader: ByteReader): void {
  const first = reader.bytes[reader.offset];
  // i8 and i16 stand only in fields.
  if (first === 0x78 || first === 0x77) reader.u8();
  else readValueType(reader);
  readFlag(reader, 'mutability', 1);
}

export function readValueType(reader: ByteReader): ValueType {
  const start = reader.offset;
  const byte = reader.u8();
  if (byte === NULLABLE_REFERENCE || byte === REFERENCE) skipHeapType(reader);
  else if (!NUMBER_TYPES.has(byte) && !ABSTRACT_HEAP_TYPES.has(byte)) {
    reader.fail(`the unknown value type 0x${byte.toString(16)}`, start);
  }
  return [...reader.bytes.subarray(start, reader.offset)]
    .map((part) => part.toString(16).padStart(2, '0'))
    .join(' ');
}

export function skipHeapType(reader: ByteReader): void {
  const start = reader.offset;
  const type = reader.s33();
  if (type < 0 && !ABSTRACT_HEAP_TYPES.has(type + 0x80)) {
    reader.fail('an unknown heap type', start);
  }
}

export function readFlag(reader: ByteReader, what: string, most: number): number {
  const flag = reader.u8();
  if (flag > most) reader.fail(`an unknown ${what} 0x${flag.toString(16)}`, reader.offset - 1);
  return flag;
}

export function bytesOfType(type: ValueType): number[] {
  return type.split(' ').map((part) => Number.parseInt(part, 16));
}

/** The same text for the same signature. */
export function signature({ parameters, results }: FunctionType): string {
  return `${parameters.join(',')}->${results.join(',')}`;
}

// Types of the WebAssembly binary format: signatures of functions are understood, all else is passed over.

import { hex } from './errors.ts';
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

/** From v128 over f64, f32 and i64 to i32. */
const isNumberType = (byte: number) => byte >= 0x7b && byte <= 0x7f;
/** From exn over array, struct, i31, eq, any, extern, func, none, noextern and nofunc to noexn. */
const isAbstractHeapType = (byte: number) => byte >= 0x69 && byte <= 0x74;
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
  reader.list('supertypes', () => reader.u32());
  return readCompositeType(reader, reader.u8());
}

function readCompositeType(reader: ByteReader, form: number): FunctionType | null {
  if (form === 0x60) {
    const list = () => reader.list('types', () => readValueType(reader));
    return { parameters: list(), results: list() };
  }
  if (form === 0x5f) reader.list('fields', () => skipField(reader));
  else if (form === 0x5e) skipField(reader);
  else reader.fail(`a type of the unknown form ${hex(form)}`, reader.offset - 1);
  return null;
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
  if (isNumberType(byte) || isAbstractHeapType(byte)) return byte.toString(16);
  if (byte !== NULLABLE_REFERENCE && byte !== REFERENCE) {
    reader.fail(`the unknown value type ${hex(byte)}`, start);
  }
  skipHeapType(reader);
  return [...reader.bytes.subarray(start, reader.offset)]
    .map((part) => part.toString(16).padStart(2, '0'))
    .join(' ');
}

export function skipHeapType(reader: ByteReader): void {
  const start = reader.offset;
  const type = reader.integer(33);
  if (type < 0 && !isAbstractHeapType(type + 0x80)) {
    reader.fail('an unknown heap type', start);
  }
}

export function readFlag(reader: ByteReader, what: string, most: number): number {
  const flag = reader.u8();
  if (flag > most) reader.fail(`an unknown ${what} ${hex(flag)}`, reader.offset - 1);
  return flag;
}

export function bytesOfType(type: ValueType): number[] {
  return type.split(' ').map((part) => Number.parseInt(part, 16));
}

/** The same text for the same signature. */
export function signature({ parameters, results }: FunctionType): string {
  return `${parameters.join(',')}->${results.join(',')}`;
}

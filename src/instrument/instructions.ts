// Walks the instructions of a function's body, one at a time, without an allocation for each: which they are,
// and the immediates that tell calls, constants and forwarded parameters. An unknown instruction is refused.

import { hex, WasmFormatError } from './errors.ts';
import {
  BLOCK_TYPE,
  BY_READING,
  BYTE,
  CAST_BRANCH,
  CATCHES,
  EIGHT_BYTES,
  FIRST_PREFIX,
  FLAGS,
  FOUR_BYTES,
  GOES_ON,
  HAS_MEMORY_INDEX,
  HEAP_TYPE,
  INDEX,
  INTEGER,
  KINDS,
  LABELS,
  LAST_PREFIX,
  LENGTHS,
  LONG,
  MEMORY_ACCESS,
  MEMORY_ACCESS_AND_LANE,
  NONE,
  PAGE,
  SIXTEEN_BYTES,
  STOP,
  TWO_INDICES,
  TYPES,
} from './immediates.ts';
import type { Body } from './module.ts';

/** Instructions behind a prefix byte are numbered `prefix * 0x1000 + number`. */
export const OPCODE = {
  throwRef: 0x0a,
  end: 0x0b,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  tryTable: 0x1f,
  localGet: 0x20,
  i32Const: 0x41,
  i64Const: 0x42,
  firstLoad: 0x28,
  lastStore: 0x3e,
  i32Sub: 0x6b,
  i64Sub: 0x7d,
  refFunc: 0xd2,
} as const;

/** At which instructions `nextOf` stops; made by `stopsAt` and `stopsAtLong`. */
export type Stops = Uint8Array;

/** Of opcodes without a prefix. */
export function stopsAt(...opcodes: readonly number[]): Stops {
  const stops = LENGTHS.slice();
  for (const opcode of opcodes) stops[opcode] = STOP;
  return stops;
}

/** The same where the index, constant or offset has more bytes than one. */
export function stopsAtLong(...opcodes: readonly number[]): Stops {
  const stops = LENGTHS.slice();
  for (const opcode of opcodes) stops[LONG + opcode] = STOP;
  return stops;
}

export class InstructionReader {
  /** For the reason that ByteReader has one. */
  static readonly kept = new InstructionReader(new Uint8Array());

  readonly bytes: Uint8Array;
  /** Which instruction is read; see OPCODE. */
  opcode = 0;
  /**
   * Its first index, its constant, or the offset of its memory access; 0 where it has none of these. A
   * 64-bit constant of more than 48 bits is rounded. At first no whole number, since an engine compiles for small ones
   * only, once more, what has not met others yet.
   */
  immediate = Number.NaN;
  /** Where it stands. */
  start = 0;
  /** Of the body that was opened: its locals without the parameters, and the groups of a type that they come in. */
  locals = 0;
  groups = 0;
  #offset = 0;
  #body: Body = { entry: 0, start: 0, end: 0 };

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Behind the instruction. */
  get offset(): number {
    return this.#offset;
  }

  /** Goes to the first instruction of a body, past its locals. */
  open(body: Body): this {
    this.#offset = body.start;
    this.#body = body;
    this.opcode = 0;
    this.locals = 0;
    this.groups = this.#u32();
    for (let { groups } = this; groups > 0; groups--) {
      this.locals += this.#u32();
      this.#valueType();
      if (this.#offset > body.end) this.#fail('the function ends in its locals');
    }
    return this;
  }

  /** Passes over instructions up to one that stops it, and reads that; false where none is left. */
  nextOf(stops: Stops): boolean {
    const { bytes } = this;
    const { end } = this.#body;
    let at = this.#offset;
    let { opcode } = this;
    while (at < end) {
      opcode = bytes[at] as number;
      const length = stops[opcode] as number;
      const next = at + length;
      const first = bytes[at + 1] as number;
      const last = bytes[next - 1] as number;
      // By tables rather than branches: which kind comes next is hard for a processor to foresee.
      if (length < BY_READING && (first & (FLAGS[opcode] as number)) === 0) {
        if ((last & (GOES_ON[opcode] as number)) === 0) {
          at = next;
          continue;
        }
        if (stops[LONG + opcode] !== STOP) {
          if ((bytes[next] as number) < 0x80) {
            at = next + 1;
            continue;
          }
          if ((bytes[next + 1] as number) < 0x80) {
            at = next + 2;
            continue;
          }
        }
      }
      this.#offset = at;
      this.next();
      if (length === STOP || stops[LONG + opcode] === STOP) return true;
      at = this.#offset;
    }
    this.#offset = at;
    this.opcode = opcode;
    return this.next();
  }

  /** Reads the next instruction; false where there is none left. */
  next(): boolean {
    const { bytes } = this;
    const start = this.#offset;
    if (start >= this.#body.end) {
      if (start > this.#body.end) this.#fail('the function ends in an instruction');
      if (this.opcode !== OPCODE.end) this.#fail('the function does not end with `end`');
      return false;
    }
    this.start = start;
    this.#offset = start + 1;
    this.immediate = 0;
    let opcode = bytes[start] as number;
    let kind = KINDS[opcode] as number;
    if (opcode >= FIRST_PREFIX && opcode <= LAST_PREFIX) {
      const number = this.#u32();
      if (number < PAGE) kind = KINDS[(opcode - FIRST_PREFIX + 1) * PAGE + number] as number;
      opcode = opcode * 0x1000 + number;
    }
    this.opcode = opcode;
    if (kind !== NONE) {
      const at = this.#offset;
      const first = bytes[at] as number;
      const second = bytes[at + 1] as number;
      // Nearly all immediates are numbers of one byte.
      if ((kind === INDEX && first < 0x80) || (kind === INTEGER && first < 0x40)) {
        this.immediate = first;
        this.#offset = at + 1;
      } else if (kind === MEMORY_ACCESS && first < HAS_MEMORY_INDEX && second < 0x80) {
        this.immediate = second;
        this.#offset = at + 2;
      } else this.#readImmediates(kind);
    }
    if (this.#offset > this.#body.end) this.#fail('the function ends in an instruction');
    return true;
  }

  #readImmediates(kind: number): void {
    switch (kind) {
      case INDEX:
        this.immediate = this.#u32();
        return;
      case TWO_INDICES:
        this.immediate = this.#u32();
        this.#u32();
        return;
      case MEMORY_ACCESS:
        this.#memoryAccess();
        return;
      case MEMORY_ACCESS_AND_LANE:
        this.#memoryAccess();
        this.#offset++;
        return;
      case INTEGER:
        this.immediate = this.#integer(10);
        return;
      case BYTE:
        this.#offset++;
        return;
      case FOUR_BYTES:
        this.#offset += 4;
        return;
      case EIGHT_BYTES:
        this.#offset += 8;
        return;
      case SIXTEEN_BYTES:
        this.#offset += 16;
        return;
      case BLOCK_TYPE:
        this.#valueType();
        return;
      case HEAP_TYPE:
        this.#integer(5);
        return;
      case TYPES:
        for (let count = this.#count(); count > 0; count--) this.#valueType();
        return;
      case LABELS:
        for (let count = this.#count() + 1; count > 0; count--) this.#u32();
        return;
      case CATCHES:
        this.#valueType();
        for (let count = this.#count(); count > 0; count--) {
          // catch and catch_ref name a tag; catch_all and catch_all_ref have the label alone.
          if ((this.bytes[this.#offset++] ?? 0) < 2) this.#u32();
          this.#u32();
        }
        return;
      case CAST_BRANCH:
        this.#offset++;
        this.immediate = this.#u32();
        this.#integer(5);
        this.#integer(5);
        return;
      default:
        this.#offset = this.start;
        this.#fail(`the unknown instruction ${hex(this.opcode)}`);
    }
  }

  #memoryAccess(): void {
    if (this.#u32() & HAS_MEMORY_INDEX) this.#u32();
    this.immediate = this.#integer(10, false);
  }

  /** A value type or the type of a block: a byte, a type's index, or a reference with its heap type. */
  #valueType(): void {
    const byte = this.bytes[this.#offset];
    if (byte === 0x63 || byte === 0x64) this.#offset++;
    this.#integer(5);
  }

  #count(): number {
    const count = this.#u32();
    if (count > this.#body.end - this.#offset)
      this.#fail('a list that does not fit in its function');
    return count;
  }

  #u32(): number {
    const { bytes } = this;
    const first = bytes[this.#offset] as number;
    if (first < 0x80) {
      this.#offset++;
      return first;
    }
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[this.#offset++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return this.#fail('a number that is too long');
  }

  /** Of at most so many bytes; signed, if not said otherwise. */
  #integer(most: number, isSigned = true): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (let left = most; left > 0; left--) {
      const byte = bytes[this.#offset++] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return isSigned && byte & 0x40 ? value - scale : value;
    }
    return this.#fail('a number that is too long');
  }

  #fail(what: string): never {
    throw new WasmFormatError(Math.min(this.#offset, this.#body.end), what);
  }
}

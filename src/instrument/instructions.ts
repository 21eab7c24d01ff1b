// Walks the instructions of a function's body, one at a time, without an allocation for each: which they are,
// and the immediates that tell calls, constants and forwarded parameters. An unknown instruction is refused.

import { WasmFormatError } from './errors.ts';
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

// Kinds of immediates.
const UNKNOWN = 0;
const NONE = 1;
const INDEX = 2;
const TWO_INDICES = 3;
const MEMORY_ACCESS = 4;
const MEMORY_ACCESS_AND_LANE = 5;
const INTEGER = 6;
const BYTE = 7;
const FOUR_BYTES = 8;
const EIGHT_BYTES = 9;
const SIXTEEN_BYTES = 10;
const BLOCK_TYPE = 11;
const HEAP_TYPE = 12;
const TYPES = 13;
const LABELS = 14;
const CATCHES = 15;
const CAST_BRANCH = 16;

/** Kinds of immediates, by prefix, and there in runs: the last number of a run, and the kind of all up to it. */
const RUNS: readonly (readonly number[])[] = [
  [
    ...[0x01, NONE, 0x04, BLOCK_TYPE, 0x05, NONE, 0x06, BLOCK_TYPE, 0x09, INDEX, 0x0b, NONE],
    ...[0x0d, INDEX, 0x0e, LABELS, 0x0f, NONE, 0x10, INDEX, 0x11, TWO_INDICES, 0x12, INDEX],
    ...[0x13, TWO_INDICES, 0x15, INDEX, 0x17, UNKNOWN, 0x18, INDEX, 0x1b, NONE, 0x1c, TYPES],
    ...[0x1e, UNKNOWN, 0x1f, CATCHES, 0x26, INDEX, 0x27, UNKNOWN, 0x3e, MEMORY_ACCESS],
    ...[0x40, INDEX, 0x42, INTEGER, 0x43, FOUR_BYTES, 0x44, EIGHT_BYTES, 0xc4, NONE],
    ...[0xcf, UNKNOWN, 0xd0, HEAP_TYPE, 0xd1, NONE, 0xd2, INDEX, 0xd4, NONE, 0xd6, INDEX],
  ],
  [
    ...[0x01, INDEX, 0x05, TWO_INDICES, 0x07, INDEX, 0x0a, TWO_INDICES, 0x0e, INDEX, 0x0f, NONE],
    ...[0x10, INDEX, 0x13, TWO_INDICES, 0x17, HEAP_TYPE, 0x19, CAST_BRANCH, 0x1e, NONE],
  ],
  [
    ...[0x07, NONE, 0x08, TWO_INDICES, 0x09, INDEX, 0x0a, TWO_INDICES, 0x0b, INDEX],
    ...[0x0c, TWO_INDICES, 0x0d, INDEX, 0x0e, TWO_INDICES, 0x11, INDEX, 0x12, UNKNOWN, 0x16, NONE],
  ],
  [
    ...[11, MEMORY_ACCESS, 13, SIXTEEN_BYTES, 20, NONE, 34, BYTE, 83, NONE],
    ...[91, MEMORY_ACCESS_AND_LANE, 93, MEMORY_ACCESS, 153, NONE, 154, UNKNOWN, 161, NONE],
    ...[162, UNKNOWN, 164, NONE, 166, UNKNOWN, 174, NONE, 176, UNKNOWN, 177, NONE, 180, UNKNOWN],
    ...[186, NONE, 187, UNKNOWN, 193, NONE, 194, UNKNOWN, 196, NONE, 198, UNKNOWN, 206, NONE],
    ...[208, UNKNOWN, 209, NONE, 212, UNKNOWN, 225, NONE, 226, UNKNOWN, 237, NONE],
    ...[238, UNKNOWN, 275, NONE],
  ],
  [0x02, MEMORY_ACCESS, 0x03, BYTE, 0x0f, UNKNOWN, 0x4e, MEMORY_ACCESS],
];
/** All instructions with a prefix have a number below this. */
const PAGE = 512;
const FIRST_PREFIX = 0xfb;
const LAST_PREFIX = 0xfe;
const KINDS = new Uint8Array(PAGE * RUNS.length);
RUNS.forEach((runs, page) => {
  let from = page * PAGE;
  for (let run = 0; run < runs.length; run += 2) {
    const to = page * PAGE + (runs[run] ?? 0) + 1;
    KINDS.fill(runs[run + 1] ?? UNKNOWN, from, to);
    from = to;
  }
});

/** Behind alignment: the access names a memory. */
const HAS_MEMORY_INDEX = 0x40;

export class InstructionReader {
  readonly bytes: Uint8Array;
  /** Which instruction is read; see OPCODE. */
  opcode = 0;
  /**
   * Its first index, its constant, or the offset of its memory access; 0 where it has none of these. A
   * 64-bit constant of more than 48 bits is rounded.
   */
  immediate = 0;
  /** Where it stands. */
  start = 0;
  #offset = 0;
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Behind the instruction. */
  get offset(): number {
    return this.#offset;
  }

  /** Goes to the first instruction of a body, past its locals. */
  open({ start, end }: Body): this {
    this.#offset = start;
    this.#end = end;
    this.opcode = 0;
    for (let groups = this.#u32(); groups > 0; groups--) {
      this.#u32();
      this.#valueType();
      if (this.#offset > end) this.#fail('the function ends in its locals');
    }
    return this;
  }

  /** Reads the next instruction; false where there is none left. */
  next(): boolean {
    const { bytes } = this;
    const start = this.#offset;
    if (start >= this.#end) {
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
    if (this.#offset > this.#end) this.#fail('the function ends in an instruction');
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
        this.#fail(`the unknown instruction 0x${this.opcode.toString(16)}`);
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
    if (count > this.#end - this.#offset) this.#fail('a list that does not fit in its function');
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
    throw new WasmFormatError(Math.min(this.#offset, this.#end), what);
  }
}

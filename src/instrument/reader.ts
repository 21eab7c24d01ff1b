// Reads the primitives of the WebAssembly binary format, refusing what runs out or is overlong.

import { WasmFormatError } from './errors.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

export class ByteReader {
  /** An engine drops what it has compiled for a class together with its last object, of which this is one. */
  static readonly kept = new ByteReader(new Uint8Array());

  readonly bytes: Uint8Array;
  end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  fail(what: string, offset = this.offset): never {
    throw new WasmFormatError(offset, what);
  }

  u8(): number {
    if (this.offset >= this.end) this.fail('what begins before goes on behind its end');
    // The end is never beyond the bytes.
    return this.bytes[this.offset++] as number;
  }

  /** LEB128, unsigned, at most 32 bits in 5 bytes. */
  u32(): number {
    const start = this.offset;
    const first = this.u8();
    // Most numbers have one byte.
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail('a number of more than 32 bits', start);
  }

  /** LEB128 of at most so many bits, which is rounded where it has more than 48; signed, if not said otherwise. */
  integer(bits: 32 | 33 | 64, isSigned = true): number {
    const start = this.offset;
    let value = 0;
    let scale = 1;
    for (let left = Math.ceil(bits / 7); left > 0; left--) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return isSigned && byte & 0x40 ? value - scale : value;
    }
    return this.fail(`a number of more than ${bits} bits`, start);
  }

  skip(length: number): void {
    if (length > this.end - this.offset) this.fail(`${length} bytes are announced, but not there`);
    this.offset += length;
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  part(length: number): ByteReader {
    const { offset } = this;
    this.skip(length);
    return new ByteReader(this.bytes, offset, offset + length);
  }

  /** A count of things that take at least one byte each: never more than bytes are left. */
  count(what: string): number {
    const start = this.offset;
    const count = this.u32();
    if (count > this.end - this.offset) this.fail(`${count} ${what} do not fit here`, start);
    return count;
  }

  /** A count, and as many things, each of which `read` reads. */
  list<T>(what: string, read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.count(what); count > 0; count--) items.push(read());
    return items;
  }

  /** The same of numbers. */
  numbers(what: string, read: () => number): Uint32Array {
    const items = new Uint32Array(this.count(what));
    for (let place = 0; place < items.length; place++) items[place] = read();
    return items;
  }

  name(): string {
    const start = this.offset;
    const { offset, end } = this.part(this.u32());
    try {
      return decoder.decode(this.bytes.subarray(offset, end));
    } catch {
      return this.fail('a name that is no UTF-8', start);
    }
  }
}

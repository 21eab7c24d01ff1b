// Writes the primitives of the WebAssembly binary format.

const encoder = new TextEncoder();

/** Unsigned LEB128. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a 32-bit number. */
export function s32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) return [...bytes, byte];
    bytes.push(byte + 0x80);
  }
}

export function name(text: string): number[] {
  const bytes = encoder.encode(text);
  return [...u32(bytes.length), ...bytes];
}

/** Bytes from many places, which are copied only once, at the end. */
export class ByteWriter {
  readonly #parts: ArrayLike<number>[] = [];
  length = 0;

  /** They must not change any more. */
  push(bytes: ArrayLike<number>): this {
    this.#parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  append(other: ByteWriter): this {
    for (const part of other.#parts) this.push(part);
    return this;
  }

  /** What was written, as a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

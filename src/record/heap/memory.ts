// The memory of a tracked module, read between its tasks. Nothing in it is called.

const decoder = new TextDecoder();
const LONGEST_TEXT = 256;

export class HeapMemory {
  readonly #memory: WebAssembly.Memory;
  readonly pointerBits: 32 | 64;
  #view: DataView | null = null;

  constructor(memory: WebAssembly.Memory, pointerBits: 32 | 64) {
    this.#memory = memory;
    this.pointerBits = pointerBits;
  }

  /** Of the memory as it is now; growth detaches its buffer. */
  get view(): DataView {
    const { buffer } = this.#memory;
    if (this.#view?.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** All from one address to another, both multiples of 4 within the memory. */
  words(from: number, to: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, from, (to - from) / 4);
  }

  /** 32 bits; null outside of the memory. */
  word(address: number): number | null {
    return address >= 0 && address + 4 <= this.bytes ? this.view.getUint32(address, true) : null;
  }

  /** As wide as a pointer is; null outside of the memory. */
  pointer(address: number): number | null {
    if (this.pointerBits === 32) return this.word(address);
    if (!(address >= 0 && address + 8 <= this.bytes)) return null;
    return Number(this.view.getBigUint64(address, true));
  }

  /** Text that ends with a zero; null where it is empty, too long, or outside of the memory. */
  text(address: number): string | null {
    if (!(address > 0 && address < this.bytes)) return null;
    const length = Math.min(LONGEST_TEXT, this.bytes - address);
    // Decoders take no shared memory.
    const bytes = new Uint8Array(this.#memory.buffer, address, length).slice();
    const end = bytes.indexOf(0);
    return end > 0 ? decoder.decode(bytes.subarray(0, end)) : null;
  }
}

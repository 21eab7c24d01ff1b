// What is known of a heap beside its blocks, as it is learned: what a block is, what a word in it means.

/** Blocks go by their place in the table of blocks, words by their address. */
export interface HeapNotes {
  /** What a block is known to be; the first to know wins. */
  label(place: number, name: string): void;
  /** @param from bytes of the block that may hold pointers; what follows holds none: pixels, texts. */
  opaque(place: number, from?: number): void;
  /** The name of the pointer in a word. */
  name(address: number, name: string): void;
  /** A pointer of a register, which keeps nothing alive. */
  weak(address: number, name?: string): void;
}

interface Word {
  name: string;
  isWeak: boolean;
}

/** Names by numbers, from 1 on. */
export class Names {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#numbers.size + 1);
    return this.#numbers.size;
  }

  get list(): string[] {
    return [...this.#numbers.keys()];
  }
}

export class CollectedNotes implements HeapNotes {
  readonly labels: Uint32Array;
  /** Bytes from the start of each block that may hold pointers. */
  readonly scanned: Float64Array;
  readonly #names = new Names();
  readonly #words = new Map<number, Word>();

  constructor(sizes: Float64Array) {
    this.labels = new Uint32Array(sizes.length);
    this.scanned = sizes.slice();
  }

  label(place: number, name: string): void {
    if (place >= 0 && this.labels[place] === 0) this.labels[place] = this.#names.of(name);
  }

  opaque(place: number, from = 0): void {
    const known = this.scanned[place];
    if (known !== undefined) this.scanned[place] = Math.min(known, from);
  }

  name(address: number, name: string): void {
    this.#word(address).name ||= name;
  }

  weak(address: number, name = ''): void {
    const word = this.#word(address);
    word.name ||= name;
    word.isWeak = true;
  }

  get labelNames(): string[] {
    return this.#names.list;
  }

  words() {
    const words = [...this.#words].sort(([a], [b]) => a - b);
    const names = new Names();
    return {
      words: {
        addresses: Float64Array.from(words, ([address]) => address),
        names: Uint32Array.from(words, ([, { name }]) => names.of(name) - 1),
        weak: Uint8Array.from(words, ([, { isWeak }]) => Number(isWeak)),
      },
      wordNames: names.list,
    };
  }

  #word(address: number): Word {
    const known = this.#words.get(address);
    if (known) return known;
    const word = { name: '', isWeak: false };
    this.#words.set(address, word);
    return word;
  }
}

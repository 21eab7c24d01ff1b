// Builds a long text of ASCII in pieces: digits go into bytes at once, with no string for each number.

const PIECE = 1 << 20;
const LONGEST_NUMBER = 24;

export class AsciiWriter {
  readonly #bytes = new Uint8Array(PIECE);
  readonly #decoder = new TextDecoder();
  #length = 0;

  /** Whether it is time to `take` what was written. */
  get isFull(): boolean {
    return this.#length > PIECE - 16 * LONGEST_NUMBER;
  }

  /** A character, by its code. */
  char(code: number): void {
    this.#bytes[this.#length++] = code;
  }

  /** A non-negative integer. */
  number(value: number): void {
    if (value > 0xffff_ffff) {
      for (const digit of String(value)) this.char(digit.charCodeAt(0));
      return;
    }
    const bytes = this.#bytes;
    let end = this.#length + 1;
    for (let limit = 10; limit <= value; limit *= 10) end++;
    this.#length = end;
    let rest = value;
    do {
      const tenth = Math.floor(rest / 10);
      bytes[--end] = 48 + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
  }

  /** What was written since the last time. */
  take(): string {
    const text = this.#decoder.decode(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return text;
  }
}

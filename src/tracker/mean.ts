// Keeps the time that stacks take within a share of wall time, by the mean number of bytes between samples.

/** Milliseconds between two settings of the mean. */
const WINDOW = 50;
/** Bytes, as a first mean: until the first window has shown what a stack costs. */
export const FIRST_MEAN = 512 * 1024;
/** Bytes; a sample is rarer than any block is large. */
const MOST = 2 ** 40;
/** What a window's costs weigh at the end of the next one. */
const MEMORY = 0.5;

/** A mean at which even a block of one byte is sampled for certain. */
export const EACH = 2 ** -10;

export class AdaptiveMean {
  budget: number;
  #least: number;
  #mean: number;
  /** Of the window. */
  #begin: number | null = null;
  #bytesAtBegin = 0;
  #spent = 0;
  /** Of this window and, ever less, those before. */
  #time = 0;
  #count = 0;

  constructor(least: number, budget: number, first = least) {
    this.budget = budget;
    this.#least = Math.max(least, 1);
    this.#mean = this.#adapts ? Math.max(this.#least, first) : this.#least;
  }

  get value(): number {
    return this.#mean;
  }

  /** The least that it will be, and what it is from now on. */
  set value(mean: number) {
    this.#least = Math.max(mean, EACH);
    this.#mean = this.#least;
  }

  get #adapts(): boolean {
    return this.budget < 1;
  }

  /**
   * A stack was captured, which took the time up to now.
   *
   * @param allocated Bytes that this thread has allocated so far
   */
  captured(time: number, now: number, allocated: () => number): void {
    if (!this.#adapts) return;
    if (this.#begin === null) this.#open(now - time, allocated());
    this.#spent += time;
    this.#time += time;
    this.#count += 1;
    const elapsed = now - (this.#begin ?? now);
    if (elapsed >= WINDOW) {
      const bytes = allocated();
      const cost = this.#time / this.#count;
      const rate = (bytes - this.#bytesAtBegin) / elapsed;
      this.#set((rate * cost) / this.budget);
      this.#time *= MEMORY;
      this.#count *= MEMORY;
      this.#open(now, bytes);
    } else if (this.#spent > this.budget * WINDOW) this.#set(this.#mean * 2);
  }

  #open(now: number, bytes: number): void {
    this.#begin = now;
    this.#bytesAtBegin = bytes;
    this.#spent = 0;
  }

  #set(mean: number): void {
    this.#mean = Math.min(Math.max(mean, this.#least), MOST);
  }
}

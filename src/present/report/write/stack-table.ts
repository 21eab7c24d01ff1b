// Stacks as a tree of frames, each frame's text once.

import { toFigures } from '../data/column-codec.ts';
import type { StackTable } from '../data/types.ts';

export interface TextFrame {
  readonly text: string;
  readonly isScript: boolean;
}

/** A row and a frame make one number: there are fewer frames than this. */
const FRAMES = 2 ** 24;

export class StackTableBuilder {
  readonly #places = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #isScript: number[] = [];
  readonly #frame: number[] = [];
  readonly #caller: number[] = [];
  /** Rows by caller and frame; those at the bottom have caller -1. */
  readonly #rows = new Map<number, number>();

  /** @returns the frame's number. */
  frame({ text, isScript }: TextFrame): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#texts.push(text) - 1;
    this.#isScript.push(isScript ? 1 : 0);
    this.#places.set(text, place);
    return place;
  }

  /**
   * @param frames by number, innermost first.
   * @returns the row of the innermost frame; null where there is none.
   */
  add(frames: readonly number[]): number | null {
    let caller = -1;
    for (let at = frames.length - 1; at >= 0; at--) caller = this.#row(frames[at] ?? 0, caller);
    return caller < 0 ? null : caller;
  }

  build(): StackTable {
    return {
      texts: this.#texts,
      isScript: toFigures(this.#isScript),
      frame: toFigures(this.#frame),
      caller: toFigures(this.#caller.map((row) => (row < 0 ? null : row))),
    };
  }

  #row(frame: number, caller: number): number {
    const key = (caller + 1) * FRAMES + frame;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#frame.push(frame) - 1;
    this.#caller.push(caller);
    this.#rows.set(key, row);
    return row;
  }
}

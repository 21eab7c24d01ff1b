// Stacks as a tree of frames, each frame's text once.

import { toFigures } from '../data/column-codec.ts';
import type { StackTable } from '../data/types.ts';

export interface TextFrame {
  readonly text: string;
  readonly isScript: boolean;
}

export class StackTableBuilder {
  readonly #places = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #isScript: number[] = [];
  readonly #frame: number[] = [];
  readonly #caller: number[] = [];
  /** Rows of those that a stack calls, by the place of their frame; those at the bottom have caller -1. */
  readonly #called = new Map<number, Map<number, number>>();

  /**
   * @param frames innermost first.
   * @returns the row of the innermost frame; null where there is none.
   */
  add(frames: readonly TextFrame[]): number | null {
    let caller = -1;
    for (let at = frames.length - 1; at >= 0; at--) {
      const frame = frames[at];
      if (frame) caller = this.#row(this.#place(frame), caller);
    }
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

  #place({ text, isScript }: TextFrame): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#texts.push(text) - 1;
    this.#isScript.push(isScript ? 1 : 0);
    this.#places.set(text, place);
    return place;
  }

  #row(frame: number, caller: number): number {
    const called = this.#called.get(caller) ?? new Map<number, number>();
    this.#called.set(caller, called);
    const known = called.get(frame);
    if (known !== undefined) return known;
    const row = this.#frame.push(frame) - 1;
    this.#caller.push(caller);
    called.set(frame, row);
    return row;
  }
}

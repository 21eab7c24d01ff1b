// Creation stacks as text, each kept once, without this project's own frames on top.

import { ownScripts } from '../gegl/lifecycle.ts';

/** Frames that are captured, and distinct stacks that are kept. */
const FRAMES = 16;
const MAX_STACKS = 5_000;

export class StackTable {
  readonly stacks: string[] = [];
  readonly #indices = new Map<string, number>();

  /** The index of the present stack; null where there is none, or the table is full. */
  capture(): number | null {
    const { stackTraceLimit } = Error;
    // It may not exist, and not be writable.
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', FRAMES);
    const stack: unknown = new Error().stack;
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    // A page's Error.prepareStackTrace may make anything of it.
    if (typeof stack !== 'string' || stack === '') return null;
    // The whole text is looked up first: cutting it is the costly part.
    let index = this.#indices.get(stack);
    if (index === undefined) {
      if (this.stacks.length >= MAX_STACKS) return null;
      index = this.stacks.push(withoutOwnFrames(stack)) - 1;
      this.#indices.set(stack, index);
    }
    return index;
  }

  clear(): void {
    this.stacks.length = 0;
    this.#indices.clear();
  }
}

function withoutOwnFrames(stack: string): string {
  const frames = stack.split('\n').filter((line) => line !== '' && !/^\w*Error(:|$)/.test(line));
  const own = [...ownScripts()];
  const first = frames.findIndex((frame) => !own.some((script) => frame.includes(script)));
  return frames
    .slice(Math.max(first, 0))
    .map((frame) => frame.trim())
    .join('\n');
}

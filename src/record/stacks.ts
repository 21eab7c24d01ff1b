// Creation stacks as text, each kept once, without this project's own frames and Node's.

import { ownScripts } from '../gegl/lifecycle.ts';

/** Frames that are captured, and distinct stacks that are kept. */
const FRAMES = 16;
const MAX_STACKS = 5_000;

export class StackTable {
  /** What is shown, by the whole text: cutting that is the costly part. */
  readonly #stacks = new Map<string, string>();

  /** The present stack; null where there is none, or the table is full. */
  capture(): string | null {
    const { stackTraceLimit } = Error;
    // It may not exist, and not be writable.
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', FRAMES);
    const stack: unknown = new Error().stack;
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    // A page's Error.prepareStackTrace may make anything of it.
    if (typeof stack !== 'string' || stack === '') return null;
    const known = this.#stacks.get(stack);
    if (known !== undefined || this.#stacks.size >= MAX_STACKS) return known ?? null;
    const shown = withoutOwnFrames(stack);
    this.#stacks.set(stack, shown);
    return shown;
  }

  clear(): void {
    this.#stacks.clear();
  }
}

/** Which of Node's own led to a line depends on what else was due: timers that fire at once have frames of their own. */
const NODE = /[ (]node:[^ ()]+:\d+:\d+\)?$/;

function withoutOwnFrames(stack: string): string {
  const frames = stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/^(\w*Error(:.*)?)?$/.test(line) && !NODE.test(line));
  const own = [...ownScripts()];
  const others = frames.filter((frame) => !own.some((script) => frame.includes(script)));
  return (others.length > 0 ? others : frames).join('\n');
}

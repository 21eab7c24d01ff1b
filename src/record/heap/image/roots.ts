// Where pointers lie outside of blocks, when no function of the module runs: in static data and in globals. What
// the stack's memory holds is left over from calls that have ended, so it is left out where its place is known.

import { ADDED_EXPORTS } from '../../../instrument/abi.ts';
import { isShared } from '../../../instrument/load/memory-kind.ts';
import type { TrackedHeap } from '../registry.ts';

export interface RootRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface GlobalPointer {
  readonly kind: 'global';
  readonly name: string;
  readonly address: number;
}

export interface Roots {
  readonly ranges: readonly RootRange[];
  /** False where the stack is not told from static data: old pointers in it may keep blocks alive. */
  readonly knowsStack: boolean;
}

/** The unused part of the stack, which grows downwards. */
interface Stack {
  readonly end: number;
  readonly top: number;
}

/** Linkers put the stack before static data, from the first bytes on, or between that and the heap. */
const STACK_FIRST = 4096;

/**
 * @param firstBlock address of the first live block, before which static data ends.
 */
export function findRoots(
  { instance, memory, pointerBits }: TrackedHeap,
  firstBlock: number,
): Roots {
  const bytes = memory?.buffer.byteLength ?? 0;
  // In shared memory, other threads run, and their stacks are blocks.
  const stack = isShared(memory) ? null : findStack(instance.exports, bytes);
  const end = Math.min(numberOf(instance.exports.__heap_base) ?? Infinity, firstBlock, bytes);
  const ranges = !stack
    ? [{ name: 'static data and stack', from: 0, to: end }]
    : stack.end > STACK_FIRST
      ? [{ name: 'static data', from: 0, to: Math.min(stack.end, end) }]
      : [{ name: 'static data', from: stack.top, to: end }];
  const allocator = pointerBits === 64 || !memory ? null : findDlmalloc(memory, end);
  return {
    ranges: ranges
      .flatMap((range) => (allocator ? without(range, allocator) : [range]))
      .filter(({ from, to }) => from < to),
    knowsStack: stack !== null,
  };
}

/** Of `struct malloc_state` on wasm32: what stands before its small bins, the bins, and the tree bins. */
const DLMALLOC = { before: 40, bins: 66 * 4, trees: 32 * 4 };

/**
 * Where dlmalloc keeps its lists of free chunks. Their heads lie in the last bytes of the blocks before them, which
 * they would keep alive. A list without chunks points at itself, as that of chunks of no size always does.
 */
function findDlmalloc(memory: WebAssembly.Memory, end: number): Omit<RootRange, 'name'> | null {
  const words = new Uint32Array(memory.buffer, 0, end >> 2);
  const isEmptyBin = (at: number) =>
    words[at] === at * 4 - 8 && words[at + 1] === at * 4 - 8 && at > 1;
  for (let at = 2; at < words.length; at++) {
    // So are those of the least sizes, as no chunk is so small.
    if (!isEmptyBin(at) || !isEmptyBin(at + 2)) continue;
    const bins = at * 4 - 8;
    return { from: bins - DLMALLOC.before, to: bins + DLMALLOC.bins + DLMALLOC.trees };
  }
  return null;
}

function without({ name, from, to }: RootRange, gap: Omit<RootRange, 'name'>): RootRange[] {
  return [
    { name, from, to: Math.min(to, gap.from) },
    { name, from: Math.max(from, gap.to), to },
  ];
}

function findStack(exports: WebAssembly.Exports, bytes: number): Stack | null {
  const top = ask(
    exports,
    'emscripten_stack_get_current',
    '_emscripten_stack_get_current',
    'stackSave',
  );
  if (top === null || top === 0 || top > bytes) return null;
  const end = ask(exports, 'emscripten_stack_get_end');
  if (end !== null && end < top) return { end, top };
  // Of this project's GEGL build. Between tasks, the stack is empty.
  const length = ask(exports, 'gegl_wasm_stack_bytes');
  return length !== null && length > 0 && length <= top ? { end: top - length, top } : null;
}

/** The answer of a function that only reads. */
function ask(exports: WebAssembly.Exports, ...names: readonly string[]): number | null {
  for (const name of names) {
    const found = exports[name];
    if (typeof found !== 'function') continue;
    try {
      const answer: unknown = found();
      if (typeof answer === 'number') return answer >>> 0;
    } catch {
      // As in a module that has stopped.
    }
  }
  return null;
}

/** The values of all globals that the module exports. */
export function globalPointers(exports: WebAssembly.Exports): GlobalPointer[] {
  const own: readonly string[] = Object.values(ADDED_EXPORTS);
  return Object.entries(exports).flatMap(([name, value]) => {
    const address = own.includes(name) ? null : numberOf(value);
    return address === null || address === 0 ? [] : [{ kind: 'global' as const, name, address }];
  });
}

function numberOf(value: unknown): number | null {
  if (!(value instanceof WebAssembly.Global)) return null;
  try {
    const { value: number } = value;
    if (typeof number === 'bigint') return Number(number);
    return Number.isInteger(number) ? number >>> 0 : null;
  } catch {
    // Of a type that JavaScript can't read.
    return null;
  }
}

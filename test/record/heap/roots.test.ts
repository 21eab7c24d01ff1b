// Where pointers lie outside of blocks, in modules that were rewritten ahead of time and don't say what they are.

import { expect, it } from 'vitest';
import { findRoots } from '../../../src/record/heap/image/roots.ts';
import type { TrackedHeap } from '../../../src/record/heap/registry.ts';

function rootsOf(shared: boolean) {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared });
  const exports = { emscripten_stack_get_end: () => 8192, stackSave: () => 65_536 };
  const heap = { instance: { exports }, memory, report: null, pointerBits: 32 };
  return findRoots(heap as unknown as TrackedHeap, 100_000);
}

it('leaves the idle stack out', () => {
  expect(rootsOf(false)).toEqual({
    ranges: [{ name: 'static data', from: 0, to: 8192 }],
    knowsStack: true,
  });
});

it('takes the stack with it where memory is shared: other threads run', () => {
  expect(rootsOf(true)).toEqual({
    ranges: [{ name: 'static data and stack', from: 0, to: 100_000 }],
    knowsStack: false,
  });
});

// Which handles point into a memory. Stand-ins for modules whose views are behind their memory.

import { afterEach, expect, it } from 'vitest';
import {
  announceCreated,
  announceDestroyed,
  nextObjectId,
  type TrackedObject,
} from '../../../src/gegl/lifecycle.ts';
import { BindingHandles } from '../../../src/record/heap/binding-handles.ts';
import { findBlock } from '../../../src/record/heap/contents.ts';
import { bindingPointers, handlePointers } from '../../../src/record/heap/image/handles.ts';
import { registry } from '../../../src/record/heap/registry.ts';
import { runAtOnce } from '../../../src/slices.ts';

const objects: TrackedObject[] = [];
afterEach(() => {
  for (const object of objects.splice(0)) announceDestroyed(object);
});

function announce(module: object, address: number): void {
  const object = {
    ...{ id: nextObjectId(), kind: 'buffers' as const, pixelBytes: null, owner: { module } },
    describe: () => 'buffer',
    address,
  };
  objects.push(object);
  announceCreated(object);
}

it.each([false, true])(
  'are those of its module, though it has grown since; shared: %s',
  (shared) => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared });
    const other = new WebAssembly.Memory({ initial: 1, maximum: 2, shared });
    announce({ HEAPU8: new Uint8Array(memory.buffer), wasmMemory: memory }, 16);
    announce({ HEAPU8: new Uint8Array(other.buffer), wasmMemory: other }, 32);
    memory.grow(1);
    expect(handlePointers(memory).map(({ address }) => address)).toEqual([16]);
  },
);

it('are those of a module that shows only what its memory was before, too: it may be this one', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  announce({ HEAPU8: new Uint8Array(memory.buffer) }, 0xffff_fff0 | 0);
  memory.grow(1);
  expect(handlePointers(memory).map(({ address }) => address)).toEqual([0xffff_fff0]);
});

it('are what objects of other bindings have in a live block, at its start or within', () => {
  class Mat {}
  const [one, other] = [new Mat(), new Mat()];
  const handles = new BindingHandles();
  handles.install();
  registry().handles = handles;
  try {
    const finalizers = new FinalizationRegistry<object>(() => {});
    finalizers.register(one, [64, 72, 200, 8, 1.5]);
    finalizers.register(other, [0xffff_fff0 | 0, 64]);
    const blocks = { addresses: [64, 0xffff_ffe0], sizes: [16, 32] };
    const found = runAtOnce(bindingPointers({ find: (address) => findBlock(blocks, address) }));
    const name = 'Mat (JavaScript handle)';
    expect(found).toEqual(
      [64, 72, 0xffff_fff0].map((address) => ({ kind: 'handle', name, address })),
    );
  } finally {
    handles.uninstall();
    registry().handles = null;
  }
});

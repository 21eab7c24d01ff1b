// The walk over dlmalloc's chunks: on a heap laid out by hand, and on GEGL's own.

import { afterEach, describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../../src/profiler/index.ts';
import { HeapContents } from '../../../src/record/heap/contents.ts';
import { HeapMemory } from '../../../src/record/heap/memory.ts';
import { trackedHeaps } from '../../../src/record/heap/registry.ts';
import { UNVERIFIED, verify } from '../../../src/record/heap/verify.ts';
import { bytesInUse, startEngine } from '../../profiler/real-gegl.ts';

type Chunk = readonly [size: number, flags: number];
const [FREE, USED] = [1, 3];

/** Chunks one after the other, from `start` on; returns the address of each block. */
function layOut(view: DataView, start: number, chunks: readonly Chunk[], word: 4 | 8): number[] {
  let at = start;
  return chunks.map(([size, flags]) => {
    const head = at + word;
    if (word === 4) view.setUint32(head, size | flags, true);
    else view.setBigUint64(head, BigInt(size | flags), true);
    const block = at + 2 * word;
    at += size;
    return block;
  });
}

function contentsOf(blocks: readonly (readonly [address: number, size: number])[]): HeapContents {
  const sorted = blocks.toSorted(([a], [b]) => a - b);
  return new HeapContents({
    forEachBlock: (visit) => {
      for (const [address, size] of sorted) visit(address, size, 0, 0, 0);
    },
  });
}

const unasked = () => null;

describe.each([4, 8] as const)('a heap with words of %d bytes', (word) => {
  const bits = word === 4 ? 32 : 64;
  const unit = 2 * word;
  const memory = new WebAssembly.Memory({ initial: 2 });
  const view = new DataView(memory.buffer);
  // Two segments: dlmalloc's record and a fencepost end the first, a head without flags the last.
  const first = layOut(
    view,
    1024,
    [
      [4 * unit, USED],
      [6 * unit, FREE],
      [3 * unit, USED],
      [3 * unit, USED],
      [word, USED],
    ],
    word,
  );
  const second = layOut(
    view,
    65_536,
    [
      [2 * unit, USED],
      [8 * unit, FREE],
      [5 * unit, 0],
    ],
    word,
  );
  const [a = 0, free = 0, b = 0] = first;
  const [c = 0] = second;
  const blocks = [
    [a, 4 * unit - word],
    [b, 1],
    [c, 0],
  ] as const;
  const check = (tracked: readonly (readonly [number, number])[], isCertain = true) =>
    verify(new HeapMemory(memory, bits), contentsOf(tracked), isCertain, unasked);

  it('is verified when the tracked blocks are those in use', () => {
    const bytes = (4 + 3 + 3 + 2) * unit;
    expect(check(blocks)).toEqual({
      verified: true,
      verifiedBy: 'heap-walk',
      comparison: {
        trackedBytes: bytes,
        allocatorBytes: bytes,
        untrackedBlocks: 0,
        unallocatedBlocks: 0,
      },
    });
  });

  it('is not when a block in use was not tracked', () => {
    expect(check([blocks[0], blocks[2]])).toMatchObject({
      verified: false,
      comparison: { untrackedBlocks: 1, unallocatedBlocks: 0 },
    });
  });

  it('is not when a tracked block was released, or lies in the middle of another', () => {
    for (const wrong of [free, a + unit]) {
      expect(check([...blocks, [wrong, 1]])).toMatchObject({
        verified: false,
        comparison: { untrackedBlocks: 0, unallocatedBlocks: 1 },
      });
    }
  });

  it('proves nothing by a difference where the allocator may be another', () => {
    expect(check(blocks, false).verified).toBe(true);
    expect(check([blocks[0], blocks[2]], false)).toEqual(UNVERIFIED);
  });

  it('is not dlmalloc’s where no sizes stand before the blocks', () => {
    expect(check([[a, 4 * unit]])).toEqual(UNVERIFIED);
    expect(check([[a + word, 1]], false)).toEqual(UNVERIFIED);
    expect(check([[memory.buffer.byteLength + 8, 1]])).toEqual(UNVERIFIED);
    expect(check([])).toEqual(UNVERIFIED);
  });
});

describe('the heap of GEGL', () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  it('is verified block by block, and every block that is missing is noticed', async () => {
    const tracking = new MemoryProfiler().instrument({ trackAllocations: 'counts' });
    cleanups.push(() => tracking.stop());
    const engine = await startEngine();
    engine.createGraph().createNode('gegl:gaussian-blur');
    const heap = trackedHeaps().at(-1);
    if (!heap?.memory) throw new Error('There is no tracked heap.');
    const memory = new HeapMemory(heap.memory, 32);
    const live = new HeapContents(heap.tracker);
    const whole = verify(memory, live, true, () => bytesInUse(engine));
    expect(whole).toMatchObject({ verified: true, verifiedBy: 'mallinfo' });
    expect(live.addresses.length).toBeGreaterThan(5_000);
    for (const missing of [1, Math.floor(live.addresses.length / 2), live.addresses.length - 1]) {
      const blocks = live.addresses.map((address, at) => [address, live.sizes[at] ?? 0] as const);
      blocks.splice(missing, 1);
      expect(verify(memory, contentsOf(blocks), true, unasked)).toMatchObject({
        verified: false,
        comparison: { untrackedBlocks: 1, unallocatedBlocks: 0 },
      });
    }
  });
});

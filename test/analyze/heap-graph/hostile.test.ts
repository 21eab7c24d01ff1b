// Heaps that nobody meant to be: the graph is right all the same, or the image is refused with a reason.

import { describe, expect, it } from 'vitest';
import {
  buildHeapGraph,
  type HeapImage,
  HeapImageError,
  INTERIOR,
  retainerPath,
  startKernel,
  unreachable,
  WEAK,
} from '../../../src/analyze/heap-graph/index.ts';
import { runAtOnce, runInTasks } from '../../../src/slices.ts';
import { buildImage, linked, packed } from './build-image.ts';
import { naiveEdges } from './naive.ts';

const build = (image: HeapImage) => runAtOnce(buildHeapGraph(image));
const everything = [{ name: 'everything', from: 0, to: Number.MAX_SAFE_INTEGER }];

describe('images', () => {
  it('may be empty', () => {
    const graph = build({ ...buildImage({ blocks: [] }), memory: new Uint8Array() });
    expect(graph.edges.targets.length).toBe(0);
    expect(graph.retained[graph.topNode]).toBe(0);
  });

  it('may end within a word', () => {
    const image = buildImage({
      blocks: [{ address: 64, size: 4000 }],
      writes: [
        [64, 64],
        [1020, 64],
      ],
      roots: [{ name: 'all', from: 0, to: 5000 }],
    });
    const graph = build({ ...image, memory: image.memory.slice(0, 1022) });
    // The second word is cut off; the first is seen in the block and in the root.
    expect(graph.edges.targets.length).toBe(2);
    expect(build({ ...image, memory: image.memory.slice(0, 1024) }).edges.targets.length).toBe(4);
  });

  it('may start at any byte of their buffer', () => {
    const image = linked({ count: 3, edges: [[0, 1]], roots: [0] });
    const moved = new Uint8Array(image.memory.length + 1);
    moved.set(image.memory, 1);
    const graph = build({ ...image, memory: moved.subarray(1) });
    expect([...graph.reachable]).toEqual([1, 1, 0]);
  });

  it('may have blocks and roots behind the end of the memory', () => {
    const graph = build(
      buildImage({
        memoryBytes: 4096,
        blocks: [
          { address: 4088, size: 64 },
          { address: 2 ** 32 - 16, size: 64 },
        ],
        writes: [
          [0, 2 ** 32 - 1],
          [4088, 4088],
        ],
        roots: [...everything, { name: 'nowhere', from: 2 ** 31, to: 2 ** 32 }],
        pointers: [{ kind: 'handle', name: 'far', address: Number.MAX_SAFE_INTEGER }],
      }),
    );
    expect([...graph.reachable]).toEqual([1, 1]);
  });

  it('may have ranges that overlap, are empty, or end before they start', () => {
    const image = linked({ count: 2, edges: [[0, 1]], roots: [0] });
    const graph = build({
      ...image,
      roots: [
        { name: 'a', from: 0, to: 128, offset: 0 },
        { name: 'b', from: 0, to: 64, offset: 0 },
        { name: 'empty', from: 0, to: 0, offset: 0 },
        { name: 'backwards', from: 64, to: 0, offset: 64 },
      ],
    });
    expect(graph.edges.targets.length).toBe(3);
    // Two hold it, so that neither does alone.
    expect([...graph.retained.subarray(0, 7)]).toEqual([128, 64, 0, 0, 0, 0, 0]);
    expect(graph.retained[graph.topNode]).toBe(128);
  });

  it('may have blocks of no bytes, which are held like others', () => {
    const graph = build(
      buildImage({
        blocks: [
          { address: 1024, size: 0 },
          { address: 1032, size: 0 },
          { address: 1040, size: 16 },
        ],
        writes: [
          [0, 1024],
          [4, 1040],
        ],
        roots: [{ name: 'static data', from: 0, to: 64 }],
      }),
    );
    expect([...graph.reachable]).toEqual([1, 0, 1]);
  });

  it('may hold pointers to the last byte of a block, and behind it', () => {
    const held = (address: number) =>
      build(
        buildImage({
          blocks: [{ address: 1024, size: 100 }],
          writes: [[0, address]],
          roots: [{ name: 'static data', from: 0, to: 64 }],
        }),
      ).reachable[0];
    expect([1023, 1024, 1123, 1124].map(held)).toEqual([0, 1, 1, 0]);
  });

  it('may have 64-bit words with rubbish in their upper half', () => {
    const held = (value: number) =>
      build(
        buildImage({
          pointerBits: 64,
          blocks: [{ address: 1024, size: 100 }],
          writes: [[8, value]],
          roots: [{ name: 'static data', from: 0, to: 64 }],
        }),
      ).reachable[0];
    expect([1024, 2 ** 32 + 1024, 2 ** 52 + 1024].map(held)).toEqual([1, 0, 0]);
  });

  it('may have blocks above 4 GiB', () => {
    const graph = build(
      buildImage({
        pointerBits: 64,
        blocks: [
          { address: 1024, size: 100 },
          { address: 5 * 2 ** 32 + 1024, size: 100 },
        ],
        writes: [[8, 5 * 2 ** 32 + 1032]],
        roots: [{ name: 'static data', from: 0, to: 64 }],
      }),
    );
    expect([...graph.reachable]).toEqual([0, 1]);
  });

  it('may have many tiny blocks in one place and one far away', () => {
    const tiny = Array.from({ length: 5000 }, (_, place) => ({
      address: 1024 + 8 * place,
      size: 8,
    }));
    const graph = build(
      buildImage({
        blocks: [...tiny, { address: 2 ** 31, size: 8 }],
        writes: tiny
          .slice(0, 1000)
          .map(({ address }, place) => [address, 1024 + 8 * (4999 - place)]),
        pointers: [{ kind: 'handle', name: 'all', address: 1024 + 8 * 17 }],
      }),
    );
    const reached = [...graph.reachable.keys()].filter((block) => graph.reachable[block]);
    expect(reached).toEqual([17, 4982]);
  });

  it.each([32, 64] as const)(
    'may have blocks and roots of many windows of the scan, with %i bits',
    (pointerBits) => {
      const sizes = [131_072, 131_068, 5, 300_001, 64, 262_144, 131_072];
      const blocks = sizes.map((size, block) => ({
        // Two overlap, and one is far away.
        address:
          1024 + 8 * Math.floor(sizes.slice(0, block).reduce((sum, other) => sum + other, 0) / 9),
        size,
        opaque: block === 5,
      }));
      const places = Array.from({ length: 4000 }, (_, place) => (place * 7919 * 8) % 1_000_000);
      const image = buildImage({
        pointerBits,
        memoryBytes: 2 ** 20,
        blocks,
        writes: places.map((at, place) => [at, (place * 104_729) % 900_000]),
        roots: [{ name: 'all', from: 12, to: 2 ** 20 }],
        words: [...new Set(places.slice(0, 500))].map((address) => ({ address, weak: true })),
      });
      const { offsets, targets, flags } = build(image).edges;
      const found = Array.from(targets, (target, edge) => [
        offsets.findLastIndex((first) => first <= edge),
        target,
        flags[edge],
      ]);
      const expected = naiveEdges(image);
      expect(new Set(expected.map((edge) => edge.flags & WEAK)).size).toBe(2);
      expect(found).toEqual(expected.map(({ source, target, flags }) => [source, target, flags]));
      const lean = build(packed(image)).edges;
      expect([lean.offsets, lean.targets, lean.flags]).toEqual([offsets, targets, flags]);
    },
  );

  it('may have more than 2 GiB', () => {
    const far = 2 ** 31 + 4096;
    const image = buildImage({
      blocks: [
        { address: 1024, size: 64 },
        { address: far, size: 64 },
        { address: far + 128, size: 64 },
      ],
    });
    const memory = new Uint8Array(2 ** 31 + 65_536);
    const words = new DataView(memory.buffer);
    words.setUint32(1024, far + 16, true);
    words.setUint32(far + 8, far + 128, true);
    const graph = build({
      ...image,
      memory,
      pointers: [{ kind: 'global', name: 'first', address: 1024 }],
    });
    expect([...graph.edges.targets]).toEqual([1, 2, 0]);
    expect([...graph.edges.flags]).toEqual([INTERIOR, 0, 0]);
    expect([...graph.reachable]).toEqual([1, 1, 1]);
  });

  it('are refused where no memory is left', () => {
    expect(() => startKernel(2 ** 40)).toThrow(expect.objectContaining({ code: 'HEAP_KERNEL' }));
  });

  it.each([
    ['addresses fall', { addresses: new Float64Array([64, 32]) }],
    ['addresses are no numbers', { addresses: new Float64Array([32, Number.NaN]) }],
    ['sizes are negative', { sizes: new Float64Array([8, -8]) }],
    ['a column is short', { sites: new Uint32Array(1) }],
  ])('are refused where %s', (_, wrong) => {
    const blocks = [
      { address: 32, size: 8 },
      { address: 64, size: 8 },
    ];
    const image = buildImage({ blocks });
    const refused = () => build({ ...image, blocks: { ...image.blocks, ...wrong } });
    expect(refused).toThrow(HeapImageError);
    expect(refused).toThrow(expect.objectContaining({ code: 'HEAP_IMAGE' }));
  });
});

describe('a chain of a million blocks', () => {
  const count = 1_000_000;
  const addressOf = (block: number) => 1024 + 16 * block;
  const column = new Uint32Array(count);
  const blocks = {
    addresses: new Float64Array(count),
    sizes: new Float64Array(count).fill(16),
    ...{ sites: column, scopes: column, sequences: column, labels: column },
    scanned: new Float64Array(count).fill(16),
    offsets: new Float64Array(count),
  };
  /** Each block leads to the next, the last to none. */
  const links = new Uint32Array(addressOf(count) / 4);
  for (let block = 0; block < count; block++) {
    blocks.addresses[block] = addressOf(block);
    blocks.offsets[block] = addressOf(block);
    if (block + 1 < count) links[addressOf(block) / 4] = addressOf(block + 1);
  }
  const empty = buildImage({
    blocks: [],
    roots: [{ name: 'static data', from: 0, to: 64 }],
  });
  const chain = (roots: readonly number[], last: number): HeapImage => {
    const words = links.slice();
    words.set(roots.map(addressOf));
    if (last >= 0) words[addressOf(count - 1) / 4] = addressOf(last);
    return { ...empty, memory: new Uint8Array(words.buffer), blocks };
  };

  it('is walked without recursion', () => {
    const image = chain([0], -1);
    const graph = build(image);
    expect(graph.retained[0]).toBe(16 * count);
    expect(graph.retained[count - 1]).toBe(16);
    expect(retainerPath(graph, image, count - 1).length).toBe(count + 1);
  });

  it('may close to a cycle, entered in the middle, or by nobody', () => {
    const held = build(chain([count / 2], 0));
    expect(held.retained[count / 2]).toBe(16 * count);
    expect(held.dominators[0]).toBe(count - 1);
    const image = chain([], 0);
    const lost = build(image);
    expect([...lost.heads]).toEqual([0]);
    expect(unreachable(lost, image)).toMatchObject([
      { bytes: 16 * count, retainedBytes: 16 * count },
    ]);
  });

  it('may be many blocks that each nobody holds', () => {
    expect(build({ ...empty, blocks }).heads.length).toBe(count);
  });

  it('may be in a table, too, that holds each block, as the chain does', {
    timeout: 20_000,
  }, () => {
    // Up from each of its data, a step at a time, there would be as many steps as the square of their number.
    const length = 200_000;
    const table = 2 * length;
    const tableAt = addressOf(table);
    const words = new Uint32Array(tableAt / 4 + length);
    words.set([tableAt, addressOf(0)]);
    for (let item = 0; item < length; item++) {
      const at = addressOf(2 * item) / 4;
      words[at] = addressOf(2 * item + 1);
      words[at + 1] = addressOf(2 * item + 2);
      words[tableAt / 4 + item] = addressOf(2 * item + 1);
    }
    words[addressOf(table - 2) / 4 + 1] = 0;
    const firstOnes = Object.entries(blocks).map(
      ([name, values]) => [name, values.slice(0, table + 1)] as const,
    );
    const sizes = blocks.sizes.slice(0, table + 1);
    sizes[table] = 4 * length;
    const graph = build({
      ...empty,
      memory: new Uint8Array(words.buffer),
      blocks: { ...blocks, ...Object.fromEntries(firstOnes), sizes, scanned: sizes },
    });
    const root = graph.blockCount;
    for (let item = 0; item < length; item += 999) {
      expect(graph.dominators[2 * item + 1]).toBe(root);
      expect(graph.retained[2 * item]).toBe(16 * (length - item));
    }
    expect(graph.retained[table]).toBe(4 * length);
  });

  it('is analyzed in slices', async () => {
    const image = chain([0, 1, 2], 0);
    let pauses = 0;
    const steps: number[] = [];
    const timed = function* () {
      for (const work = buildHeapGraph(image); ; ) {
        const start = performance.now();
        const step = work.next();
        steps.push(performance.now() - start);
        if (step.done) return step.value;
        yield;
      }
    };
    const graph = await runInTasks(timed(), () => {
      pauses++;
      return true;
    });
    if (!graph) throw new Error('It was given up.');
    expect(graph.retained[graph.topNode]).toBe(16 * count);
    expect(pauses).toBeGreaterThan(5);
    // A busy machine stops a few of them for longer; none of them is what it takes as a whole.
    const sorted = steps.sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(30);
  });
});

// The graph agrees with plain references on random heaps, and says what a reader would say of small ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ambiguousShare,
  buildHeapGraph,
  edgeAddress,
  groupUnreachable,
  type HeapGraph,
  type HeapImage,
  NONE,
  retainerPath,
  unreachable,
} from '../../../src/analyze/heap-graph/index.ts';
import { runAtOnce } from '../../../src/slices.ts';
import { type BlockInit, buildImage, linked, packed } from './build-image.ts';
import {
  countingLinks,
  dominatedBy,
  type NaiveEdge,
  naiveEdges,
  reachedFrom,
  strongLinks,
} from './naive.ts';

const build = (image: HeapImage) => runAtOnce(buildHeapGraph(image));

function edgesOf(graph: HeapGraph, image: HeapImage): NaiveEdge[] {
  const { offsets, targets, flags } = graph.edges;
  return Array.from({ length: graph.unreachableNode }, (_, source) =>
    Array.from({ length: (offsets[source + 1] ?? 0) - (offsets[source] ?? 0) }, (_, place) => {
      const edge = (offsets[source] ?? 0) + place;
      const address = edgeAddress(graph, image, source, edge);
      return { source, target: targets[edge] ?? NONE, address, flags: flags[edge] ?? 0 };
    }),
  ).flat();
}

/** Heaps of up to 14 blocks with gaps; words hold addresses in or near blocks, numbers and rubbish. */
const heaps = fc
  .record({
    pointerBits: fc.constantFrom(32 as const, 64 as const),
    shapes: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 8, 24),
        size: fc.oneof(fc.nat(70), fc.constantFrom(0, 4, 8, 16)),
        isPixels: fc.nat(9).map((number) => number === 0),
      }),
      { maxLength: 14 },
    ),
    words: fc.array(
      fc.record({
        place: fc.nat(1000),
        block: fc.nat(13),
        offset: fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 75 })),
      }),
      { maxLength: 60 },
    ),
    // Malloc's, and what no malloc hands out.
    alignment: fc.constantFrom(8, 8, 4, 2, 1),
    rubbish: fc.array(fc.tuple(fc.nat(1000), fc.nat(2 ** 32 - 1)), { maxLength: 10 }),
    weak: fc.array(fc.nat(1000), { maxLength: 5 }),
    handles: fc.array(fc.tuple(fc.nat(13), fc.constantFrom(0, 0, 0, 3, 20)), { maxLength: 3 }),
    roots: fc.array(fc.tuple(fc.nat(1100), fc.nat(1100)), { maxLength: 2 }),
  })
  .map(({ pointerBits, alignment, shapes, words, rubbish, weak, handles, roots }) => {
    const blocks: BlockInit[] = [];
    let end = 128;
    for (const { gap, size, isPixels } of shapes) {
      const address = Math.ceil((end + gap) / alignment) * alignment;
      blocks.push({ address, size, opaque: isPixels });
      // Blocks of no bytes have an address of their own, too.
      end = address + Math.max(8, size);
    }
    const wordBytes = pointerBits / 8;
    const memoryBytes = Math.ceil(end / 8) * 8;
    const wordAt = (place: number) => (place % (memoryBytes / wordBytes)) * wordBytes;
    const addressIn = (block: number) => blocks[block % Math.max(1, blocks.length)]?.address ?? 0;
    return buildImage({
      pointerBits,
      memoryBytes,
      blocks,
      writes: [
        ...rubbish.map(([place, value]) => [wordAt(place), value] as const),
        ...words.map(
          ({ place, block, offset }) =>
            [wordAt(place), Math.max(0, addressIn(block) + offset)] as const,
        ),
      ],
      roots: [
        { name: 'static data', from: 0, to: 64 },
        ...roots.map(([from, to], place) => ({ name: `range ${place}`, from, to })),
      ],
      pointers: handles.map(([block, offset], place) => ({
        kind: 'handle' as const,
        name: `handle ${place}`,
        address: addressIn(block) + offset,
      })),
      words: [...new Set(weak.map(wordAt))].map((address) => ({ address, weak: true })),
    });
  });

describe('on random heaps', () => {
  const always = (check: (image: HeapImage, graph: HeapGraph) => void, numRuns = 500) =>
    fc.assert(
      fc.property(heaps, (image) => check(image, build(image))),
      { numRuns },
    );

  it('finds the edges that a word-by-word reading finds', () => {
    always((image, graph) => {
      expect(edgesOf(graph, image)).toEqual(naiveEdges(image));
    });
  });

  it('finds the same where the memory holds no more than what is scanned', () => {
    always((image) => {
      const lean = packed(image);
      expect(edgesOf(build(lean), lean)).toEqual(naiveEdges(image));
    });
  });

  it('calls reachable what roots and pointers reach by strong edges', () => {
    always((image, graph) => {
      const sources = Array.from(
        { length: graph.rootCount + graph.pointerCount },
        (_, place) => graph.blockCount + place,
      );
      const reached = reachedFrom(sources, strongLinks(naiveEdges(image)));
      const expected = Array.from(graph.reachable, (_, block) => (reached.has(block) ? 1 : 0));
      expect([...graph.reachable]).toEqual(expected);
    });
  });

  it('has as few heads as can be, and they reach all that is unreachable', () => {
    always((image, graph) => {
      const edges = strongLinks(naiveEdges(image));
      const lost = [...graph.reachable.keys()].filter((block) => !graph.reachable[block]);
      const fromHeads = reachedFrom(graph.heads, edges);
      expect(lost.filter((block) => !fromHeads.has(block))).toEqual([]);
      for (const head of graph.heads) {
        expect(graph.reachable[head]).toBe(0);
        const others = [...graph.heads].filter((other) => other !== head);
        expect(reachedFrom(others, edges).has(head)).toBe(false);
        // Whoever reaches a head is in a cycle with it.
        for (const block of lost) {
          if (reachedFrom([block], edges).has(head)) {
            expect(reachedFrom([head], edges).has(block)).toBe(true);
          }
        }
      }
    });
  });

  it('finds dominators and retained sizes as removing each node shows them', () => {
    always((image, graph) => {
      const edges = countingLinks(graph, naiveEdges(image));
      for (let node = 0; node <= graph.topNode; node++) {
        const dominated = dominatedBy(graph, edges, node);
        const expected = [...dominated].reduce(
          (sum, block) => sum + (image.blocks.sizes[block] ?? 0),
          0,
        );
        expect(graph.retained[node]).toBe(expected);
        const inTree = [...graph.dominators.keys()].filter((other) => {
          let at = other;
          while (at !== node && at !== graph.topNode) at = graph.dominators[at] ?? NONE;
          return at === node;
        });
        expect(new Set(inTree)).toEqual(dominated);
      }
    }, 200);
  });

  it('leads to each block on a way that exists and is as short as can be', () => {
    always((image, graph) => {
      const edges = strongLinks(naiveEdges(image));
      const sources = new Set(
        Array.from(
          { length: graph.rootCount + graph.pointerCount },
          (_, place) => graph.blockCount + place,
        ),
      );
      let distance = 1;
      let ring: Set<number> = sources;
      const distances = new Map<number, number>();
      while (ring.size > 0) {
        for (const node of ring) distances.set(node, distance);
        const next = [...ring].flatMap((node) => [...(edges.get(node) ?? [])]);
        ring = new Set(next.filter((node) => !distances.has(node)));
        distance++;
      }
      for (let block = 0; block < graph.blockCount; block++) {
        const path = retainerPath(graph, image, block);
        const nodes = path.map(({ node }) => node);
        expect(nodes.at(-1)).toBe(block);
        if (graph.reachable[block]) expect(nodes.length).toBe(distances.get(block));
        else expect(nodes[0]).toBe(graph.unreachableNode);
        for (const [place, node] of nodes.entries()) {
          const before = nodes[place - 1];
          if (before === undefined) continue;
          if (before === graph.unreachableNode) expect([...graph.heads]).toContain(node);
          else expect(edges.get(before)?.has(node)).toBe(true);
        }
      }
    });
  });

  it('counts every unreachable block in one structure', () => {
    always((image, graph) => {
      const isLeftOut = (block: number) => block % 3 === 0;
      for (const options of [{}, { isLeftOut }]) {
        const counted = unreachable(graph, image, options).flatMap(({ blocks }) => blocks);
        const lost = [...graph.reachable.keys()].filter((block) => !graph.reachable[block]);
        const left = 'isLeftOut' in options ? lost.filter((block) => !isLeftOut(block)) : lost;
        expect(counted.sort((a, b) => a - b)).toEqual(left);
        const grouped = groupUnreachable(graph, image, options);
        const bytes = left.reduce((sum, block) => sum + (image.blocks.sizes[block] ?? 0), 0);
        expect(grouped.reduce((sum, group) => sum + group.bytes, 0)).toBe(bytes);
      }
    });
  });
});

describe('on small heaps', () => {
  it('counts interior and tagged pointers as ambiguous', () => {
    const image = buildImage({
      blocks: [{ address: 1024, size: 64 }],
      writes: [
        [0, 1024],
        [4, 1025],
        [8, 1087],
        [12, 1088],
      ],
      roots: [{ name: 'static data', from: 0, to: 64 }],
    });
    const graph = build(image);
    expect(graph.edges.targets.length).toBe(3);
    expect(ambiguousShare(graph)).toBeCloseTo(2 / 3);
    expect(ambiguousShare(build(buildImage({ blocks: [] })))).toBeNull();
  });

  it('does not let a weak word hold anything', () => {
    const init = {
      blocks: [{ address: 1024, size: 64 }],
      writes: [[8, 1024]] as const,
      roots: [{ name: 'static data', from: 0, to: 64 }],
    };
    const words = [{ address: 8, name: 'all buffers', weak: true }];
    expect([...build(buildImage(init)).reachable]).toEqual([1]);
    expect([...build(buildImage({ ...init, words })).reachable]).toEqual([0]);
  });

  it.each([0, 2 ** 31])(
    'holds no large block by a number that may be an address deep in it, but where it is known what it is (%i away)',
    (away) => {
      // Where blocks are few and far from each other, they are searched in another way.
      const far = away === 0 ? [] : [{ address: away, size: 16 }];
      const held = (offset: number, size: number, isKnown = false) => {
        const image = buildImage({
          blocks: [{ address: 8192, size }, ...far],
          writes: [[0, 8192 + offset]],
          roots: [{ name: 'static data', from: 0, to: 64 }],
        });
        if (isKnown) image.blocks.scanned[0] = 48;
        return build(image).reachable[0];
      };
      const offsets = [0, 4095, 4096, 131_063, 131_071];
      expect(offsets.map((offset) => held(offset, 131_072))).toEqual([1, 1, 0, 0, 0]);
      expect(offsets.map((offset) => held(offset, 131_072, true))).toEqual([1, 1, 1, 1, 1]);
      // A page of SQLite's has its header behind it.
      expect([0, 4096, 130_000].map((offset) => held(offset, 131_064))).toEqual([1, 1, 1]);
    },
  );

  it('does not read opaque blocks', () => {
    const init = { address: 1024, size: 64 };
    const graph = (opaque: boolean) =>
      build(
        buildImage({
          blocks: [
            { ...init, opaque },
            { address: 2048, size: 8 },
          ],
          writes: [[1024, 2048]],
          pointers: [{ kind: 'global', name: '__data', address: 1024 }],
        }),
      );
    expect([...graph(false).reachable]).toEqual([1, 1]);
    expect([...graph(true).reachable]).toEqual([1, 0]);
  });

  it('names the steps of a retainer path', () => {
    const image = buildImage({
      blocks: [
        { address: 1024, size: 64, label: 'GeglNode' },
        { address: 2048, size: 64, stack: ['gegl_node_new', 'main'] },
        { address: 4096, size: 24 },
      ],
      writes: [
        [1024 + 16, 2048],
        [2048 + 8, 4096 + 16],
      ],
      pointers: [{ kind: 'handle', name: 'GeglNode #1', address: 1024 }],
      words: [{ address: 1024 + 16, name: 'operation' }],
    });
    const steps = retainerPath(build(image), image, 2);
    expect(
      steps.map(({ kind, name, edge, isAmbiguous }) => [kind, edge, name, isAmbiguous]),
    ).toEqual([
      ['handle', '', 'GeglNode #1', false],
      ['block', '', 'GeglNode', false],
      ['block', 'operation', 'gegl_node_new', false],
      ['block', '+8 (interior)', 'block 24 B', true],
    ]);
  });

  it('names a cycle by the block that has a label', () => {
    const image = linked({
      count: 4,
      edges: [
        [0, 1],
        [1, 2],
        [2, 0],
        [2, 3],
      ],
      roots: [],
      labels: [undefined, undefined, 'GeglBuffer'],
    });
    const graph = build(image);
    expect([...graph.heads]).toEqual([2]);
    expect(groupUnreachable(graph, image)).toMatchObject([
      { type: 'GeglBuffer', stack: null, blocks: 4, bytes: 256, retainedBytes: 256 },
    ]);
  });

  it('leaves a baseline out, and names by themselves what hangs on it', () => {
    const image = linked({
      count: 3,
      edges: [
        [0, 1],
        [1, 2],
      ],
      roots: [],
    });
    const graph = build(image);
    expect(unreachable(graph, image)).toMatchObject([{ head: 0, blocks: [0, 1, 2] }]);
    const isLeftOut = (block: number) => block === 0;
    expect(unreachable(graph, image, { isLeftOut })).toMatchObject([
      { head: 1, blocks: [1, 2], bytes: 128, retainedBytes: 128 },
    ]);
  });

  it('does not let what is unreachable change who holds what is reachable', () => {
    // 0 is held by static data and holds 1, to which the unreachable 2 points, too.
    const image = linked({
      count: 3,
      edges: [
        [0, 1],
        [2, 1],
      ],
      roots: [0],
    });
    const graph = build(image);
    expect([...graph.retained.subarray(0, 3)]).toEqual([128, 64, 64]);
    expect([...graph.heads]).toEqual([2]);
  });
});

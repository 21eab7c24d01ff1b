// The `.heapsnapshot` text, read by memlab's own parser, says what the graph says.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analysis, config, type IHeapNode, type IHeapSnapshot, utils } from '@memlab/core';
import { describe, expect, it } from 'vitest';
import { makeHeap } from '../../bench/heap-graph/synthetic-heap.ts';
import {
  buildHeapGraph,
  type HeapGraph,
  type HeapImage,
} from '../../src/analyze/heap-graph/index.ts';
import {
  formatHeapSnapshot,
  HeapSnapshotFileError,
  heapSnapshotPieces,
} from '../../src/present/formats/heapsnapshot.ts';
import { runAtOnce } from '../../src/slices.ts';
import { buildImage } from '../analyze/heap-graph/build-image.ts';

config.muteConsole = true;

async function readByMemlab(text: string): Promise<IHeapSnapshot> {
  const folder = await mkdtemp(join(tmpdir(), 'heapsnapshot-'));
  try {
    const file = join(folder, 'test.heapsnapshot');
    await writeFile(file, text);
    const snapshot = await utils.getSnapshotFromFile(file, { buildNodeIdIndex: true });
    // Paths, dominators and retained sizes, as `memlab analyze` has them.
    analysis.preparePathFinder(snapshot);
    return snapshot;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function nodesOf(snapshot: IHeapSnapshot): IHeapNode[] {
  const nodes: IHeapNode[] = [];
  snapshot.nodes.forEach((node) => {
    nodes.push(node);
  });
  return nodes;
}

const build = (image: HeapImage) => runAtOnce(buildHeapGraph(image));

/** GeglNode (a handle) -> operation -> tile data; a register that is weak; a lost pair, which points to what is held. */
const small = buildImage({
  blocks: [
    { address: 1024, size: 64, label: 'GeglNode', sequence: 10 },
    { address: 2048, size: 32, stack: ['gegl_operation_new', 'main'], sequence: 11 },
    { address: 4096, size: 4096, label: 'tile data', opaque: true, sequence: 12 },
    { address: 9000, size: 48, label: 'GeglBuffer', sequence: 20 },
    { address: 9064, size: 16, sequence: 21 },
  ],
  writes: [
    [1024 + 8, 2048],
    [2048 + 4, 4096 + 64],
    [128, 9000],
    [9000, 9064],
    [9004, 2048],
  ],
  roots: [{ name: 'static data', from: 0, to: 512 }],
  pointers: [{ kind: 'handle', name: 'GeglNode «été» \u{1f600}', address: 1024 }],
  words: [
    { address: 128, name: 'all buffers', weak: true },
    { address: 1032, name: 'operation' },
  ],
});

describe('memlab reads', () => {
  it('the nodes with their names, types, sizes and retained sizes', async () => {
    const snapshot = await readByMemlab(formatHeapSnapshot(small, build(small)));
    const rows = nodesOf(snapshot).map((node) => [
      node.type,
      node.name,
      node.self_size,
      node.retainedSize,
    ]);
    expect(rows).toEqual([
      ['synthetic', '', 0, 4256],
      ['synthetic', '(GC roots)', 0, 64],
      ['synthetic', '(unreachable)', 0, 64],
      ['native', 'static data', 0, 0],
      ['native', 'GeglNode «été» \u{1f600}', 0, 4192],
      ['object', 'GeglNode', 64, 4192],
      ['object', 'gegl_operation_new', 32, 4128],
      ['native', 'tile data', 4096, 4096],
      ['object', 'GeglBuffer', 48, 64],
      ['object', 'block 16 B', 16, 16],
    ]);
  });

  it('the edges, named by words where they are known', async () => {
    const snapshot = await readByMemlab(formatHeapSnapshot(small, build(small)));
    const edges: unknown[] = [];
    snapshot.edges.forEach(({ type, name_or_index, fromNode, toNode }) => {
      edges.push([fromNode.name, type, name_or_index, toNode.name]);
    });
    expect(edges.slice(4)).toEqual([
      ['(unreachable)', 'element', 1, 'GeglBuffer'],
      ['static data', 'weak', 'all buffers', 'GeglBuffer'],
      ['GeglNode «été» \u{1f600}', 'property', 'pointer', 'GeglNode'],
      ['GeglNode', 'property', 'operation', 'gegl_operation_new'],
      ['gegl_operation_new', 'internal', '+4 (interior)', 'tile data'],
      ['GeglBuffer', 'element', 0, 'block 16 B'],
      ['GeglBuffer', 'weak', '+4', 'gegl_operation_new'],
    ]);
  });

  it('the same retained size of every block of a larger heap', async () => {
    const image = makeHeap({ blocks: 20_000, far: 0.001, pointerBits: 32 });
    // Few pointers, so that some blocks hold others alone.
    const units = new Uint32Array(image.memory.buffer);
    for (let unit = 512 * 256; unit < units.length; unit++) if (unit % 16 !== 0) units[unit] = 0;
    const graph = build(image);
    const snapshot = await readByMemlab(formatHeapSnapshot(image, graph));
    const nodes = nodesOf(snapshot);
    const { edges, rootCount, pointerCount, blockCount, heads } = graph;
    expect(nodes.length).toBe(blockCount + rootCount + pointerCount + 3);
    expect(snapshot.edges.length).toBe(
      edges.targets.length + rootCount + pointerCount + heads.length + 2,
    );
    const inGraph = retainedSizes(graph);
    expect(inGraph.some((size, block) => size > (image.blocks.sizes[block] ?? 0))).toBe(true);
    expect(nodes.slice(-blockCount).map((node) => node.self_size)).toEqual([...image.blocks.sizes]);
    expect(nodes.slice(-blockCount).map((node) => node.retainedSize)).toEqual(inGraph);
    expect(nodes[2]?.retainedSize).toBe(graph.retained[graph.unreachableNode]);
  });
});

function retainedSizes({ retained, blockCount }: HeapGraph): number[] {
  return [...retained.subarray(0, blockCount)];
}

describe('the text', () => {
  it('is ASCII, whatever names hold, and JSON', () => {
    const text = formatHeapSnapshot(small, build(small));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
    expect(text).toMatch(/^[\x00-\x7f]*$/);
    expect(JSON.parse(text).strings).toContain('GeglNode «été» \u{1f600}');
  });

  it('is the same in pieces', () => {
    const graph = build(small);
    expect([...heapSnapshotPieces(small, graph)].join('')).toBe(formatHeapSnapshot(small, graph));
  });

  it('keeps the id of a block from one heap snapshot to the next', () => {
    const ids = (image: HeapImage) => {
      const { nodes, strings } = JSON.parse(formatHeapSnapshot(image, build(image)));
      const rows = Array.from({ length: nodes.length / 7 }, (_, place) => place * 7);
      return new Map(rows.map((row) => [strings[nodes[row + 1]], nodes[row + 2]]));
    };
    const later = buildImage({
      blocks: [
        { address: 512, size: 8, label: 'new', sequence: 30 },
        { address: 1024, size: 64, label: 'GeglNode', sequence: 10 },
      ],
    });
    expect(ids(later).get('GeglNode')).toBe(ids(small).get('GeglNode'));
    expect(ids(later).get('new')).not.toBe(ids(small).get('GeglNode'));
  });

  it('gives each node an id of its own where numbers of allocations are not known', () => {
    const { blocks } = small;
    const image = { ...small, blocks: { ...blocks, sequences: new Uint32Array(5) } };
    const { nodes } = JSON.parse(formatHeapSnapshot(image, build(image)));
    const ids = Array.from({ length: nodes.length / 7 }, (_, place) => nodes[place * 7 + 2]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is refused with a way out where it is longer than a string can be', () => {
    const refused = () => formatHeapSnapshot(small, build(small), 1000);
    expect(refused).toThrow(HeapSnapshotFileError);
    expect(refused).toThrow(expect.objectContaining({ code: 'HEAP_SNAPSHOT_TOO_LARGE' }));
    expect(refused).toThrow(/heapSnapshotPieces/);
  });
});

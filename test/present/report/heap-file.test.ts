// A .heapsnapshot file in the report says what the graph that it was written from says.

import { describe, expect, it } from 'vitest';
import { makeHeap } from '../../../bench/heap-graph/synthetic-heap.ts';
import { buildHeapGraph } from '../../../src/analyze/heap-graph/index.ts';
import { formatHeapSnapshot } from '../../../src/present/formats/heapsnapshot.ts';
import { heapNodeTable, heapTypeTable } from '../../../src/present/report/model/heap-file.ts';
import { readHeapFile } from '../../../src/present/report/write/heap-file.ts';
import { HeapFileError } from '../../../src/present/report/write/parse-heap-file.ts';
import { runAtOnce } from '../../../src/slices.ts';
import { buildImage } from '../../analyze/heap-graph/build-image.ts';

/** A handle holds a node, which holds an operation with pixels; a string stands alone; a pair is lost. */
const image = buildImage({
  blocks: [
    { address: 1024, size: 64, label: 'GeglNode', sequence: 1 },
    { address: 2048, size: 32, label: 'Operation', sequence: 2 },
    { address: 4096, size: 4096, label: 'tile data', opaque: true, sequence: 3 },
    { address: 9000, size: 48, label: 'GeglBuffer', sequence: 4 },
    { address: 9064, size: 16, label: 'tile data', opaque: true, sequence: 5 },
  ],
  writes: [
    [1024 + 8, 2048],
    [2048 + 4, 4096],
    [9000 + 4, 9064],
  ],
  words: [{ address: 1024 + 8, name: 'operation' }],
  pointers: [{ kind: 'handle', name: 'handle of blur', address: 1024 }],
});

describe('a .heapsnapshot file', () => {
  const file = readHeapFile(
    formatHeapSnapshot(image, runAtOnce(buildHeapGraph(image))),
    'heap.heapsnapshot',
  );

  it('has types with what they hold, those that lie in others counted once', () => {
    const types = heapTypeTable(file);
    const rows = Array.from({ length: types.rows }, (_, row) => [
      types.name(row),
      ...types.columns.map(({ values }) => values[row]),
    ]);
    expect(rows).toContainEqual(['GeglNode', 4192, 64, 1]);
    expect(rows).toContainEqual(['tile data', 4112, 4112, 2]);
    expect(rows).toContainEqual(['GeglBuffer', 64, 48, 1]);
    expect(file.bytes).toBe(4256);
  });

  it('tells who holds a node, back to the root', () => {
    const types = heapTypeTable(file);
    const type = Array.from({ length: types.rows }, (_, row) => row).find(
      (row) => types.name(row) === 'tile data',
    );
    const nodes = heapNodeTable(file, type ?? -1);
    expect(nodes.columns[0]?.values).toEqual(new Float64Array([4096, 16]));
    expect(nodes.details?.(0).map((step) => step.replace(/@\d+/, '@'))).toEqual([
      'tile data @, held by',
      'Operation @, as operation of',
      'GeglNode @, as pointer of',
      'handle of blur @',
    ]);
  });

  it('has the retained sizes of a big heap', () => {
    const big = makeHeap({ blocks: 3_000, far: 0.1, pointerBits: 32 });
    const graph = runAtOnce(buildHeapGraph(big));
    const read = readHeapFile(formatHeapSnapshot(big, graph), 'big');
    const expected = [...graph.retained.subarray(0, graph.blockCount)].sort((a, b) => b - a);
    const blocks = Array.from(read.nodes.retained).filter((_, row) => read.nodes.bytes[row] !== 0);
    expect(blocks).toEqual(expected.slice(0, blocks.length));
    expect(blocks.length).toBe(graph.blockCount);
  });

  it.each([
    ['', 'JSON'],
    ['[]', 'snapshot must be an object'],
    ['{"snapshot":{"meta":{}},"nodes":[1],"edges":[],"strings":[]}', 'node_fields'],
    [
      formatHeapSnapshot(image, runAtOnce(buildHeapGraph(image))).replace(
        /"edges":\[\d+,\d+,\d+/,
        '"edges":[1,1,8',
      ),
      'leads to no node',
    ],
  ])('is refused with the reason where it is broken (%#)', (text, why) => {
    expect(() => readHeapFile(text, 'x')).toThrow(HeapFileError);
    expect(() => readHeapFile(text, 'x')).toThrow(why);
  });
});

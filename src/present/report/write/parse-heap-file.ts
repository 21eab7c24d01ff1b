// A .heapsnapshot file as a graph: this project's files, and V8's own, which have the same form.

import type { HeapEdges } from '../../../analyze/heap-graph/graph-types.ts';
import { WEAK } from '../../../analyze/heap-graph/graph-types.ts';

export class HeapFileError extends Error {
  override readonly name = 'HeapFileError';
  readonly code = 'INVALID_HEAP_SNAPSHOT';

  constructor(why: string) {
    super(`This is no .heapsnapshot file: ${why}.`);
  }
}

/** Nodes in the file's order, but its first one, the root, is the last. */
export interface FileGraph {
  readonly nodeCount: number;
  readonly names: readonly string[];
  /** By node; places in `names`. */
  readonly name: Float64Array<ArrayBuffer>;
  readonly id: Float64Array<ArrayBuffer>;
  readonly bytes: Float64Array<ArrayBuffer>;
  readonly edges: HeapEdges;
  /** By edge: place in `names`; NaN where it has a number only. */
  readonly edgeName: Float64Array<ArrayBuffer>;
}

/** @throws HeapFileError */
export function parseHeapFile(text: string): FileGraph {
  const file = parseJson(text);
  const meta = members(members(file.snapshot, 'snapshot').meta, 'snapshot.meta');
  const nodes = numbers(file.nodes, 'nodes');
  const edges = numbers(file.edges, 'edges');
  const names = texts(file.strings, 'strings');
  const nodeFields = texts(meta.node_fields, 'node_fields');
  const edgeFields = texts(meta.edge_fields, 'edge_fields');
  const edgeTypes = texts(Array.isArray(meta.edge_types) ? meta.edge_types[0] : null, 'edge_types');
  const field = (name: string) => indexIn(nodeFields, name);
  const [nameAt, idAt, sizeAt, edgesAt] = [
    field('name'),
    field('id'),
    field('self_size'),
    field('edge_count'),
  ];
  const [typeAt, labelAt, targetAt] = ['type', 'name_or_index', 'to_node'].map((name) =>
    indexIn(edgeFields, name),
  );
  const width = nodeFields.length;
  const nodeCount = nodes.length / width;
  const edgeCount = edges.length / edgeFields.length;
  must(nodeCount >= 1 && Number.isInteger(nodeCount), 'its table of nodes is not whole');
  must(Number.isInteger(edgeCount), 'its table of edges is not whole');

  const placeOf = (node: number) => (node + 1) % nodeCount;
  const column = (at: number) => {
    const values = new Float64Array(nodeCount);
    for (let node = 0; node < nodeCount; node++)
      values[node] = nodes[placeOf(node) * width + at] ?? 0;
    return values;
  };
  const counts = column(edgesAt);
  const firstEdges = sumBefore(counts);
  const graph = {
    offsets: new Uint32Array(nodeCount + 1),
    targets: new Uint32Array(edgeCount),
    flags: new Uint8Array(edgeCount),
  };
  const edgeName = new Float64Array(edgeCount).fill(Number.NaN);
  const numbered = new Set(['element', 'hidden'].map((type) => edgeTypes.indexOf(type)));
  const weak = edgeTypes.indexOf('weak');
  let written = 0;
  for (let node = 0; node < nodeCount; node++) {
    const first = firstEdges[node] ?? 0;
    const end = first + (counts[node] ?? 0);
    must(end <= edgeCount, `node ${placeOf(node)} has edges beyond the table`);
    for (let edge = first; edge < end; edge++) {
      const row = edge * edgeFields.length;
      const place = (edges[row + (targetAt ?? 0)] ?? -1) / width;
      const isNode = Number.isInteger(place) && place >= 0 && place < nodeCount;
      must(isNode, `edge ${edge} leads to no node`);
      const type = edges[row + (typeAt ?? 0)] ?? 0;
      graph.targets[written] = (place + nodeCount - 1) % nodeCount;
      if (type === weak) graph.flags[written] = WEAK;
      if (!numbered.has(type)) edgeName[written] = edges[row + (labelAt ?? 0)] ?? Number.NaN;
      written++;
    }
    graph.offsets[node + 1] = written;
  }
  return {
    nodeCount,
    names,
    name: column(nameAt),
    id: column(idAt),
    bytes: column(sizeAt),
    edges: graph,
    edgeName,
  };
}

/** Where the edges of each node begin: those of the root stand first. */
function sumBefore(counts: Float64Array): Float64Array {
  const first = new Float64Array(counts.length);
  const root = counts.length - 1;
  let sum = counts[root] ?? 0;
  for (let node = 0; node < root; node++) {
    first[node] = sum;
    sum += counts[node] ?? 0;
  }
  return first;
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return members(JSON.parse(text), 'the file');
  } catch (error) {
    if (error instanceof HeapFileError) throw error;
    throw new HeapFileError(error instanceof Error ? error.message : String(error));
  }
}

function members(value: unknown, what: string): Readonly<Record<string, unknown>> {
  must(typeof value === 'object' && value !== null, `${what} must be an object`);
  return Object(value);
}

function numbers(value: unknown, what: string): readonly number[] {
  must(
    Array.isArray(value) && value.every((one) => typeof one === 'number'),
    `"${what}" must be a list of numbers`,
  );
  return value;
}

function texts(value: unknown, what: string): readonly string[] {
  must(
    Array.isArray(value) && value.every((one) => typeof one === 'string'),
    `"${what}" must be a list of texts`,
  );
  return value;
}

function indexIn(fields: readonly string[], name: string): number {
  const at = fields.indexOf(name);
  must(at >= 0, `it has no "${name}"`);
  return at;
}

function must(isRight: boolean, why: string): asserts isRight {
  if (!isRight) throw new HeapFileError(why);
}

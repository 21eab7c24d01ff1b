// A .heapsnapshot file as the report keeps it: its types, and the nodes that retain most, each with a shortest way
// from the root.

import { findDominators } from '../../../analyze/heap-graph/dominators.ts';
import { NONE } from '../../../analyze/heap-graph/graph-types.ts';
import { startKernel } from '../../../analyze/heap-graph/kernel/start.ts';
import { loadGraph, REACHED, UNMET } from '../../../analyze/heap-graph/loaded-graph.ts';
import { searchTogether } from '../../../analyze/heap-graph/reach.ts';
import { walkDominators } from '../../../analyze/heap-graph/walk-dominators.ts';
import { runAtOnce } from '../../../slices.ts';
import { toFigures } from '../data/column-codec.ts';
import type { HeapFile } from '../data/types.ts';
import { type FileGraph, parseHeapFile } from './parse-heap-file.ts';

/** Nodes in the report, beside those that their paths lead through. */
const LISTED = 20_000;
/** Of each type, however little they retain. */
const LISTED_OF_TYPE = 20;

/** @throws HeapFileError */
export function readHeapFile(text: string, title: string): HeapFile {
  const graph = parseHeapFile(text);
  const tree = runAtOnce(analyzeGraph(graph));
  const types = sumTypes(graph, tree);
  const listed = chooseNodes(graph, tree);
  const places = new Map(listed.map((node, place) => [node, place]));
  const names = new NameTable(graph.names);
  const column = (value: (node: number) => number | null) => toFigures(listed.map(value));
  return {
    title,
    nodeCount: graph.nodeCount,
    bytes: graph.bytes.reduce((sum, size) => sum + size, 0),
    types: {
      name: toFigures(types.map(({ name }) => names.place(name))),
      count: toFigures(types.map(({ count }) => count)),
      bytes: toFigures(types.map(({ bytes }) => bytes)),
      retained: toFigures(types.map(({ retained }) => retained)),
    },
    nodes: {
      name: column((node) => names.place(graph.name[node] ?? 0)),
      id: column((node) => graph.id[node] ?? 0),
      bytes: column((node) => graph.bytes[node] ?? 0),
      retained: column((node) => tree.retained[node] ?? 0),
      parent: column((node) => places.get(tree.parents[node] ?? NONE) ?? null),
      edge: column((node) => {
        const name = graph.edgeName[tree.parentEdges[node] ?? NONE] ?? Number.NaN;
        return Number.isNaN(name) ? null : names.place(name);
      }),
    },
    names: names.texts,
  };
}

interface Tree {
  /** By node: the one before on a shortest way from the root; NONE: no way leads there, or it is the root. */
  readonly parents: Uint32Array;
  readonly parentEdges: Uint32Array;
  readonly dominators: Uint32Array;
  readonly retained: Float64Array;
}

function* analyzeGraph({ nodeCount, bytes, edges }: FileGraph): Generator<void, Tree> {
  const root = nodeCount - 1;
  // To the algorithms the file's root is a range of roots, and nothing is unreachable.
  const numbering = {
    blockCount: root,
    rootCount: 1,
    pointerCount: 0,
    unreachableNode: nodeCount,
    topNode: nodeCount + 1,
  };
  const graph = yield* loadGraph(startKernel(0), edges, nodeCount + 2);
  graph.records[0] = root;
  yield* searchTogether(graph, 1, UNMET, REACHED, NONE);
  const ways = { parents: graph.parents.slice(), parentEdges: graph.parentEdges.slice() };
  return { ...ways, ...(yield* findDominators(graph, numbering, new Uint32Array(0), bytes)) };
}

interface TypeSum {
  readonly name: number;
  count: number;
  bytes: number;
  /** Of nodes that no other one of the type dominates. */
  retained: number;
}

/** Most retained bytes first. */
function sumTypes({ nodeCount, name, bytes }: FileGraph, tree: Tree): TypeSum[] {
  const sums = new Map<number, TypeSum>();
  /** Nodes of a type that dominate the one that is looked at. */
  const above = new Map<number, number>();
  const count = (type: number, change: number) => above.set(type, (above.get(type) ?? 0) + change);
  const isLost = (node: number) => node < nodeCount - 1 && tree.parents[node] === NONE;
  for (const step of walkDominators(tree.dominators, nodeCount, isLost)) {
    const node = step < 0 ? ~step : step;
    const type = name[node] ?? 0;
    if (step < 0) {
      count(type, -1);
      continue;
    }
    const sum = sums.get(type) ?? { name: type, count: 0, bytes: 0, retained: 0 };
    sums.set(type, sum);
    sum.count++;
    sum.bytes += bytes[node] ?? 0;
    if (!above.get(type)) sum.retained += tree.retained[node] ?? 0;
    count(type, 1);
  }
  return [...sums.values()].sort((a, b) => b.retained - a.retained);
}

/** Those that retain most, of all and of each type, with the ways to them; most first. */
function chooseNodes({ nodeCount, name }: FileGraph, { parents, retained }: Tree): number[] {
  const root = nodeCount - 1;
  const order = Array.from({ length: root }, (_, node) => node).sort(
    (a, b) => (retained[b] ?? 0) - (retained[a] ?? 0),
  );
  const chosen = new Set<number>();
  const ofType = new Map<number, number>();
  for (const [rank, node] of order.entries()) {
    const type = name[node] ?? 0;
    const known = ofType.get(type) ?? 0;
    if (parents[node] === NONE || (rank >= LISTED && known >= LISTED_OF_TYPE)) continue;
    ofType.set(type, known + 1);
    for (let at = node; at !== root && at !== NONE && !chosen.has(at); at = parents[at] ?? NONE) {
      chosen.add(at);
    }
  }
  return [...chosen].sort((a, b) => (retained[b] ?? 0) - (retained[a] ?? 0));
}

/** Those of the file's texts that are used. */
class NameTable {
  readonly texts: string[] = [];
  readonly #all: readonly string[];
  readonly #places = new Map<number, number>();

  constructor(all: readonly string[]) {
    this.#all = all;
  }

  place(name: number): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.texts.push(this.#all[name] ?? '') - 1;
    this.#places.set(name, place);
    return place;
  }
}

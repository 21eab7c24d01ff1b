// Breadth-first search over edges that are not weak.

import { type HeapEdges, NONE, WEAK } from './graph-types.ts';

/** Edges, or nodes without any, that are looked at between yields. */
const BUDGET = 1 << 17;

export interface Search {
  readonly edges: HeapEdges;
  /** By node: from where it was met first; NONE: it was not met yet. */
  readonly parents: Uint32Array<ArrayBuffer>;
  /** By node: the edge by which it was met. */
  readonly parentEdges: Uint32Array<ArrayBuffer>;
  /** Nodes that were met, in that order. */
  readonly queue: Uint32Array;
  length: number;
  /** Nodes of the queue that are done with. */
  done: number;
  budget: number;
}

export function newSearch(edges: HeapEdges, parents: Uint32Array<ArrayBuffer>): Search {
  return {
    edges,
    parents,
    parentEdges: new Uint32Array(parents.length).fill(NONE),
    queue: new Uint32Array(parents.length),
    length: 0,
    done: 0,
    budget: BUDGET,
  };
}

/** Starts from the node, too. */
export function meet(search: Search, node: number, parent: number): void {
  search.parents[node] = parent;
  search.queue[search.length++] = node;
}

/** Meets everything that is reached from what was met. */
export function* spread(search: Search): Generator<void> {
  const { offsets } = search.edges;
  while (search.done < search.length) {
    const node = search.queue[search.done++] ?? 0;
    const end = offsets[node + 1] ?? 0;
    for (let edge = offsets[node] ?? 0; edge < end; edge += BUDGET) {
      const stop = Math.min(end, edge + BUDGET);
      follow(search, node, edge, stop);
      search.budget -= stop - edge;
    }
    if (--search.budget > 0) continue;
    search.budget = BUDGET;
    yield;
  }
}

function follow(search: Search, node: number, from: number, to: number): void {
  const { edges, parents, parentEdges, queue } = search;
  const { targets, flags } = edges;
  let { length } = search;
  for (let edge = from; edge < to; edge++) {
    const target = targets[edge] ?? 0;
    if (parents[target] !== NONE || ((flags[edge] ?? 0) & WEAK) !== 0) continue;
    parents[target] = node;
    parentEdges[target] = edge;
    queue[length++] = target;
  }
  search.length = length;
}

// Breadth-first search over edges, of which weak ones lead nowhere: see weak-edges.ts.

import { type HeapEdges, NONE } from './graph-types.ts';
import { signed } from './signed.ts';

/** Edges, or nodes without any, that are looked at between yields. */
const BUDGET = 1 << 16;

export interface Search {
  readonly edges: HeapEdges;
  /** By block; 1: it was met. Bytes, as most edges only ask for them: they stay in the caches. */
  readonly met: Uint8Array<ArrayBuffer>;
  /** By node: from where it was met first. */
  readonly parents: Uint32Array<ArrayBuffer>;
  /** By node: the edge by which it was met. */
  readonly parentEdges: Uint32Array<ArrayBuffer>;
  /** Nodes that were met, in that order. */
  readonly queue: Int32Array;
  length: number;
  /** Nodes of the queue that are done with. */
  done: number;
  /** The next edge to follow of the first that is not; -1: its first. */
  edge: number;
  budget: number;
}

export function newSearch({ edges, met, parents, parentEdges }: Notes): Search {
  return {
    edges,
    met,
    parents,
    parentEdges,
    queue: new Int32Array(parents.length),
    length: 0,
    done: 0,
    edge: -1,
    budget: BUDGET,
  };
}

type Notes = Pick<Search, 'edges' | 'met' | 'parents' | 'parentEdges'>;

/** Starts from the node, too. */
export function meet(search: Search, node: number, parent: number): void {
  search.met[node] = 1;
  search.parents[node] = parent;
  search.parentEdges[node] = NONE;
  search.queue[search.length++] = node;
}

/** Meets everything that is reached from what was met. */
export function* spread(search: Search): Generator<void> {
  while (!spreadSome(search)) {
    search.budget = BUDGET;
    yield;
  }
}

/** Spreads until the budget is used up; true: nothing is left. */
function spreadSome(search: Search): boolean {
  const { edges, met, parents, parentEdges, queue } = search;
  const offsets = signed(edges.offsets);
  const targets = signed(edges.targets);
  let { length, done, edge, budget } = search;
  while (done < length && budget > 0) {
    const node = queue[done] ?? 0;
    const end = offsets[node + 1] ?? 0;
    if (edge < 0) edge = offsets[node] ?? 0;
    const stop = Math.min(end, edge + budget);
    budget -= stop - edge + 1;
    for (; edge < stop; edge++) {
      const target = targets[edge] ?? 0;
      if (met[target] !== 0) continue;
      met[target] = 1;
      parents[target] = node;
      parentEdges[target] = edge;
      queue[length++] = target;
    }
    if (edge < end) break;
    edge = -1;
    done++;
  }
  search.length = length;
  search.done = done;
  search.edge = edge;
  search.budget = budget;
  return done === length;
}

// Who dominates whom, and what each retains: by the kernel, but for the sums.

import { finish, LOST, type LoadedGraph, PLACED, REACHED } from './loaded-graph.ts';
import type { Numbering } from './numbering.ts';

export interface DominatorTree {
  /** By node; see HeapGraph. */
  readonly dominators: Uint32Array<ArrayBuffer>;
  readonly retained: Float64Array<ArrayBuffer>;
}

/** When `findReach()` has put the nodes into their states, or a search of its kind. */
export function* findDominators(
  graph: LoadedGraph,
  { blockCount, unreachableNode, topNode }: Numbering,
  heads: Uint32Array,
  sizes: Float64Array,
): Generator<void, DominatorTree> {
  const { kernel, waiting } = graph;
  const roots = unreachableNode - blockCount;
  // The last of them is first.
  for (let root = 0; root < roots; root++) waiting[root] = unreachableNode - 1 - root;
  kernel.call('startDescent', topNode, roots, REACHED, PLACED, 1);
  yield* finish(graph, 'descend');
  waiting.set(heads);
  kernel.call('startDescent', unreachableNode, heads.length, LOST, PLACED, 0);
  yield* finish(graph, 'descend');
  kernel.call('layLate');
  yield* finish(graph, 'collectLate');
  kernel.call('startDominators');
  yield* finish(graph, 'findSemidominators');
  yield* finish(graph, 'settle');
  return yield* sumUp(graph, sizes);
}

/** Retained sizes; dominators by node, not by place. */
function* sumUp(
  { kernel, nodes, queue, dominators: byPlace }: LoadedGraph,
  sizes: Float64Array,
): Generator<void, DominatorTree> {
  const dominators = new Uint32Array(nodes);
  const retained = new Float64Array(nodes);
  retained.set(sizes);
  dominators[queue[0] ?? 0] = queue[0] ?? 0;
  // A dominator has a lower place than what it dominates.
  for (let place = kernel.call('countPlaces') - 1; place > 0; place--) {
    const node = queue[place] ?? 0;
    const above = queue[byPlace[place] ?? 0] ?? 0;
    dominators[node] = above;
    retained[above] = (retained[above] ?? 0) + (retained[node] ?? 0);
    if ((place & 0xffff) === 0) yield;
  }
  return { dominators, retained };
}

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
  for (const isCounted of [0, 1]) {
    if (isCounted) kernel.call('layLate');
    kernel.call('startLate');
    yield* finish(graph, 'collectLate', isCounted);
  }
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
  const count = kernel.call('countPlaces');
  const dominators = new Uint32Array(nodes);
  const retained = new Float64Array(nodes);
  retained.set(sizes);
  // Summed up by place, as dominators are few, and their places low.
  const sums = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    sums[place] = sizes[queue[place] ?? 0] ?? 0;
    if ((place & 0x1ffff) === 0x1ffff) yield;
  }
  yield;
  for (let place = count - 1; place >= 0; place--) {
    const node = queue[place] ?? 0;
    const above = byPlace[place] ?? 0;
    const sum = sums[place] ?? 0;
    dominators[node] = queue[above] ?? 0;
    retained[node] = sum;
    // A dominator has a lower place than what it dominates; the top has itself.
    if (above < place) sums[above] = (sums[above] ?? 0) + sum;
    if ((place & 0xffff) === 0) yield;
  }
  return { dominators, retained };
}

// What roots and pointers reach, the heads of the rest, and the shortest way to each block.

import { NONE } from './graph-types.ts';
import {
  finish,
  LOST,
  type LoadedGraph,
  REACHED,
  TRIED,
  TRIED_AGAIN,
  UNMET,
} from './loaded-graph.ts';
import type { Numbering } from './numbering.ts';
import type { HeapImage } from './types.ts';

export interface Reach {
  readonly reachable: Uint8Array<ArrayBuffer>;
  readonly heads: Uint32Array<ArrayBuffer>;
  readonly parents: Uint32Array<ArrayBuffer>;
  readonly parentEdges: Uint32Array<ArrayBuffer>;
}

export function* findReach(
  graph: LoadedGraph,
  { blockCount, unreachableNode, topNode }: Numbering,
  labels: HeapImage['blocks']['labels'],
): Generator<void, Reach> {
  const { states, records, parents, parentEdges } = graph;
  for (let source = blockCount; source < unreachableNode; source++) {
    records[source - blockCount] = source;
  }
  yield* searchTogether(graph, unreachableNode - blockCount, UNMET, REACHED, topNode);
  const reachable = states.slice(0, blockCount);
  const heads = yield* findHeads(graph, labels);
  records.set(heads);
  // What was noted of them meanwhile is written over: each block is reached from a head.
  yield* searchTogether(graph, heads.length, TRIED_AGAIN, LOST, unreachableNode);
  parents[unreachableNode] = topNode;
  return { reachable, heads, parents: parents.slice(), parentEdges: parentEdges.slice() };
}

/** Searches from so many nodes that stand in `records`; what is in state `from` comes to state `to`. */
export function* searchTogether(
  graph: LoadedGraph,
  count: number,
  from: number,
  to: number,
  parent: number,
): Generator<void> {
  graph.kernel.call('startSearch', count, from, to, parent, 1);
  yield* finish(graph, 'search');
}

/**
 * Searches on from each block that was not met yet, in some order: all are reached from the blocks that were
 * started from. Of these, in the opposite order, the last was reached by none before; what it reaches needs
 * no head of its own; and so on with the others. (Kosaraju's argument for strongly connected components:
 * the last start of a search lies in a component that no other points into.)
 * Of a cycle, the block that came first in the order becomes the head, so those with a label come first.
 */
function* findHeads(
  graph: LoadedGraph,
  labels: HeapImage['blocks']['labels'],
): Generator<void, Uint32Array<ArrayBuffer>> {
  const { kernel, states, records } = graph;
  let count = 0;
  for (const wantsLabel of [true, false]) {
    for (let block = 0; block < labels.length; block++) {
      if (states[block] === UNMET && (labels[block] !== 0) === wantsLabel) records[count++] = block;
    }
    yield;
  }
  for (const state of [UNMET, TRIED]) {
    kernel.call('startSearch', count, state, state === UNMET ? TRIED : TRIED_AGAIN, NONE, 0);
    yield* finish(graph, 'search');
    count = kernel.call('countStarts');
    // The second search goes the other way.
    records.subarray(0, count).reverse();
    yield;
  }
  return new Uint32Array(records.subarray(0, count)).sort();
}

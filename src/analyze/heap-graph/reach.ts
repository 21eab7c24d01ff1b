// What roots and pointers reach, the heads of the rest, and the shortest way to each block.

import { type HeapEdges, NONE } from './graph-types.ts';
import type { Numbering } from './numbering.ts';
import { meet, newSearch, type Search, spread } from './search.ts';
import type { HeapImage } from './types.ts';

export interface Reach {
  readonly reachable: Uint8Array<ArrayBuffer>;
  readonly heads: Uint32Array<ArrayBuffer>;
  readonly parents: Uint32Array<ArrayBuffer>;
  readonly parentEdges: Uint32Array<ArrayBuffer>;
}

export function* findReach(
  edges: HeapEdges,
  { blockCount, unreachableNode, topNode }: Numbering,
  labels: HeapImage['blocks']['labels'],
): Generator<void, Reach> {
  const parents = new Uint32Array(topNode + 1).fill(NONE);
  const parentEdges = new Uint32Array(topNode + 1).fill(NONE);
  yield;
  const met = new Uint8Array(blockCount);
  const search = newSearch({ edges, met, parents, parentEdges });
  for (let source = blockCount; source < unreachableNode; source++) meet(search, source, topNode);
  yield* spread(search);
  parents[unreachableNode] = topNode;
  const reachable = met.slice();
  const heads = yield* findHeads(search, labels);
  // What they note is written over: each block is reached from a head.
  for (const head of heads) meet(search, head, unreachableNode);
  yield* spread(search);
  return { reachable, heads, parents, parentEdges };
}

/**
 * Searches on from each block that was not met yet, in some order: all are reached from the blocks that were
 * started from. Of these, in the opposite order, the last was reached by none before; what it reaches needs
 * no head of its own; and so on with the others. (Kosaraju's argument for strongly connected components:
 * the last start of a search lies in a component that no other points into.)
 * Of a cycle, the block that came first in the order becomes the head, so those with a label come first.
 */
function* findHeads(
  search: Search,
  labels: HeapImage['blocks']['labels'],
): Generator<void, Uint32Array<ArrayBuffer>> {
  const { met } = search;
  const starts: number[] = [];
  const first = newSearch({ ...search, met: met.slice() });
  yield;
  for (const wantsLabel of [true, false]) {
    for (let block = 0; block < met.length; block++) {
      if (first.met[block] !== 0 || (labels[block] !== 0) !== wantsLabel) continue;
      starts.push(block);
      meet(first, block, block);
      yield* spread(first);
    }
    yield;
  }
  const heads: number[] = [];
  const second = newSearch({ ...search, met: met.slice() });
  yield;
  for (const block of starts.reverse()) {
    if (second.met[block] !== 0) continue;
    heads.push(block);
    meet(second, block, block);
    yield* spread(second);
  }
  return new Uint32Array(heads).sort();
}

// A depth-first search from the top node, as dominators need it: nodes are renumbered by the order in which they
// are met ("places"; the top has place 0), and of the edges it keeps what says more than the tree does.

import { type HeapEdges, NONE, WEAK } from './graph-types.ts';
import type { Numbering } from './numbering.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 15;

export interface DepthFirst {
  /** By place: the node. Nodes that are not met have no place. */
  readonly order: Uint32Array;
  /** By place: the place of the node from where it was met. The top has itself. */
  readonly parents: Uint32Array;
  /** By place: the least place from where an edge leads there. */
  readonly least: Uint32Array;
  /**
   * The places from where edges lead to lower ones, by the node (not the place) that they lead to: those of
   * node n are `late.sources[late.offsets[n]]` and on to `late.offsets[n + 1]`. By node, as blocks mostly point
   * to their neighbours: it spares the caches.
   */
  readonly late: { readonly offsets: Uint32Array; readonly sources: Uint32Array };
}

interface Descent {
  readonly edges: HeapEdges;
  /** At twice the node: its place (NONE: not met yet), and then how many edges lead there from later places. */
  readonly met: Uint32Array;
  readonly order: Uint32Array;
  readonly parents: Uint32Array;
  /** By node: the least place from where an edge leads there. */
  readonly least: Uint32Array;
  /** By place: the next edge to follow. */
  readonly cursors: Uint32Array;
  length: number;
  /** Edges to places below this one do not count: what is unreachable doesn't hold what is reachable. */
  floor: number;
  budget: number;
}

export function* searchDepthFirst(
  edges: HeapEdges,
  { blockCount, unreachableNode, topNode }: Numbering,
  heads: Uint32Array,
): Generator<void, DepthFirst> {
  const count = topNode + 1;
  const descent: Descent = {
    edges,
    met: new Uint32Array(2 * count),
    order: new Uint32Array(count),
    parents: new Uint32Array(count),
    least: new Uint32Array(count),
    cursors: new Uint32Array(count),
    length: 0,
    floor: 0,
    budget: BUDGET,
  };
  for (let node = 0; node < count; node++) descent.met[2 * node] = NONE;
  yield;
  place(descent, topNode, 0);
  for (let source = blockCount; source < unreachableNode; source++) {
    place(descent, source, 0);
    yield* descend(descent);
  }
  const above = place(descent, unreachableNode, 0);
  descent.floor = above;
  for (const head of heads) {
    // No head is reached from another one, so that it has no place yet.
    place(descent, head, above);
    yield* descend(descent);
  }
  const { length, order, parents, least } = descent;
  const leastByPlace = new Uint32Array(length);
  for (let at = 0; at < length; at++) {
    leastByPlace[at] = least[order[at] ?? 0] ?? 0;
    if ((at & 0x1ffff) === 0x1ffff) yield;
  }
  yield;
  return {
    order: order.subarray(0, length),
    parents: parents.subarray(0, length),
    least: leastByPlace,
    late: yield* collectLate(descent, above),
  };
}

/** Gives a node the next place. */
function place(descent: Descent, node: number, parent: number): number {
  const { edges, met, order, parents, least, cursors } = descent;
  const at = descent.length++;
  met[2 * node] = at;
  order[at] = node;
  parents[at] = parent;
  least[node] = parent;
  cursors[at] = edges.offsets[node] ?? 0;
  return at;
}

/** Goes down from the node that was placed last, and back to it. */
function* descend(descent: Descent): Generator<void> {
  const bottom = descent.length - 1;
  let at = bottom;
  for (;;) {
    at = walk(descent, at, bottom);
    if (descent.budget > 0) return;
    descent.budget = BUDGET;
    yield;
  }
}

/** Walks until all below `bottom` is met, or the budget is used up; returns the place to go on from. */
function walk(descent: Descent, from: number, bottom: number): number {
  const { edges, met, order, parents, least, cursors, floor } = descent;
  const { offsets, targets, flags } = edges;
  let { length, budget } = descent;
  let at = from;
  let edge = cursors[at] ?? 0;
  let end = offsets[(order[at] ?? 0) + 1] ?? 0;
  while (budget > 0) {
    if (edge >= end) {
      if (at === bottom) break;
      budget--;
      at = parents[at] ?? 0;
      edge = cursors[at] ?? 0;
      end = offsets[(order[at] ?? 0) + 1] ?? 0;
      continue;
    }
    budget--;
    const target = targets[edge] ?? 0;
    const isWeak = ((flags[edge] ?? 0) & WEAK) !== 0;
    edge++;
    if (isWeak) continue;
    const there = met[2 * target] ?? 0;
    if (there === NONE) {
      cursors[at] = edge;
      met[2 * target] = length;
      order[length] = target;
      parents[length] = at;
      least[target] = at;
      at = length++;
      edge = offsets[target] ?? 0;
      end = offsets[target + 1] ?? 0;
    } else if (there > at) {
      if (at < (least[target] ?? 0)) least[target] = at;
    } else if (there < at && there >= floor) {
      met[2 * target + 1] = (met[2 * target + 1] ?? 0) + 1;
    }
  }
  cursors[at] = edge;
  descent.length = length;
  descent.budget = budget;
  return at;
}

interface Collection {
  readonly descent: Descent;
  /** The place of the unreachable node. */
  readonly above: number;
  readonly sources: Uint32Array;
  /** The node whose edges come next, and the first of these; -1: all of them. */
  node: number;
  edge: number;
}

/** The edges from higher places to lower ones, by target. */
function* collectLate(descent: Descent, above: number): Generator<void, DepthFirst['late']> {
  const { met, order } = descent;
  const nodes = order.length;
  const offsets = new Uint32Array(nodes + 1);
  for (let node = 0; node < nodes; node++) {
    const offset = offsets[node] ?? 0;
    offsets[node + 1] = offset + (met[2 * node + 1] ?? 0);
    // From here on: where the next one goes.
    met[2 * node + 1] = offset;
    if ((node & 0x1ffff) === 0x1ffff) yield;
  }
  const sources = new Uint32Array(offsets[nodes] ?? 0);
  yield;
  const collection = { descent, above, sources, node: 0, edge: -1 };
  while (!collectSome(collection)) yield;
  return { offsets, sources };
}

function collectSome(collection: Collection): boolean {
  const { descent, above, sources } = collection;
  const { edges, met } = descent;
  const { offsets, targets, flags } = edges;
  let budget = BUDGET;
  for (; collection.node + 1 < offsets.length; collection.node++) {
    if (budget <= 0) return false;
    const { node } = collection;
    const at = met[2 * node] ?? 0;
    const floor = at > above ? above : 0;
    const end = offsets[node + 1] ?? 0;
    let edge = collection.edge < 0 ? (offsets[node] ?? 0) : collection.edge;
    const stop = Math.min(end, edge + budget);
    budget -= stop - edge + 1;
    for (; edge < stop; edge++) {
      if (((flags[edge] ?? 0) & WEAK) !== 0) continue;
      const target = targets[edge] ?? 0;
      const there = met[2 * target] ?? 0;
      if (there >= at || there < floor) continue;
      const next = met[2 * target + 1] ?? 0;
      sources[next] = at;
      met[2 * target + 1] = next + 1;
    }
    collection.edge = edge < end ? edge : -1;
    if (edge < end) return false;
  }
  return true;
}

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

/**
 * What is noted of a node, side by side, as pointers lead to nodes that are in no cache: its place (NONE: not met
 * yet), how many edges lead there from later places, and the least place from where one does.
 */
const FIELDS = 4;
const LATE = 1;
const LEAST = 2;

interface Descent {
  readonly edges: HeapEdges;
  /** By node, `FIELDS` each. */
  readonly nodes: Uint32Array;
  readonly order: Uint32Array;
  readonly parents: Uint32Array;
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
    nodes: new Uint32Array(FIELDS * count),
    order: new Uint32Array(count),
    parents: new Uint32Array(count),
    cursors: new Uint32Array(count),
    length: 0,
    floor: 0,
    budget: BUDGET,
  };
  for (let node = 0; node < count; node++) descent.nodes[FIELDS * node] = NONE;
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
  const { length, nodes, order, parents } = descent;
  const least = new Uint32Array(length);
  for (let at = 0; at < length; at++) {
    least[at] = nodes[FIELDS * (order[at] ?? 0) + LEAST] ?? 0;
    if ((at & 0x1ffff) === 0x1ffff) yield;
  }
  yield;
  return {
    order: order.subarray(0, length),
    parents: parents.subarray(0, length),
    least,
    late: yield* collectLate(descent, above),
  };
}

/** Gives a node the next place. */
function place(descent: Descent, node: number, parent: number): number {
  const { edges, nodes, order, parents, cursors } = descent;
  const at = descent.length++;
  nodes[FIELDS * node] = at;
  nodes[FIELDS * node + LEAST] = parent;
  order[at] = node;
  parents[at] = parent;
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
  const { edges, nodes, order, parents, cursors, floor } = descent;
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
    const there = nodes[FIELDS * target] ?? 0;
    if (there === NONE) {
      cursors[at] = edge;
      nodes[FIELDS * target] = length;
      nodes[FIELDS * target + LEAST] = at;
      order[length] = target;
      parents[length] = at;
      at = length++;
      edge = offsets[target] ?? 0;
      end = offsets[target + 1] ?? 0;
    } else {
      const late = FIELDS * target + LATE;
      nodes[late] = (nodes[late] ?? 0) + isLate(there, at, floor);
      // So it is only where `there` comes later.
      if (at < (nodes[FIELDS * target + LEAST] ?? 0)) nodes[FIELDS * target + LEAST] = at;
    }
  }
  cursors[at] = edge;
  descent.length = length;
  descent.budget = budget;
  return at;
}

/**
 * 1 where a place is below `at`, and not below the floor; else 0. Without a branch, since which of two blocks comes
 * first is anybody's guess, and a wrong one waits for memory.
 */
function isLate(there: number, at: number, floor: number): number {
  return ((there - at) >>> 31) & ((floor - 1 - there) >>> 31);
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
  const { nodes, order } = descent;
  const count = order.length;
  const offsets = new Uint32Array(count + 1);
  for (let node = 0; node < count; node++) {
    const offset = offsets[node] ?? 0;
    const late = FIELDS * node + LATE;
    offsets[node + 1] = offset + (nodes[late] ?? 0);
    // From here on: where the next one goes.
    nodes[late] = offset;
    if ((node & 0x1ffff) === 0x1ffff) yield;
  }
  const total = offsets[count] ?? 0;
  // One more, for what is not late.
  const sources = new Uint32Array(total + 1);
  yield;
  const collection = { descent, above, sources, node: 0, edge: -1 };
  while (!collectSome(collection)) yield;
  return { offsets, sources: sources.subarray(0, total) };
}

function collectSome(collection: Collection): boolean {
  const { descent, above, sources } = collection;
  const { edges, nodes } = descent;
  const { offsets, targets, flags } = edges;
  const spare = sources.length - 1;
  let budget = BUDGET;
  for (; collection.node + 1 < offsets.length; collection.node++) {
    if (budget <= 0) return false;
    const { node } = collection;
    const at = nodes[FIELDS * node] ?? 0;
    const floor = at > above ? above : 0;
    const end = offsets[node + 1] ?? 0;
    let edge = collection.edge < 0 ? (offsets[node] ?? 0) : collection.edge;
    const stop = Math.min(end, edge + budget);
    budget -= stop - edge + 1;
    for (; edge < stop; edge++) {
      if (((flags[edge] ?? 0) & WEAK) !== 0) continue;
      const target = FIELDS * (targets[edge] ?? 0);
      const late = isLate(nodes[target] ?? 0, at, floor);
      const next = nodes[target + LATE] ?? 0;
      sources[spare ^ ((spare ^ next) & -late)] = at;
      nodes[target + LATE] = next + late;
    }
    collection.edge = edge < end ? edge : -1;
    if (edge < end) return false;
  }
  return true;
}

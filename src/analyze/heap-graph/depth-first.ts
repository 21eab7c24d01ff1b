// A depth-first search from the top node, as dominators need it: nodes are renumbered by the order in which they
// are met ("places"; the top has place 0), and of the edges it keeps what says more than the tree does.

import type { HeapEdges } from './graph-types.ts';
import type { Numbering } from './numbering.ts';
import { signed } from './signed.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 15;

export interface DepthFirst {
  /** By place: the node. Nodes that are not met have no place. */
  readonly order: Int32Array;
  /** By place: the place of the node from where it was met. The top has itself. */
  readonly parents: Int32Array;
  /** By place: the least place from where an edge leads there. */
  readonly least: Int32Array;
  /**
   * The places from where edges lead to lower ones, or back to themselves, by the node (not the place) that they lead to: those of
   * node n are `late.sources[late.offsets[n]]` and on to `late.offsets[n + 1]`. By node, as blocks mostly point
   * to their neighbours: it spares the caches.
   */
  readonly late: { readonly offsets: Int32Array; readonly sources: Int32Array };
}

/** In `met`: not yet; from a root; from a head of what is unreachable. */
const NOT = 0;
const REACHED = 1;
const LOST = 2;

interface Descent {
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  /** By node. Bytes, as most edges only ask for them: they stay in the caches. */
  readonly met: Uint8Array;
  /** By node: its place. */
  readonly places: Int32Array;
  /** By node: how many late edges lead there. */
  readonly lateCounts: Int32Array;
  /** By node: the least place from where an edge leads there. */
  readonly least: Int32Array;
  /** By place. */
  readonly order: Int32Array;
  readonly parents: Int32Array;
  /** By place: where its targets start in `waiting`. */
  readonly bases: Int32Array;
  /**
   * Targets that were not met when their source was, of all the places that are not done with. They are copied, so that
   * a source's edges are read but once: by the time the search comes back to them, they have left the caches.
   */
  readonly waiting: Int32Array;
  /** Targets that wait. */
  top: number;
  /** The edges of the last place that are still to be read. */
  edge: number;
  end: number;
  length: number;
  /** REACHED, and then LOST: what is unreachable doesn't hold what is reachable. */
  phase: number;
  budget: number;
}

export function* searchDepthFirst(
  edges: HeapEdges,
  { blockCount, unreachableNode, topNode }: Numbering,
  heads: Uint32Array,
): Generator<void, DepthFirst> {
  const count = topNode + 1;
  const descent: Descent = {
    offsets: signed(edges.offsets),
    targets: signed(edges.targets),
    met: new Uint8Array(count),
    places: new Int32Array(count),
    lateCounts: new Int32Array(count),
    least: new Int32Array(count),
    order: new Int32Array(count),
    parents: new Int32Array(count),
    bases: new Int32Array(count),
    // One more, for what does not wait.
    waiting: new Int32Array(edges.targets.length + 1),
    top: 0,
    edge: 0,
    end: 0,
    length: 0,
    phase: REACHED,
    budget: BUDGET,
  };
  place(descent, topNode, 0);
  for (let source = blockCount; source < unreachableNode; source++) {
    place(descent, source, 0);
    yield* descend(descent);
  }
  const above = place(descent, unreachableNode, 0);
  descent.phase = LOST;
  for (const head of heads) {
    // No head is reached from another one, so that it has no place yet.
    place(descent, head, above);
    yield* descend(descent);
  }
  const { length, order, parents } = descent;
  const least = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    least[at] = descent.least[order[at] ?? 0] ?? 0;
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

/** Gives a node the next place; its edges are to be read next. */
function place(descent: Descent, node: number, parent: number): number {
  const { offsets, met, places, least, order, parents, bases, phase } = descent;
  const at = descent.length++;
  met[node] = phase;
  places[node] = at;
  least[node] = parent;
  order[at] = node;
  parents[at] = parent;
  bases[at] = descent.top;
  descent.edge = offsets[node] ?? 0;
  // The last two nodes have none.
  descent.end = offsets[node + 1] ?? descent.edge;
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
  const { met, least, parents, bases, waiting } = descent;
  let at = from;
  while (descent.budget > 0) {
    if (descent.edge < descent.end) {
      readEdges(descent);
      continue;
    }
    const base = bases[at] ?? 0;
    let { top } = descent;
    let next = -1;
    while (top > base) {
      const target = waiting[--top] ?? 0;
      if (met[target] === NOT) {
        next = target;
        break;
      }
      // It was met from here on, so that it has a higher place.
      if (at < (least[target] ?? 0)) least[target] = at;
    }
    descent.budget -= descent.top - top + 1;
    descent.top = top;
    if (next >= 0) at = place(descent, next, at);
    else if (at === bottom) break;
    else at = parents[at] ?? 0;
  }
  return at;
}

/**
 * Reads edges of the place that was given last: what they lead to has a lower one, or none yet and waits. Without a
 * branch, since whether a block was met is anybody's guess, and a wrong one waits for memory.
 */
function readEdges(descent: Descent): void {
  const { targets, met, lateCounts, waiting, phase } = descent;
  let { edge, top } = descent;
  const stop = Math.min(descent.end, edge + descent.budget);
  descent.budget -= stop - edge;
  for (; edge < stop; edge++) {
    const target = targets[edge] ?? 0;
    const state = met[target] ?? 0;
    const late = ((state ^ phase) - 1) >>> 31;
    lateCounts[target] = (lateCounts[target] ?? 0) + late;
    waiting[top] = target;
    top += (state - 1) >>> 31;
  }
  descent.edge = edge;
  descent.top = top;
}

interface Collection {
  readonly descent: Descent;
  /** The place from which on all is unreachable. */
  readonly lost: number;
  /** At twice the number of a node: where its next source goes; and its place. */
  readonly ends: Int32Array;
  readonly sources: Int32Array;
  /** The node whose edges come next, and the first of these. */
  node: number;
  edge: number;
}

/** The edges from higher places to lower ones, by target. */
function* collectLate(descent: Descent, lost: number): Generator<void, DepthFirst['late']> {
  const { lateCounts } = descent;
  const count = lateCounts.length;
  const offsets = new Int32Array(count + 1);
  for (let node = 0; node < count; node++) {
    offsets[node + 1] = (offsets[node] ?? 0) + (lateCounts[node] ?? 0);
    if ((node & 0x1ffff) === 0x1ffff) yield;
  }
  const total = offsets[count] ?? 0;
  // One more, for what is not late.
  const sources = new Int32Array(total + 1);
  yield;
  const ends = new Int32Array(2 * count);
  for (let node = 0; node < count; node++) {
    ends[2 * node] = offsets[node] ?? 0;
    ends[2 * node + 1] = descent.places[node] ?? 0;
    if ((node & 0x1ffff) === 0x1ffff) yield;
  }
  const collection = { descent, lost, ends, sources, node: 0, edge: 0 };
  yield;
  while (!collectSome(collection)) yield;
  return { offsets, sources: sources.subarray(0, total) };
}

function collectSome(collection: Collection): boolean {
  const { descent, lost, ends, sources } = collection;
  const { offsets, targets } = descent;
  const spare = sources.length - 1;
  const nodes = offsets.length - 1;
  let { node, edge } = collection;
  let budget = BUDGET;
  for (; node < nodes && budget > 0; node++) {
    const at = ends[2 * node + 1] ?? 0;
    // What is unreachable doesn't hold what is reachable.
    const lowest = at < lost ? 0 : lost;
    const span = at - lowest + 1;
    const end = offsets[node + 1] ?? 0;
    const stop = Math.min(end, edge + budget);
    budget -= stop - edge + 1;
    for (; edge < stop; edge++) {
      const target = targets[edge] ?? 0;
      const next = ends[2 * target] ?? 0;
      const above = (ends[2 * target + 1] ?? 0) - lowest;
      const late = (~above & (above - span)) >>> 31;
      sources[spare ^ ((spare ^ next) & -late)] = at;
      ends[2 * target] = next + late;
    }
    if (edge < end) break;
  }
  collection.node = node;
  collection.edge = edge;
  return node >= nodes;
}

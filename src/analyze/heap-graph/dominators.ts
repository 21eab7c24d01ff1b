// Immediate dominators: the last node through which every way from the top leads.
//
// By the semi-NCA algorithm: L. Georgiadis, R. E. Tarjan, R. F. Werneck, "Finding Dominators in Practice",
// Journal of Graph Algorithms and Applications 10 (2006); semidominators and path compression are those of
// T. Lengauer, R. E. Tarjan, "A fast algorithm for finding dominators in a flowgraph", ACM TOPLAS 1 (1979). As
// semi-NCA needs no more of a place on the way than its semidominator, that one is kept instead of the place.

import type { DepthFirst } from './depth-first.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 15;
/** More than any place. */
const UNKNOWN = 0x7fff_ffff;

/** By place: the place of the immediate dominator. The top has itself. */
export function* findDominators({
  order,
  parents,
  least,
  late,
}: DepthFirst): Generator<void, Int32Array> {
  const count = parents.length;
  const forest: Forest = {
    order,
    semi: least,
    links: new Int32Array(2 * count),
    stack: new Int32Array(count),
    late,
    at: count - 1,
    edge: late.offsets[order[count - 1] ?? 0] ?? 0,
  };
  for (let at = 0; at < count; at++) {
    forest.links[2 * at] = parents[at] ?? 0;
    forest.links[2 * at + 1] = UNKNOWN;
  }
  yield;
  while (!lowerSome(forest)) yield;
  // From the tree's parent upwards, the first that is not below the semidominator.
  const dominators = parents.slice();
  const descent = { semi: least, dominators, at: 1 };
  while (!settleSome(descent)) yield;
  return dominators;
}

/** By place. Nodes above `at` form a forest: the ways to the roots of its trees are shortened as they are asked for. */
interface Forest {
  readonly order: Int32Array;
  /** Semidominators; up to `at`, the least place from where an edge leads there. */
  readonly semi: Int32Array;
  /**
   * At twice the place: an ancestor, and then the least `semi` between this one and that one, which is excluded;
   * UNKNOWN up to `at`.
   */
  readonly links: Int32Array;
  readonly stack: Int32Array;
  readonly late: DepthFirst['late'];
  at: number;
  /** The next of the late edges to `at`. */
  edge: number;
}

/** Lowers semidominators by the edges from later places, from the last place on; true: that was the last. */
function lowerSome(forest: Forest): boolean {
  const { order, semi, links, late } = forest;
  const { offsets, sources } = late;
  let { at, edge } = forest;
  let budget = BUDGET;
  while (at > 0) {
    const end = offsets[(order[at] ?? 0) + 1] ?? 0;
    const stop = Math.min(end, edge + budget);
    const first = edge;
    let least = semi[at] ?? 0;
    // No place is less than the top's: what else leads here does not matter then.
    for (; edge < stop && least > 0; edge++) {
      const source = sources[edge] ?? 0;
      // Places up to `at` are not in the forest yet.
      if ((links[2 * source] ?? 0) > at) budget -= compress(forest, source, at);
      const candidate = links[2 * source + 1] ?? 0;
      if (candidate < least) least = candidate;
    }
    semi[at] = least;
    budget -= edge - first + 1;
    if (edge === end || least === 0) {
      links[2 * at + 1] = least;
      edge = offsets[order[--at] ?? 0] ?? 0;
    }
    if (budget <= 0) break;
  }
  forest.at = at;
  forest.edge = edge;
  return at === 0;
}

/** Lets the places on the way up from `source` point past the last one above `at`; returns how many there were. */
function compress({ links, stack }: Forest, source: number, at: number): number {
  let depth = 0;
  let place = source;
  for (let next = links[2 * place] ?? 0; next > at; next = links[2 * place] ?? 0) {
    stack[depth++] = place;
    place = next;
  }
  const length = depth;
  const ancestor = links[2 * place] ?? 0;
  let least = links[2 * place + 1] ?? 0;
  while (depth > 0) {
    place = stack[--depth] ?? 0;
    const own = links[2 * place + 1] ?? 0;
    if (own < least) least = own;
    else links[2 * place + 1] = least;
    links[2 * place] = ancestor;
  }
  return length;
}

interface Descent {
  readonly semi: Int32Array;
  /** Settled below `at`; from there on, the tree's parents. */
  readonly dominators: Int32Array;
  at: number;
}

function settleSome(descent: Descent): boolean {
  const { semi, dominators } = descent;
  let { at } = descent;
  for (let budget = BUDGET; at < dominators.length && budget > 0; at++) {
    const limit = semi[at] ?? 0;
    let dominator = dominators[at] ?? 0;
    for (; dominator > limit; budget--) dominator = dominators[dominator] ?? 0;
    dominators[at] = dominator;
    budget--;
  }
  descent.at = at;
  return at >= dominators.length;
}

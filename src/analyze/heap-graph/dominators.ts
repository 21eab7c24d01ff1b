// Immediate dominators: the last node through which every way from the top leads.
//
// By the semi-NCA algorithm: L. Georgiadis, R. E. Tarjan, R. F. Werneck, "Finding Dominators in Practice",
// Journal of Graph Algorithms and Applications 10 (2006); semidominators and path compression are those of
// T. Lengauer, R. E. Tarjan, "A fast algorithm for finding dominators in a flowgraph", ACM TOPLAS 1 (1979).

import type { DepthFirst } from './depth-first.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 16;

/** By place: the place of the immediate dominator. The top has itself. */
export function* findDominators(search: DepthFirst): Generator<void, Uint32Array> {
  const { parents, least, late } = search;
  const count = parents.length;
  const semi = least.slice();
  const forest = {
    semi,
    ancestors: parents.slice(),
    labels: new Uint32Array(count),
    stack: new Uint32Array(count),
  };
  for (let at = 0; at < count; at++) forest.labels[at] = at;
  yield;
  let budget = BUDGET;
  for (let at = count - 1; at > 0; at--) {
    const end = late.offsets[at + 1] ?? 0;
    for (let edge = late.offsets[at] ?? 0; edge < end; edge += BUDGET) {
      const stop = Math.min(end, edge + BUDGET);
      lower(forest, late.sources, edge, stop, at);
      budget -= stop - edge;
    }
    if (--budget > 0) continue;
    budget = BUDGET;
    yield;
  }
  const dominators = parents.slice();
  yield;
  for (let at = 1; at < count; at++) {
    let dominator = dominators[at] ?? 0;
    const limit = semi[at] ?? 0;
    while (dominator > limit) {
      dominator = dominators[dominator] ?? 0;
      budget--;
    }
    dominators[at] = dominator;
    if (--budget > 0) continue;
    budget = BUDGET;
    yield;
  }
  return dominators;
}

/** By place. Nodes above the one at hand form a forest: their ways to their trees' roots are shortened as they are asked for. */
interface Forest {
  readonly semi: Uint32Array;
  readonly ancestors: Uint32Array;
  /** The place of least `semi` between this one and `ancestors`, that one excluded. */
  readonly labels: Uint32Array;
  readonly stack: Uint32Array;
}

/** Lowers the semidominator of `at` by the edges from later places. */
function lower(forest: Forest, sources: Uint32Array, from: number, to: number, at: number): void {
  const { semi, ancestors, labels } = forest;
  let result = semi[at] ?? 0;
  for (let edge = from; edge < to; edge++) {
    const source = sources[edge] ?? 0;
    // Places up to `at` are not in the forest yet.
    if ((ancestors[source] ?? 0) > at) compress(forest, source, at);
    const candidate = semi[labels[source] ?? 0] ?? 0;
    if (candidate < result) result = candidate;
  }
  semi[at] = result;
}

/** Lets the places on the way from `source` upwards point past the last one above `at`. */
function compress({ semi, ancestors, labels, stack }: Forest, source: number, at: number): void {
  let depth = 0;
  let place = source;
  while ((ancestors[place] ?? 0) > at) {
    stack[depth++] = place;
    place = ancestors[place] ?? 0;
  }
  const ancestor = ancestors[place] ?? 0;
  let label = labels[place] ?? 0;
  while (depth > 0) {
    place = stack[--depth] ?? 0;
    const own = labels[place] ?? 0;
    if ((semi[label] ?? 0) < (semi[own] ?? 0)) labels[place] = label;
    else label = own;
    ancestors[place] = ancestor;
  }
}

// A walk over the tree of dominators, which may be as deep as a heap has blocks.

import { NONE } from './graph-types.ts';

/**
 * Each node below `count` when it is entered, before those that it dominates, and its complement (`~node`) when it is
 * left. Begins with those that none of them dominates.
 */
export function* walkDominators(
  dominators: Uint32Array,
  count: number,
  isLeftOut: (node: number) => boolean = () => false,
): Generator<number> {
  // The last one is what stands above all.
  const first = new Uint32Array(count + 1).fill(NONE);
  const next = new Uint32Array(count).fill(NONE);
  for (let node = 0; node < count; node++) {
    if (isLeftOut(node)) continue;
    const above = Math.min(dominators[node] ?? NONE, count);
    next[node] = first[above] ?? NONE;
    first[above] = node;
  }
  const way = [count];
  for (;;) {
    const at = way.at(-1) ?? count;
    const below = first[at] ?? NONE;
    if (below !== NONE) {
      first[at] = next[below] ?? NONE;
      way.push(below);
      yield below;
    } else {
      way.pop();
      if (at === count) return;
      yield ~at;
    }
  }
}

// From the image of a heap to its graph.

import { checkImage } from './check-image.ts';
import { type DepthFirst, searchDepthFirst } from './depth-first.ts';
import { findDominators } from './dominators.ts';
import type { HeapGraph } from './graph-types.ts';
import { type Numbering, numberNodes } from './numbering.ts';
import { findReach } from './reach.ts';
import { scanEdges } from './scan.ts';
import type { HeapImage } from './types.ts';
import { bendWeakEdges } from './weak-edges.ts';

/**
 * Scans the image and finds what is reachable, who dominates whom, and retained sizes. Work for a worker, or for
 * slices in a page: it yields every few milliseconds. Throws a `HeapImageError` where the
 * image contradicts itself; whatever its memory holds is fine.
 */
export function* buildHeapGraph(image: HeapImage): Generator<void, HeapGraph> {
  checkImage(image);
  yield;
  const numbering = numberNodes(image);
  const edges = yield* scanEdges(image);
  const straighten = yield* bendWeakEdges(edges);
  const reach = yield* findReach(edges, numbering, image.blocks.labels);
  const search = yield* searchDepthFirst(edges, numbering, reach.heads);
  straighten();
  const byPlace = yield* findDominators(search);
  const tree = yield* sumUp(search, byPlace, image.blocks.sizes, numbering);
  return { ...numbering, edges, ...reach, ...tree };
}

/** Dominators and retained sizes, by node. */
export function* sumUp(
  { order }: DepthFirst,
  byPlace: Int32Array,
  sizes: Float64Array,
  { topNode }: Numbering,
): Generator<void, Pick<HeapGraph, 'dominators' | 'retained'>> {
  const dominators = new Uint32Array(topNode + 1);
  const retained = new Float64Array(topNode + 1);
  retained.set(sizes);
  // Summed up by place, as dominators are few, and their places low.
  const sums = new Float64Array(order.length);
  for (let place = 0; place < order.length; place++) {
    sums[place] = sizes[order[place] ?? 0] ?? 0;
    if ((place & 0x1ffff) === 0x1ffff) yield;
  }
  yield;
  for (let place = order.length - 1; place >= 0; place--) {
    const node = order[place] ?? 0;
    const above = byPlace[place] ?? 0;
    const sum = sums[place] ?? 0;
    dominators[node] = order[above] ?? 0;
    retained[node] = sum;
    // A dominator has a lower place than what it dominates; the top has itself.
    if (above < place) sums[above] = (sums[above] ?? 0) + sum;
    if ((place & 0xffff) === 0) yield;
  }
  return { dominators, retained };
}

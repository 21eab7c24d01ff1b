// From the image of a heap to its graph.

import { checkImage } from './check-image.ts';
import { findDominators } from './dominators.ts';
import type { HeapGraph } from './graph-types.ts';
import { loadGraph } from './loaded-graph.ts';
import { numberNodes } from './numbering.ts';
import { findReach } from './reach.ts';
import { scanEdges } from './scan.ts';
import type { HeapImage } from './types.ts';

/**
 * Scans the image and finds what is reachable, who dominates whom, and retained sizes. Work for a worker, or for
 * slices in a page: it yields every few milliseconds. Throws a `HeapImageError` where the
 * image contradicts itself; whatever its memory holds is fine.
 */
export function* buildHeapGraph(image: HeapImage): Generator<void, HeapGraph> {
  yield* checkImage(image);
  yield;
  const { sizes, labels } = image.blocks;
  const numbering = numberNodes(image);
  const { kernel, edges } = yield* scanEdges(image);
  const graph = yield* loadGraph(kernel, edges, numbering.topNode + 1);
  const reach = yield* findReach(graph, numbering, labels);
  const tree = yield* findDominators(graph, numbering, reach.heads, sizes);
  return { ...numbering, edges, ...reach, ...tree };
}

// The graph of a heap: from its image to what is reachable, who holds what, and what has changed.

export { buildHeapGraph } from './build.ts';
export { HeapImageError, type HeapImageErrorCode } from './errors.ts';
export {
  AMBIGUOUS,
  type HeapEdges,
  type HeapGraph,
  INTERIOR,
  NONE,
  TAGGED,
  transferables,
  WEAK,
} from './graph-types.ts';
export { runInSlices, runToEnd, type SliceOptions } from './slices.ts';
export type { HeapImage, ImageSite } from './types.ts';

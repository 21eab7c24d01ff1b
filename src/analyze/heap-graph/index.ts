// The graph of a heap: from its image to what is reachable, who holds what, and what has changed.

export { buildHeapGraph } from './build.ts';
export { type Amount, type Change, diffHeapSnapshots, type HeapDiff } from './diff.ts';
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
export { startKernel } from './kernel/start.ts';
export {
  blockName,
  edgeAddress,
  edgeName,
  type NodeKind,
  nodeKind,
  nodeName,
  wordName,
} from './names.ts';
export { ambiguousShare, type PathStep, retainerPath, stepText } from './retainers.ts';
export { memoryUnits, wordsOf } from './source-words.ts';
export { findStaticPlaces, type StaticPlace } from './static-places.ts';
export type { HeapImage, ImageSite } from './types.ts';
export {
  groupKey,
  groupUnreachable,
  type UnreachableGroup,
  type UnreachableOptions,
  type UnreachableStructure,
  unreachable,
} from './unreachable.ts';
export { walkDominators } from './walk-dominators.ts';

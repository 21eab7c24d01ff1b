// The numbers of the nodes; see HeapGraph.

import type { HeapImage } from './types.ts';

export interface Numbering {
  readonly blockCount: number;
  readonly rootCount: number;
  readonly pointerCount: number;
  readonly unreachableNode: number;
  readonly topNode: number;
}

export function numberNodes({ blocks, roots, pointers }: HeapImage): Numbering {
  const blockCount = blocks.addresses.length;
  const unreachableNode = blockCount + roots.length + pointers.length;
  return {
    blockCount,
    rootCount: roots.length,
    pointerCount: pointers.length,
    unreachableNode,
    topNode: unreachableNode + 1,
  };
}

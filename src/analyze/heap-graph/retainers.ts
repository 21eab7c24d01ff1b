// Who holds a block: the shortest way to it, and how far the edges can be trusted.

import { AMBIGUOUS, type HeapGraph, NONE } from './graph-types.ts';
import { edgeAddress, edgeName, type NodeKind, nodeKind, nodeName } from './names.ts';
import { memoryUnits } from './source-words.ts';
import type { HeapImage } from './types.ts';

export interface PathStep {
  readonly node: number;
  readonly kind: NodeKind;
  readonly name: string;
  /** The name of the edge to here from the step before; '' where it has none. */
  readonly edge: string;
  /** That edge is by a word that may be no pointer. */
  readonly isAmbiguous: boolean;
}

/**
 * A shortest way to the node from a root range or pointer, both included; from the head of its structure,
 * behind '(unreachable)', where none leads there. Ways over weak edges are none.
 */
export function retainerPath(graph: HeapGraph, image: HeapImage, node: number): PathStep[] {
  const path: PathStep[] = [];
  const units = memoryUnits(image);
  const nameOf = (parent: number, edge: number) =>
    edgeName(graph, image, parent, edge, edgeAddress(graph, image, parent, edge, units));
  for (let at = node; at < graph.topNode; ) {
    const parent = graph.parents[at] ?? NONE;
    const edge = graph.parentEdges[at] ?? NONE;
    path.push({
      node: at,
      kind: nodeKind(graph, image, at),
      name: nodeName(graph, image, at),
      edge: edge === NONE ? '' : nameOf(parent, edge),
      isAmbiguous: edge !== NONE && ((graph.edges.flags[edge] ?? 0) & AMBIGUOUS) !== 0,
    });
    at = parent;
  }
  return path.reverse();
}

/** For a reader: `operation: gegl_op_blur`. */
export function stepText({ name, edge }: PathStep): string {
  return edge === '' ? name : `${edge}: ${name}`;
}

/** Edges by interior or tagged pointers, as a share of all, 0 to 1; null where there are no edges. */
export function ambiguousShare({ edges: { flags } }: HeapGraph): number | null {
  if (flags.length === 0) return null;
  let ambiguous = 0;
  for (const flag of flags) if ((flag & AMBIGUOUS) !== 0) ambiguous++;
  return ambiguous / flags.length;
}

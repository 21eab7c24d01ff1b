// Takes weak edges out of the way of searches, which would otherwise have to read the flags of all edges.

import { type HeapEdges, WEAK } from './graph-types.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 21;

/**
 * Lets weak edges lead back to where they start, which changes nothing about who reaches or dominates whom.
 *
 * @returns what puts them right again.
 */
export function* bendWeakEdges({
  offsets,
  targets,
  flags,
}: HeapEdges): Generator<void, () => void> {
  const bent = new Map<number, number>();
  let source = 0;
  for (let edge = 0; edge < flags.length; edge++) {
    if (((flags[edge] ?? 0) & WEAK) !== 0) {
      while ((offsets[source + 1] ?? edge + 1) <= edge) source++;
      bent.set(edge, targets[edge] ?? 0);
      targets[edge] = source;
    }
    if (edge % BUDGET === BUDGET - 1) yield;
  }
  return () => {
    for (const [edge, target] of bent) targets[edge] = target;
  };
}

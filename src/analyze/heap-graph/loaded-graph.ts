// A graph in the kernel's memory, where it is searched.

import { type HeapEdges, WEAK } from './graph-types.ts';
import { GAP, TABLE } from './kernel/assembly/layout.ts';
import type { Kernel } from './kernel/start.ts';

/** Edges looked at between yields. */
const BUDGET = 1 << 20;

/** What the search by breadth finds, from roots and then from heads; the searches between them, to find heads. */
export const UNMET = 0;
export const REACHED = 1;
export const TRIED = 2;
export const TRIED_AGAIN = 3;
export const LOST = 4;
/** What has a place in the search by depth. */
export const PLACED = 5;

/** Columns in the kernel's memory; see assembly/graph.ts. */
export interface LoadedGraph {
  readonly kernel: Kernel;
  readonly nodes: number;
  readonly states: Uint8Array;
  readonly queue: Uint32Array;
  readonly parents: Uint32Array;
  readonly parentEdges: Uint32Array;
  readonly records: Uint32Array;
  readonly waiting: Uint32Array;
  readonly dominators: Uint32Array;
}

/**
 * Takes the edges over, in place of what the kernel had in its memory. Weak ones lead back to where they start there,
 * which changes nothing about who reaches or dominates whom.
 *
 * @param nodes how many there are; the last of them may have no edges, and no offsets.
 */
export function* loadGraph(
  kernel: Kernel,
  { offsets, targets, flags }: HeapEdges,
  nodes: number,
): Generator<void, LoadedGraph> {
  const edges = targets.length;
  let free = TABLE;
  const column = (numbers: number) => {
    const at = free;
    free += 4 * Math.ceil(numbers) + GAP;
    return { at, numbers };
  };
  const columns = {
    offsets: column(nodes + 1),
    targets: column(edges),
    states: column(nodes / 4),
    queue: column(nodes),
    parents: column(nodes),
    parentEdges: column(nodes),
    records: column(4 * nodes),
    waiting: column(edges + nodes),
    links: column(2 * nodes),
    dominators: column(nodes),
  };
  kernel.grow(free);
  kernel.call('layOut', nodes, ...Object.values(columns).map(({ at }) => at));
  yield;
  const view = ({ at, numbers }: { at: number; numbers: number }) =>
    new Uint32Array(kernel.memory, at, numbers);
  const loaded = view(columns.offsets);
  loaded.set(offsets);
  loaded.fill(edges, offsets.length);
  const loadedTargets = view(columns.targets);
  for (let from = 0, source = 0; from < edges; from += BUDGET) {
    yield;
    const to = Math.min(edges, from + BUDGET);
    loadedTargets.set(targets.subarray(from, to), from);
    for (let edge = from; edge < to; edge++) {
      if (((flags[edge] ?? 0) & WEAK) === 0) continue;
      while ((offsets[source + 1] ?? edge + 1) <= edge) source++;
      loadedTargets[edge] = source;
    }
  }
  return {
    kernel,
    nodes,
    states: new Uint8Array(kernel.memory, columns.states.at, nodes),
    queue: view(columns.queue),
    parents: view(columns.parents),
    parentEdges: view(columns.parentEdges),
    records: view(columns.records),
    waiting: view(columns.waiting),
    dominators: view(columns.dominators),
  };
}

/** Calls a function of the kernel until it says that it is done. */
export function* finish({ kernel }: LoadedGraph, name: string, ...parameters: number[]) {
  while (!kernel.call(name, ...parameters)) yield;
}

// The graph of a heap: typed arrays only, so that it can be cloned or handed over between threads.

import { INTERIOR, TAGGED, WEAK } from './kernel/assembly/layout.ts';

/** In `parents` and `parentEdges`: there is none. */
export const NONE = 0xffff_ffff;

/**
 * Bits of `edges.flags`. WEAK: it keeps nothing alive. INTERIOR: the word points behind the start of a block. TAGGED: it
 * points at the start, but for bits below malloc's alignment (8 bytes). An edge with one of these two is ambiguous: the
 * word may be no pointer at all.
 */
export { INTERIOR, TAGGED, WEAK };
export const AMBIGUOUS = INTERIOR | TAGGED;

/**
 * Edges by source, in compressed rows: those of source s are `offsets[s]` to `offsets[s + 1]`, exclusive, in the
 * order of their words. In which words they start is read from the image again (`wordsOf()`), since it is asked of
 * few of them.
 */
export interface HeapEdges {
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The block that is pointed to. */
  readonly targets: Uint32Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
}

/**
 * Nodes are numbered: the blocks, as in the image; its root ranges; its pointers; then `unreachableNode`,
 * which stands above what nothing holds; and `topNode`, which stands above all. Blocks, ranges and pointers
 * are the sources of `edges`. The edges of the last two nodes are not stored: `unreachableNode` leads to
 * `heads`, `topNode` to ranges, pointers and `unreachableNode`.
 */
export interface HeapGraph {
  readonly blockCount: number;
  readonly rootCount: number;
  readonly pointerCount: number;
  readonly unreachableNode: number;
  readonly topNode: number;
  readonly edges: HeapEdges;
  /** By block; 1: a root or pointer leads to it by edges that are not weak. */
  readonly reachable: Uint8Array<ArrayBuffer>;
  /**
   * Unreachable blocks from which all unreachable blocks are reached, as few as can be: those that no other
   * unreachable block points to, and one of each cycle that none outside of it points into. By rising number.
   */
  readonly heads: Uint32Array<ArrayBuffer>;
  /** By node: the next node on a shortest way to `topNode` or `unreachableNode`; NONE for `topNode`. */
  readonly parents: Uint32Array<ArrayBuffer>;
  /** By node: the edge from the parent; NONE where it is one that is not stored. */
  readonly parentEdges: Uint32Array<ArrayBuffer>;
  /**
   * By node: the immediate dominator, through which every way from `topNode` leads; `topNode` has itself.
   * Weak edges and edges from unreachable to reachable blocks do not count.
   */
  readonly dominators: Uint32Array<ArrayBuffer>;
  /** By node: bytes that would be free without it, its own included. */
  readonly retained: Float64Array<ArrayBuffer>;
}

/** The arrays' buffers, for `postMessage(graph, transferables(graph))`. */
export function transferables(graph: HeapGraph): ArrayBuffer[] {
  const { edges, reachable, heads, parents, parentEdges, dominators, retained } = graph;
  const columns = [edges.offsets, edges.targets, edges.flags];
  return [...columns, reachable, heads, parents, parentEdges, dominators, retained].map(
    ({ buffer }) => buffer,
  );
}

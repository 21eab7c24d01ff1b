// Collects edges, in pieces, since nobody knows beforehand how many there are and growing would copy them.

import type { HeapEdges } from './graph-types.ts';

const PIECE = 1 << 18;

interface Piece {
  readonly targets: Uint32Array;
  readonly words: Uint32Array;
  readonly flags: Uint8Array;
  length: number;
}

/** Filled at `current`, whose columns have room for what was asked with `reserve`. */
export interface EdgeList {
  readonly full: Piece[];
  current: Piece;
  /** Edges in the full pieces. */
  total: number;
}

function newPiece(): Piece {
  return {
    targets: new Uint32Array(PIECE),
    words: new Uint32Array(PIECE),
    flags: new Uint8Array(PIECE),
    length: 0,
  };
}

export function newEdgeList(): EdgeList {
  return { full: [], current: newPiece(), total: 0 };
}

/** Makes room for `count` edges in the current piece; at most 2^18. */
export function reserve(list: EdgeList, count: number): void {
  if (list.current.length + count <= PIECE) return;
  list.full.push(list.current);
  list.total += list.current.length;
  list.current = newPiece();
}

export function countEdges({ total, current }: EdgeList): number {
  return total + current.length;
}

/** Joins the pieces. */
export function* joinEdges(
  list: EdgeList,
  offsets: Uint32Array<ArrayBuffer>,
): Generator<void, HeapEdges> {
  const count = countEdges(list);
  const edges = {
    offsets,
    targets: new Uint32Array(count),
    words: new Uint32Array(count),
    flags: new Uint8Array(count),
  };
  let at = 0;
  for (const { targets, words, flags, length } of [...list.full, list.current]) {
    edges.targets.set(targets.subarray(0, length), at);
    edges.words.set(words.subarray(0, length), at);
    edges.flags.set(flags.subarray(0, length), at);
    at += length;
    yield;
  }
  return edges;
}

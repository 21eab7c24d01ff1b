// Collects edges, in pieces, since growing columns would copy them. A first piece of about the right size spares
// joining them: memory that is touched for the first time costs more than what is done with it.

import type { HeapEdges } from './graph-types.ts';

const PIECE = 1 << 18;

interface Piece {
  readonly targets: Uint32Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  length: number;
}

/** Filled at `current`, whose columns have room for what was asked with `reserve`. */
export interface EdgeList {
  readonly full: Piece[];
  current: Piece;
  /** Edges in the full pieces. */
  total: number;
}

function newPiece(capacity: number): Piece {
  return {
    targets: new Uint32Array(capacity),
    flags: new Uint8Array(capacity),
    length: 0,
  };
}

/** `expected`: how many edges there will be, as far as one can tell. */
export function newEdgeList(expected: number): EdgeList {
  return { full: [], current: newPiece(Math.max(PIECE, expected)), total: 0 };
}

/** Makes room for `count` edges in the current piece; at most 2^18. */
export function reserve(list: EdgeList, count: number): void {
  if (list.current.length + count <= list.current.targets.length) return;
  list.full.push(list.current);
  list.total += list.current.length;
  list.current = newPiece(PIECE);
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
  if (list.full.length === 0) {
    const { targets, flags } = list.current;
    return {
      offsets,
      targets: targets.subarray(0, count),
      flags: flags.subarray(0, count),
    };
  }
  const edges = {
    offsets,
    targets: new Uint32Array(count),
    flags: new Uint8Array(count),
  };
  let at = 0;
  for (const piece of [...list.full, list.current]) {
    for (let from = 0; from < piece.length; from += PIECE) {
      const to = Math.min(piece.length, from + PIECE);
      edges.targets.set(piece.targets.subarray(from, to), at);
      edges.flags.set(piece.flags.subarray(from, to), at);
      at += to - from;
      yield;
    }
  }
  return edges;
}

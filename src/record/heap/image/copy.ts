// Copies what may hold pointers out of a memory, in pieces: no more, as a heap that has grown to its end may hold
// gigabytes of pixels.

import type { BlockTable } from '../contents.ts';

/** Bytes that are copied between two yields: about a millisecond's worth. */
const PIECE = 4 * 1024 * 1024;
/** Copying so many bytes that nobody needs is faster than beginning anew. */
const GAP = 256;
const BLOCKS = 20_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface MemoryCopy {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in them each of the roots starts, and what is scanned of each block. */
  readonly rootOffsets: readonly number[];
  readonly blockOffsets: Float64Array;
}

/** @param scanned bytes from the start of each block that are copied; less where the memory ends before. */
export function* copyMemory(
  memory: WebAssembly.Memory,
  roots: readonly Span[],
  blocks: Pick<BlockTable, 'addresses'>,
  scanned: Float64Array,
): Generator<void, MemoryCopy> {
  const { byteLength } = memory.buffer;
  const spans: (Span & { readonly offset: number })[] = [];
  let length = 0;
  const add = (from: number, to: number): number => {
    // As far from a multiple of 8 as it was.
    const offset = Math.ceil(length / 8) * 8 + (from % 8);
    spans.push({ from, to: Math.min(to, byteLength), offset });
    length = offset + Math.max(0, Math.min(to, byteLength) - from);
    return offset;
  };
  const rootOffsets = roots.map(({ from, to }) => add(from, to));
  const blockOffsets = new Float64Array(scanned.length);
  for (let place = 0; place < scanned.length; ) {
    const first = place;
    const from = blocks.addresses[place] ?? 0;
    let to = from;
    for (; place < scanned.length; place++) {
      const start = blocks.addresses[place] ?? 0;
      const bytes = Math.max(0, Math.min(scanned[place] ?? 0, byteLength - start));
      if (place > first && (start - to > GAP || start - from > PIECE)) break;
      scanned[place] = bytes;
      blockOffsets[place] = start - from;
      to = Math.max(to, start + bytes);
      if (place % BLOCKS === BLOCKS - 1) yield;
    }
    const offset = add(from, to);
    for (let block = first; block < place; block++) {
      blockOffsets[block] = offset + (blockOffsets[block] ?? 0);
    }
  }
  const bytes = new Uint8Array(length);
  let copied = 0;
  for (const { from, to, offset } of spans) {
    for (let at = from; at < to; at += PIECE) {
      const part = new Uint8Array(memory.buffer, at, Math.min(PIECE, to - at));
      bytes.set(part, offset + at - from);
      copied += part.length;
      if (copied < PIECE) continue;
      copied = 0;
      yield;
    }
  }
  return { bytes, rootOffsets, blockOffsets };
}

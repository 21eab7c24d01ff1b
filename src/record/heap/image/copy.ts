// Copies what may hold pointers out of a memory, in pieces.

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

/** @param scanned bytes from the start of each block that are copied. */
export function* copyMemory(
  memory: WebAssembly.Memory,
  roots: readonly Span[],
  blocks: Pick<BlockTable, 'addresses' | 'sizes'>,
  scanned: Float64Array,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const last = blocks.addresses.length - 1;
  const end = Math.max(
    (blocks.addresses[last] ?? 0) + (blocks.sizes[last] ?? 0),
    ...roots.map(({ to }) => to),
  );
  const copy = new Uint8Array(Math.min(memory.buffer.byteLength, end));
  for (const { from, to } of roots) yield* copySpan(memory, copy, from, to);
  let from = 0;
  let to = 0;
  for (let place = 0; place <= last; place++) {
    const length = scanned[place] ?? 0;
    if (length > 0) {
      const start = blocks.addresses[place] ?? 0;
      if (start - to > GAP || start - from > PIECE) {
        yield* copySpan(memory, copy, from, to);
        from = start;
      }
      to = start + length;
    }
    if (place % BLOCKS === BLOCKS - 1) yield;
  }
  yield* copySpan(memory, copy, from, to);
  return copy;
}

function* copySpan(
  memory: WebAssembly.Memory,
  copy: Uint8Array,
  from: number,
  to: number,
): Generator<void> {
  for (let at = from; at < to; at += PIECE) {
    const length = Math.min(PIECE, to - at, copy.length - at);
    if (length > 0) copy.set(new Uint8Array(memory.buffer, at, length), at);
    if (length === PIECE) yield;
  }
}

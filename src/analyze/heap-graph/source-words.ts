// Which words of a memory belong to a source of edges, and in which of them its edges start.

import type { HeapGraph } from './graph-types.ts';
import { ALIGNMENT } from './kernel/assembly/layout.ts';
import type { HeapImage } from './types.ts';

/** The memory in units of 32 bits; what is left at its end is none. */
export function memoryUnits({ memory }: HeapImage): Uint32Array {
  const aligned = memory.byteOffset % 4 === 0 ? memory : memory.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
}

/** The unit at which the first aligned word at or behind the address starts; `step`: units in a word, 1 or 2. */
export function firstUnit(step: number, address: number): number {
  return Math.ceil(Math.max(0, address) / (4 * step)) * step;
}

/** The end, exclusive, of the last aligned word that ends at or before the address. */
export function endUnit(units: Uint32Array, step: number, address: number): number {
  return Math.floor(Math.min(units.length, address / 4) / step) * step;
}

export function wordAt(units: Uint32Array, step: number, unit: number): number {
  const low = units[unit] ?? 0;
  return step === 1 ? low : low + (units[unit + 1] ?? 0) * 2 ** 32;
}

/**
 * The addresses of the words in which the source's edges start, in their order; none where the source is a pointer.
 * Between two of them no word leads to a block, so that the next one to the edge's target is the edge's.
 */
export function wordsOf(
  { blockCount, edges }: Pick<HeapGraph, 'blockCount' | 'edges'>,
  image: HeapImage,
  source: number,
  units: Uint32Array = memoryUnits(image),
): Float64Array | null {
  const { addresses, sizes, offsets } = image.blocks;
  const root = image.roots[source - blockCount];
  const from = addresses[source] ?? root?.from;
  if (from === undefined) return null;
  const offset = offsets[source] ?? root?.offset ?? 0;
  const first = edges.offsets[source] ?? 0;
  const found = new Float64Array((edges.offsets[source + 1] ?? 0) - first);
  const step = image.pointerBits / 32;
  let unit = firstUnit(step, offset);
  for (let place = 0; place < found.length; place++, unit += step) {
    const target = edges.targets[first + place] ?? 0;
    const start = addresses[target] ?? 0;
    const end = Math.min(
      start + Math.max(sizes[target] ?? 0, ALIGNMENT),
      addresses[target + 1] ?? Number.POSITIVE_INFINITY,
    );
    for (; unit < units.length; unit += step) {
      const word = wordAt(units, step, unit);
      if (word >= start && word < end) break;
    }
    found[place] = unit * 4 + (from - offset);
  }
  return found;
}

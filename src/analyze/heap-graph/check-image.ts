// Refuses an image whose columns contradict each other, so that the rest need not ask.

import { HeapImageError } from './errors.ts';
import type { HeapImage } from './types.ts';

/** Throws a `HeapImageError` where columns differ in length, or addresses do not rise. */
export function* checkImage({
  pointerBits,
  blocks,
  roots,
  words,
  wordNames,
}: HeapImage): Generator<void> {
  if (pointerBits !== 32 && pointerBits !== 64) {
    throw HeapImageError.refused(`pointers of ${String(pointerBits)} bits`);
  }
  checkLengths('blocks', blocks);
  checkLengths('words', words);
  checkRising('blocks', blocks.addresses);
  yield;
  checkRising('words', words.addresses);
  yield;
  for (let block = 0; block < blocks.sizes.length; block++) {
    const size = blocks.sizes[block] ?? 0;
    if (!(size >= 0 && size <= Number.MAX_SAFE_INTEGER)) {
      throw HeapImageError.refused(`a block of ${size} bytes`);
    }
  }
  yield;
  for (let block = 0; block < blocks.offsets.length; block++) {
    checkOffset(blocks.addresses[block] ?? 0, blocks.offsets[block] ?? 0);
  }
  for (const { from, offset } of roots) checkOffset(from, offset);
  yield;
  for (const name of words.names) {
    if (name >= wordNames.length) throw HeapImageError.refused(`a word has name ${name}`);
  }
}

/** So that words lie at multiples of their width here, too. */
function checkOffset(address: number, offset: number): void {
  if (!(offset >= 0 && (address - offset) % 8 === 0)) {
    throw HeapImageError.refused(
      `what lies at ${address} is at ${offset} in its memory; they must differ by a multiple of 8`,
    );
  }
}

function checkLengths(table: string, columns: Record<string, { readonly length: number }>): void {
  const lengths = Object.values(columns).map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    throw HeapImageError.refused(`the columns of ${table} have the lengths ${lengths.join(', ')}`);
  }
}

function checkRising(table: string, addresses: Float64Array): void {
  let previous = 0;
  for (let place = 0; place < addresses.length; place++) {
    const address = addresses[place] ?? 0;
    if (!(address >= previous && address <= Number.MAX_SAFE_INTEGER)) {
      throw HeapImageError.refused(
        `in ${table}, address ${address} follows ${previous}; they must rise`,
      );
    }
    previous = address;
  }
}

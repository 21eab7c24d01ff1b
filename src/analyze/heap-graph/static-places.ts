// Places in the code of which each live block has a word of its own in static data, such as a ring or a table of those
// made so far. Static data never grows, so neither do they without a bound.

import { type HeapGraph, NONE } from './graph-types.ts';
import type { HeapImage } from './types.ts';

export interface StaticPlace {
  /** Innermost first. */
  readonly stack: readonly string[];
  readonly blocks: number;
}

/** What the roots' name says where the idle stack may be among them, whose old words hold nothing. */
const STATIC_DATA = 'static data';

/** Those of so many blocks at least, by no special order. */
export function findStaticPlaces(
  { blockCount, parents }: HeapGraph,
  { blocks, sites, roots }: HeapImage,
  least: number,
): StaticPlace[] {
  const counts = new Uint32Array(sites.length + 1);
  /** 1: a block of the site is held otherwise. */
  const isElsewhere = new Uint8Array(sites.length + 1);
  for (let block = 0; block < blockCount; block++) {
    const site = blocks.sites[block] ?? 0;
    counts[site] = (counts[site] ?? 0) + 1;
    // A shortest way leads to it, so that its last step is by a root where one points to it.
    const parent = parents[block] ?? NONE;
    if (parent < blockCount || roots[parent - blockCount]?.name !== STATIC_DATA) {
      isElsewhere[site] = 1;
    }
  }
  return sites.flatMap(({ stack }, place) => {
    const count = counts[place + 1] ?? 0;
    return count < least || isElsewhere[place + 1] ? [] : [{ stack, blocks: count }];
  });
}

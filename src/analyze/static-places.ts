// Growth that static data bounds: each block of the site has a word of its own there, as the last heap snapshot saw.

import type { SiteSeries } from '../recording/evidence-types.ts';
import type { Recording } from '../recording/types.ts';

/** A table that fills up on purpose has tens of places, or some hundreds. What grows beyond is told as growth again. */
const MOST_PLACES = 256;

/** The sites that fill places of static data. What came since the heap snapshot is not known, so it may be as many at most. */
export function boundedSites({ heapSnapshots, series }: Recording): ReadonlySet<SiteSeries> {
  const places = heapSnapshots.at(-1)?.staticPlaces ?? [];
  const seen = new Map(places.map(({ stack, blocks }) => [stack.join('\n'), blocks]));
  const isBounded = ({ stack, liveBlocks }: SiteSeries) => {
    const live = liveBlocks.at(-1) ?? Infinity;
    return live <= Math.min(MOST_PLACES, 2 * (seen.get(stack.join('\n')) ?? 0));
  };
  return new Set(seen.size > 0 ? series?.sites.filter(isBounded) : []);
}

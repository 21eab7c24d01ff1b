// Who holds what each run of an action leaves: a path in the graph of a heap snapshot.

import { retainerPath, stepText } from '../analyze/heap-graph/index.ts';
import type { CommonDetails } from '../analyze/leaks/common.ts';
import type { RepeatedFinding } from '../analyze/repeated/findings.ts';
import type { LiveFigures } from '../record/heap/live.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import type { Finding } from '../recording/types.ts';
import type { HeapSnapshot } from './heap-snapshot.ts';
import { HeapSnapshots } from './take-heap-snapshot.ts';

/** With who holds what each leaves, by a heap snapshot. */
export async function withPaths(
  found: readonly RepeatedFinding[],
  heaps: readonly HeapWatch[],
  first: readonly LiveFigures[] = [],
): Promise<Finding[]> {
  const paths = new Map<readonly string[], readonly string[]>();
  for (const [at, heap] of heaps.entries()) {
    const left = found.filter(({ siteNames }) => siteNames.length > 0 && !paths.has(siteNames));
    const snapshot = left.length > 0 ? await takeHeapSnapshot(heap) : null;
    for (const { siteNames } of left) {
      const path = snapshot && pathIn(snapshot, siteNames, first[at]?.sequence);
      if (path) paths.set(siteNames, path);
    }
  }
  return found.map(({ siteNames, ...finding }) => {
    const path = paths.get(siteNames) ?? null;
    const details: Partial<CommonDetails> = { path };
    return { ...finding, details: { ...finding.details, ...details } };
  });
}

/** Null where none can be taken. */
function takeHeapSnapshot(watch: HeapWatch): Promise<HeapSnapshot | null> {
  return new HeapSnapshots().take(watch, { baseline: false }).catch(() => null);
}

/** To a block of the first site that was allocated after `since`. A stack of the image has all frames. */
function pathIn(
  { image, graph }: HeapSnapshot,
  siteNames: readonly string[],
  since = 0,
): readonly string[] | null {
  const { sites, sequences } = image.blocks;
  for (const name of siteNames) {
    const frames = name.split('\n');
    const isSite = image.sites.map(({ stack }) => isWithin(frames, stack));
    const block = sites.findIndex(
      (site, at) => isSite[site - 1] === true && (((sequences[at] ?? 0) - since) | 0) > 0,
    );
    if (block < 0) continue;
    return retainerPath(graph, image, block).map(stepText);
  }
  return null;
}

/** All of `frames` in this order. */
function isWithin(frames: readonly string[], stack: readonly string[]): boolean {
  let met = 0;
  for (const frame of stack) if (frame === frames[met]) met += 1;
  return met === frames.length;
}

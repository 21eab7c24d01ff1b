// What is live and what ever was, by type, site and operation, at one moment: cheap enough to be asked again and again.

import { addFigures, type Figures } from '../../recording/figures.ts';
import type { Tracker } from '../../tracker/index.ts';

export interface LiveFigures {
  /** Of the whole heap; null where the tracker has not seen all of it. */
  readonly heap: Figures | null;
  /** Instances by type, with no bytes. */
  readonly types: ReadonlyMap<string, Figures>;
  /** As they are when it is called: there may be thousands. Null where no stacks are taken. */
  readonly forEachSite: Tracker['forEachSite'] | null;
  readonly operations: ReadonlyMap<string, Figures>;
  /** Number of the last allocation. */
  readonly sequence: number;
}

/** @param nameOf of a probe and its key. */
export function readLive(
  tracker: Tracker,
  nameOf: (probe: number, key: number) => string,
): LiveFigures {
  const { failed, complete } = tracker;
  const { liveBytes, liveBlocks, allocatedBytes, allocatedBlocks, sequence } = tracker.counters();
  const types = new Map<string, Figures>();
  for (const { probe, key, live, created } of tracker.instanceTypes()) {
    add(types, nameOf(probe, key), { bytes: 0, blocks: live, totalBytes: 0, totalBlocks: created });
  }
  const operations = new Map<string, Figures>();
  for (const scope of tracker.scopes()) {
    if (scope.probe === null) continue;
    add(operations, nameOf(scope.probe, scope.key), {
      bytes: scope.liveBytes,
      blocks: scope.liveBlocks,
      totalBytes: scope.allocatedBytes,
      totalBlocks: scope.allocatedBlocks,
    });
  }
  return {
    heap:
      failed || !complete
        ? null
        : {
            bytes: liveBytes,
            blocks: liveBlocks,
            totalBytes: allocatedBytes,
            totalBlocks: allocatedBlocks,
          },
    types,
    forEachSite: takesStacks(tracker) ? (visit) => tracker.forEachSite(visit) : null,
    operations,
    sequence,
  };
}

/** Or once did. */
export function takesStacks({ mode, captures }: Tracker): boolean {
  return mode === 'sampled' || mode === 'all' || captures.count > 0;
}

/** Keys of one name together. */
function add(to: Map<string, Figures>, name: string, figures: Figures): void {
  const known = to.get(name);
  to.set(name, known ? addFigures(known, figures) : figures);
}

// What is shown of each program that nobody here wrote: it does the same with and without tracking, in every
// mode, and what is tracked is what its allocator has handed out.

import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FindingWay, FoundAllocator } from '../../src/instrument/index.ts';
import { HeapContents } from '../../src/record/heap/contents.ts';
import { HeapMemory } from '../../src/record/heap/memory.ts';
import {
  loadWarnings,
  onTrackedHeap,
  type TrackedHeap,
  trackLoads,
} from '../../src/record/heap/track-loads.ts';
import { verify } from '../../src/record/heap/verify.ts';
import type { TrackMode } from '../../src/tracker/index.ts';

export type Results = Readonly<Record<string, unknown>>;

export interface ForeignProgram {
  readonly name: string;
  /** How the allocator of each module that it loads is found, in order. */
  readonly modules: readonly {
    readonly source: FindingWay;
    readonly allocator: FoundAllocator['allocator'];
    /** Blocks that it allocates at least: else it did no work. */
    readonly blocks: number;
  }[];
  /** Whether it does the same each time, and does not ask for random numbers. */
  readonly isDeterministic?: false;
  /** Loads its modules anew, works, and yields what it made. */
  readonly run: () => Promise<Results>;
  /** Whether what it made is right, apart from being the same. */
  readonly check: (results: Results) => void;
}

const MODES: readonly TrackMode[] = ['counts', 'sampled', 'all'];

interface Tracked {
  readonly results: Results;
  readonly heaps: readonly TrackedHeap[];
}

async function runTracked(program: ForeignProgram, mode: TrackMode): Promise<Tracked> {
  const heaps: TrackedHeap[] = [];
  const stopListening = onTrackedHeap((heap) => heaps.push(heap));
  // All of them: a stack for each that JavaScript asks for, however long that takes.
  const tracking = trackLoads({ mode, seed: 7, ...(mode === 'all' && { budget: 1 }) });
  try {
    return { results: withDigests(await program.run()), heaps };
  } finally {
    tracking.stop();
    stopListening();
  }
}

function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}

/** Large results are told apart by their digest, and are not printed. */
function withDigests(results: Results): Results {
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [
      name,
      ArrayBuffer.isView(value) ? `${value.byteLength} bytes ${digest(value)}` : value,
    ]),
  );
}

export function describeForeign(program: ForeignProgram): void {
  describe(program.name, () => {
    let wanted: Results;
    const totals = new Map<TrackMode, unknown>();
    beforeAll(async () => {
      const results = await program.run();
      program.check(results);
      wanted = withDigests(results);
    });

    describe.each(MODES)('tracked in the mode %s', (mode) => {
      let tracked: Tracked;
      beforeAll(async () => {
        tracked = await runTracked(program, mode);
      });

      it('does the same as without', () => {
        expect(tracked.results).toEqual(wanted);
        expect(loadWarnings()).toEqual([]);
      });

      it('has its allocator found', () => {
        const found = tracked.heaps.map(({ report }) => report?.allocator);
        expect(found.map((allocator) => [allocator?.source, allocator?.allocator])).toEqual(
          program.modules.map(({ source, allocator }) => [source, allocator]),
        );
      });

      it('is accounted for without a block unknown', () => {
        const counters = tracked.heaps.map(({ tracker }) => tracker.counters());
        for (const [at, figures] of counters.entries()) {
          expect(figures).toMatchObject({
            unknownFrees: 0,
            duplicateAllocations: 0,
            misaligned: 0,
            liveBlocks: figures.allocatedBlocks - figures.freedBlocks,
            liveBytes: figures.allocatedBytes - figures.freedBytes,
          });
          expect(figures.allocatedBlocks).toBeGreaterThan(program.modules[at]?.blocks ?? 0);
          expect(figures.peakBytes).toBeGreaterThanOrEqual(figures.liveBytes);
        }
        if (program.isDeterministic === false) return;
        totals.set(mode, counters);
        expect(counters).toEqual(totals.get('counts') ?? counters);
      });

      it('has just the blocks that its allocator has in use', () => {
        for (const heap of tracked.heaps) {
          if (heap.report?.allocator.allocator !== 'dlmalloc') continue;
          const { memory, pointerBits, tracker } = heap;
          if (!memory) throw new Error('a module without memory');
          const contents = new HeapContents(tracker);
          expect(contents.addresses).toHaveLength(tracker.counters().liveBlocks);
          const verification = verify(
            new HeapMemory(memory, pointerBits),
            contents,
            true,
            () => null,
          );
          const { comparison } = verification;
          if (contents.addresses.length === 0) {
            // All is freed, so that there is no chunk to begin at.
            expect(comparison).toBeNull();
            continue;
          }
          expect(verification).toEqual({
            verified: true,
            verifiedBy: 'heap-walk',
            comparison: {
              trackedBytes: comparison?.allocatorBytes,
              allocatorBytes: comparison?.allocatorBytes,
              untrackedBlocks: 0,
              unallocatedBlocks: 0,
            },
          });
          expect(comparison?.trackedBytes).toBeGreaterThan(tracker.counters().liveBytes);
        }
      });

      if (mode !== 'all') return;
      it('has all its bytes at the sites that allocated them', () => {
        for (const { tracker } of tracked.heaps) {
          const { allocatedBytes, liveBytes, liveBlocks } = tracker.counters();
          const sites = tracker.sites();
          const sum = (figure: (site: (typeof sites)[number]) => number) =>
            sites.reduce((total, site) => total + figure(site), 0);
          expect(sum(({ total }) => total.bytes)).toBe(allocatedBytes);
          expect(sum(({ live }) => live.bytes)).toBe(liveBytes);
          expect(sum(({ live }) => live.count)).toBe(liveBlocks);
          expect(sites.length).toBeGreaterThan(1);
        }
      });
    });
  });
}

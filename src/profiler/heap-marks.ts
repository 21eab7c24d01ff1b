// Marks of findLeaks(): what is live when all is quiet after a run, first with numbers for sites, then with their stacks.

import type { Mark } from '../analyze/repeated/marks.ts';
import type { LiveFigures } from '../record/heap/live.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import type { ObjectTracker } from '../record/objects.ts';
import { addFigures, type Figures, figuresOfOne, NO_FIGURES } from '../recording/figures.ts';
import { withoutOwn } from './run-action.ts';
import { settle } from './settle.ts';

/** What is told of beside the heaps that are tracked. */
export interface MarkSources {
  /** Of the allocator; null where it can't be asked. */
  readonly allocatorBytes: () => number | null;
  /** Instances of modules that are alive. */
  readonly instances: () => readonly { readonly module: string; readonly bytes: number }[];
}

/**
 * @param runs that the mark is taken after, of a round.
 * @param first whose sites are left out where they are as they were.
 */
export async function takeMark(
  sources: MarkSources,
  heaps: readonly HeapWatch[],
  objects: ObjectTracker,
  runs: number,
  first?: RawMark,
): Promise<RawMark> {
  const seen = await settle(() => read(sources, heaps, objects), stateOf);
  const sites = seen.lives.map((live, at) => changedSites(live, first?.sites[at]));
  return { ...seen, sites, runs };
}

/** What is the same where nothing has changed. */
function stateOf({ heap, handles, lives }: Seen): string {
  const live = [...handles.values()].reduce((sum, { blocks }) => sum + blocks, 0);
  return [lives.map(({ sequence }) => sequence), heap?.blocks, heap?.bytes, live].join();
}

export interface RawMark extends Omit<Mark, 'sites'> {
  /** Of each heap, by the site's number: all in the first mark, in others what has changed since, as there may be a thousand. */
  readonly sites: readonly ReadonlyMap<number, Figures>[];
  readonly lives: readonly LiveFigures[];
}

/** A mark without its sites, which are read when all is quiet: to read thousands takes longer than all else. */
type Seen = Omit<RawMark, 'sites'>;

function read(
  { allocatorBytes, instances }: MarkSources,
  heaps: readonly HeapWatch[],
  objects: ObjectTracker,
): Seen {
  const lives = heaps.map((heap) => heap.live());
  const bytes = heaps.length > 0 ? null : allocatorBytes();
  const figures =
    bytes === null ? lives.map(({ heap }) => heap) : [{ ...NO_FIGURES, bytes, totalBytes: bytes }];
  return {
    heap: figures.reduce(
      (sum, more) => (sum && more ? addFigures(sum, more) : null),
      figures[0] ? NO_FIGURES : null,
    ),
    types: sumByName(lives.flatMap(({ types }) => [...types])),
    operations: sumByName(lives.flatMap(({ operations }) => [...operations])),
    handles: sumByName([
      ...[...objects.byStack()].map(([stack, one]) => [withoutOwn(stack), one] as const),
      // Those that are dropped are alive until they are collected.
      ...(typeof globalThis.gc === 'function' ? instances() : []).map(
        ({ module, bytes: size }) => [`instances of ${module}`, figuresOfOne(size)] as const,
      ),
    ]),
    lives,
  };
}

/** Those that are not as they were at first. */
function changedSites(
  { forEachSite }: LiveFigures,
  first?: ReadonlyMap<number, Figures>,
): Map<number, Figures> {
  const sites = new Map<number, Figures>();
  forEachSite?.((site, blocks, bytes, totalBlocks, totalBytes) => {
    const before = first?.get(site);
    // Bytes change with them only: each allocation adds to the total, and without one a release takes from the blocks.
    if (before?.blocks !== blocks || before.totalBlocks !== totalBlocks) {
      sites.set(site, { bytes, blocks, totalBytes, totalBlocks });
    }
  });
  return sites;
}

/**
 * Numbers of sites become stacks; those that a reader can't tell apart are one. Left out are those where nothing has
 * changed, thousands: they tell nothing of the runs, and to name them took most of the time.
 */
export function nameSites(marks: readonly RawMark[], heaps: readonly HeapWatch[]): Mark[] {
  const [first, ...later] = marks;
  const names = heaps.map((heap, at) => {
    const changed = new Set(later.flatMap(({ sites }) => [...(sites[at]?.keys() ?? [])]));
    return [...changed].map((site) => [site, heap.stackOf(site).join('\n')] as const);
  });
  return marks.map((mark) => ({
    ...mark,
    sites: sumByName(
      mark.sites.flatMap((sites, at) =>
        (names[at] ?? []).flatMap(([site, name]) => {
          const figures = sites.get(site) ?? first?.sites[at]?.get(site);
          // Of unknown origin are those that were there before every stack was taken.
          return figures && name !== '' ? [[name, figures] as const] : [];
        }),
      ),
    ),
  }));
}

function sumByName(rows: readonly (readonly [string, Figures])[]): Map<string, Figures> {
  const sums = new Map<string, Figures>();
  for (const [name, figures] of rows) {
    const sum = sums.get(name);
    sums.set(name, sum ? addFigures(sum, figures) : figures);
  }
  return sums;
}

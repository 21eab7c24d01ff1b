// findLeaks(): runs an action again and again, looks at the heap in between, and tells what each run leaves.

import { retainerPath, stepText } from '../analyze/heap-graph/index.ts';
import type { CommonDetails } from '../analyze/leaks/common.ts';
import { type Balance, balanceOf } from '../analyze/repeated/balance.ts';
import { findingsOf, type RepeatedFinding } from '../analyze/repeated/findings.ts';
import type { Mark } from '../analyze/repeated/marks.ts';
import { geglKnowledge } from '../gegl/knowledge.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import { ObjectTracker } from '../record/objects.ts';
import { addFigures, type Figures } from '../recording/figures.ts';
import type { Finding } from '../recording/types.ts';
import type { HeapSnapshot } from './heap-snapshot.ts';
import { HeapSnapshots } from './take-heap-snapshot.ts';

export interface FindLeaksOptions {
  /** Runs that are watched, 3 to 1000. 7 when left out. */
  readonly iterations?: number;
  /** Runs before, in which caches fill up, 0 to 1000. 1 when left out. */
  readonly warmup?: number;
}

export interface FoundLeaks {
  /** What each run leaves behind, the most bytes first. */
  readonly findings: readonly Finding[];
  /** What a run allocates, frees and keeps. */
  readonly balance: Balance;
  /** What could not be seen. */
  readonly warnings: readonly string[];
}

/** What the hunt is led with. */
export interface Hunt {
  /** Null where the heap is not tracked. */
  readonly watch: HeapWatch | null;
  /** Of the allocator; null where it can't be asked. */
  readonly allocatorBytes: () => number | null;
  /** Follows every allocation from now on. @returns puts the mode back. */
  readonly followAll: () => () => void;
}

/** @throws what the action throws, with everything put back. */
export async function huntLeaks(
  action: () => unknown,
  { iterations, warmup }: Required<FindLeaksOptions>,
  hunt: Hunt,
): Promise<FoundLeaks> {
  const warnings = hunt.watch ? [] : [UNTRACKED];
  if (typeof globalThis.gc !== 'function') warnings.push(NO_COLLECTOR);
  const start = performance.now();
  const objects = new ObjectTracker(
    () => performance.now() - start,
    () => {},
  );
  const restore = hunt.followAll();
  objects.start(true);
  try {
    for (let run = 0; run < warmup; run++) await runOnce(action);
    const raw = [read(hunt, objects)];
    for (let run = 0; run < iterations; run++) {
      await runOnce(action);
      raw.push(read(hunt, objects));
    }
    const marks = nameSites(raw, hunt.watch);
    const findings = await withPaths(
      findingsOf(marks, geglKnowledge),
      hunt.watch,
      raw[0]?.sequence ?? 0,
    );
    return { findings, balance: balanceOf(marks), warnings };
  } finally {
    objects.stop();
    restore();
  }
}

const UNTRACKED =
  'The heap of this module is not tracked, so only handles and the allocator’s sum are looked at: call instrument() before the module loads.';
const NO_COLLECTOR =
  'Garbage could not be collected between the runs (no globalThis.gc), so what the application releases in finalizers may look like a leak. In Node: --expose-gc; in Chromium: --js-flags=--expose-gc; in Firefox there is no way.';

async function runOnce(action: () => unknown): Promise<void> {
  await action();
  await settle();
}

/** What a job has made lives to its end, and finalizers run in tasks of their own. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (typeof globalThis.gc === 'function') globalThis.gc();
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
}

interface RawMark extends Omit<Mark, 'sites'> {
  readonly sites: ReadonlyMap<number, Figures>;
  /** Number of the last allocation. */
  readonly sequence: number;
}

function read({ watch, allocatorBytes }: Hunt, objects: ObjectTracker): RawMark {
  const live = watch?.live();
  const bytes = live ? null : allocatorBytes();
  return {
    heap: live
      ? live.heap
      : bytes === null
        ? null
        : { bytes, blocks: 0, totalBytes: bytes, totalBlocks: 0 },
    types: live?.types ?? new Map(),
    sites: live?.sites ?? new Map(),
    operations: live?.operations ?? new Map(),
    handles: objects.byStack(),
    sequence: live?.sequence ?? 0,
  };
}

/** Numbers of sites become stacks; those that a reader can't tell apart are one. */
function nameSites(marks: readonly RawMark[], watch: HeapWatch | null): Mark[] {
  const names = new Map<number, string>();
  for (const { sites } of marks) {
    for (const site of sites.keys()) {
      if (!names.has(site)) names.set(site, watch?.stackOf(site).join('\n') ?? '');
    }
  }
  return marks.map((mark) => {
    const sites = new Map<string, Figures>();
    for (const [site, figures] of mark.sites) {
      const name = names.get(site) ?? '';
      // Of unknown origin are those that were there before every stack was taken.
      if (name === '') continue;
      const same = sites.get(name);
      sites.set(name, same ? addFigures(same, figures) : figures);
    }
    return { ...mark, sites };
  });
}

/** With who holds what each leaves, by a heap snapshot. */
async function withPaths(
  found: readonly RepeatedFinding[],
  watch: HeapWatch | null,
  since: number,
): Promise<Finding[]> {
  const isPlaced = found.some(({ siteNames }) => siteNames.length > 0);
  const snapshot = watch && isPlaced ? await takeHeapSnapshot(watch) : null;
  return found.map(({ siteNames, ...finding }) => {
    const path = snapshot && pathIn(snapshot, siteNames, since);
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
  since: number,
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

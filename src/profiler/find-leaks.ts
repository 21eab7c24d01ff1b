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
  /** Runs that are watched, 3 to 1000. 7 when left out; where fewer seem to leak, it takes 7 to be told. */
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

let last: Promise<unknown> = Promise.resolve();

/**
 * One after another, as each follows all allocations, and puts back how they were followed.
 *
 * @throws what the action throws, with everything put back.
 */
export function huntLeaks(...given: Parameters<typeof hunt>): Promise<FoundLeaks> {
  const hunting = last.then(() => hunt(...given));
  last = hunting.catch(() => {});
  return hunting;
}

async function hunt(
  action: () => unknown,
  { iterations, warmup }: Required<FindLeaksOptions>,
  tools: Hunt,
): Promise<FoundLeaks> {
  const warnings = tools.watch ? [] : [UNTRACKED];
  if (typeof globalThis.gc !== 'function') warnings.push(NO_COLLECTOR);
  const start = performance.now();
  const objects = new ObjectTracker(
    () => performance.now() - start,
    () => {},
  );
  const restore = tools.followAll();
  objects.start(true);
  try {
    const look = () => read(tools, objects);
    for (let run = 0; run < warmup; run++) await runOnce(action, look);
    const raw = [await settle(look)];
    const find = () => findingsOf(nameSites(raw, tools.watch), geglKnowledge);
    let found: readonly RepeatedFinding[] = [];
    // All from one line, lest stacks differ from run to run.
    for (let run = 1, runs = iterations; run <= runs; run++) {
      raw.push(await runOnce(action, look));
      if (run < runs) continue;
      found = find();
      if (found.length > 0) runs = Math.max(runs, CERTAIN_RUNS);
    }
    if (found.length > 0) {
      // What the application releases late is given back now.
      await pause(LATE);
      raw[raw.length - 1] = await settle(look);
      found = find();
    }
    const findings = await withPaths(found, tools.watch, raw[0]?.sequence ?? 0);
    return { findings, balance: balanceOf(nameSites(raw, tools.watch)), warnings };
  } finally {
    objects.stop();
    restore();
  }
}

const UNTRACKED =
  'The heap of this module is not tracked, so only handles and the allocator’s sum are looked at: call instrument() before the module loads.';
const NO_COLLECTOR =
  'Garbage could not be collected between the runs (no globalThis.gc), so what the application releases in finalizers may look like a leak. In Node: --expose-gc; in Chromium: --js-flags=--expose-gc; in Firefox there is no way.';

/** Runs without which nothing is told: of fewer, all may grow by chance, or while things are released late. */
const CERTAIN_RUNS = 7;
/** Milliseconds after which what was to be released is, where something seems to leak. */
const LATE = 300;

async function runOnce(action: () => unknown, look: () => RawMark): Promise<RawMark> {
  // So that each run has the same stack: the first one of a loop would have that of the loop, too.
  await null;
  await action();
  return settle(look);
}

/** How often it is looked whether all is quiet, at most: a page that moves never is. */
const MAX_LOOKS = 6;
/** Milliseconds in which finalizers run, however busy the machine is. */
const PATIENCE = 1000;

/**
 * What is live when nothing changes any more: a job's garbage can be collected only after it, and finalizers run in tasks
 * of their own, late on a busy machine, and may leave more garbage.
 */
async function settle(look: () => RawMark): Promise<RawMark> {
  await collectGarbage();
  let last = look();
  for (let looks = 1; looks < MAX_LOOKS; looks++) {
    await collectGarbage();
    const next = look();
    const isQuiet = stateOf(next) === stateOf(last);
    last = next;
    if (isQuiet) break;
  }
  return last;
}

/** Calls what it is given when an object has been collected. */
const finalizers = new FinalizationRegistry<() => void>((call) => call());

/** Comes back when finalizers have run for what was garbage before, where garbage can be collected. */
async function collectGarbage(): Promise<void> {
  if (typeof globalThis.gc !== 'function') return pause(0);
  let isFinalized = false;
  // In a task of its own, lest a frame that is still there holds the object.
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      finalizers.register({}, () => {
        isFinalized = true;
      });
      resolve();
    }, 0);
  });
  const end = performance.now() + PATIENCE;
  do {
    globalThis.gc();
    await pause(0);
  } while (!isFinalized && performance.now() < end);
}

/** As it was, lest a test of the application that stops the clock waits for ever. */
const { setTimeout } = globalThis;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function stateOf({ heap, handles, sequence }: RawMark): string {
  const live = [...handles.values()].reduce((sum, { blocks }) => sum + blocks, 0);
  return [sequence, heap?.blocks, heap?.bytes, live].join();
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

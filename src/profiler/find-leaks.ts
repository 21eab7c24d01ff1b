// findLeaks(): runs an action again and again, looks at the heap in between, and tells what each run leaves.

import { retainerPath, stepText } from '../analyze/heap-graph/index.ts';
import type { CommonDetails } from '../analyze/leaks/common.ts';
import { type Balance, balanceOf } from '../analyze/repeated/balance.ts';
import { findingsOf, type RepeatedFinding } from '../analyze/repeated/findings.ts';
import { type Mark, ROUND } from '../analyze/repeated/marks.ts';
import { geglKnowledge } from '../gegl/knowledge.ts';
import type { LiveFigures } from '../record/heap/live.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import { ObjectTracker } from '../record/objects.ts';
import { addFigures, type Figures, figuresOfOne, NO_FIGURES } from '../recording/figures.ts';
import type { Finding } from '../recording/types.ts';
import { pause } from '../slices.ts';
import { ProfilerError } from './errors.ts';
import type { HeapSnapshot } from './heap-snapshot.ts';
import { settle } from './settle.ts';
import { HeapSnapshots } from './take-heap-snapshot.ts';

export interface Repetition {
  /** Runs that are watched, 3 to 1000. 7 when left out; what seems to leak is told when it has gone on for 28. */
  readonly iterations?: number;
  /** Runs before, in which caches fill up, 0 to 1000. 1 when left out. */
  readonly warmup?: number;
}

export interface FindLeaksOptions extends Repetition {
  /** Gives up, also while the action runs: it is not ended, but no longer waited for. */
  readonly signal?: AbortSignal | undefined;
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
  /** Those that are tracked now. */
  readonly heaps: () => readonly HeapWatch[];
  /** Of the allocator; null where it can't be asked. */
  readonly allocatorBytes: () => number | null;
  /** What a first sample makes in the heap, which stays, is there before the runs that are watched. */
  readonly takeSample: () => void;
  /** Instances of modules that are alive. */
  readonly instances: () => readonly { readonly module: string; readonly bytes: number }[];
  /** Why modules are not tracked. */
  readonly untracked: () => readonly string[];
}

let last: Promise<unknown> = Promise.resolve();
let isActing = false;

/**
 * One after another, as each follows all allocations, and puts back how they were followed.
 *
 * @throws ProfilerError `FINDING_LEAKS` while an action runs: it may be the action that calls, and would wait for itself.
 * @throws what the action throws, or the reason of the signal, with everything put back.
 */
export async function huntLeaks(...given: Parameters<typeof hunt>): Promise<FoundLeaks> {
  if (isActing) {
    throw new ProfilerError(
      'FINDING_LEAKS',
      'findLeaks() was called while the action of another runs; wait until that one has ended.',
    );
  }
  const hunting = last.then(() => hunt(...given));
  last = hunting.catch(() => {});
  return hunting;
}

async function hunt(
  action: () => unknown,
  { iterations, warmup, signal }: Required<Repetition> & FindLeaksOptions,
  tools: Hunt,
): Promise<FoundLeaks> {
  signal?.throwIfAborted();
  const warnings = typeof globalThis.gc === 'function' ? [] : [NO_COLLECTOR];
  const start = performance.now();
  const objects = new ObjectTracker(
    () => performance.now() - start,
    () => {},
  );
  const heaps: HeapWatch[] = [];
  const restores: (() => void)[] = [];
  const isNew = ({ memory }: HeapWatch) => !heaps.some((heap) => heap.memory === memory);
  const followAll = () => {
    for (const heap of tools.heaps()) {
      if (!isNew(heap)) continue;
      heaps.push(heap);
      restores.push(heap.followAll());
    }
  };
  const givenUp =
    signal &&
    new Promise<never>((_, reject) => {
      const giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      restores.push(() => signal.removeEventListener('abort', giveUp));
    });
  // It may come between two runs, too.
  givenUp?.catch(() => {});
  try {
    followAll();
    objects.start(true);
    /** Runs of the last round that were spared. */
    let spared = 0;
    const watched: RawMark[] = [];
    const look = async (): Promise<RawMark> => {
      const seen = await settle(() => read(tools, heaps, objects), stateOf);
      const sites = seen.lives.map((live, at) => changedSites(live, watched[0]?.sites[at]));
      return { ...seen, sites, runs: ROUND - spared };
    };
    for (let run = 0; run < warmup; run++) {
      await runOnce(action, givenUp);
      await look();
    }
    // An action may load its module in its first run.
    followAll();
    if (heaps.length === 0) {
      warnings.unshift(UNTRACKED, ...tools.untracked());
    }
    tools.takeSample();
    const watchedFrom = performance.now();
    watched.push(await look());
    const rounds: RawMark[] = [];
    const find = () => {
      const marks = nameSites([...watched, ...rounds], heaps);
      return findingsOf(marks.slice(0, watched.length), geglKnowledge, marks.slice(watched.length));
    };
    let found: readonly RepeatedFinding[] = [];
    let roundFrom = watchedFrom;
    // All from one line, lest stacks differ from run to run.
    for (let run = 1, runs = iterations, toWatch = iterations; run <= runs; run++) {
      await runOnce(action, givenUp);
      const marks = run <= toWatch ? watched : rounds;
      const now = performance.now();
      // What leaks may make each run take longer, and the round would not end.
      if (marks === rounds && now > start + LONG && now - roundFrom > roundFrom - watchedFrom) {
        spared = runs - run;
        runs = run;
      }
      if (marks === watched || run === runs) marks.push(await look());
      if (run < runs) continue;
      found = find();
      if (found.length > 0 && run >= CERTAIN_RUNS) {
        // What the application releases late is given back now.
        await pause(LATE);
        marks[marks.length - 1] = await look();
        found = find();
      }
      if (found.length === 0) break;
      if (run < CERTAIN_RUNS) runs = toWatch = CERTAIN_RUNS;
      else if (run < LASTING_RUNS && (marks === watched || performance.now() < start + LONG)) {
        runs += ROUND;
        roundFrom = performance.now();
      }
    }
    if (tools.heaps().some(isNew)) warnings.push(LATE_MODULE);
    if (spared > 0 && found.length > 0) warnings.push(slower(ROUND - spared));
    const findings = await withPaths(found, heaps, watched[0]?.lives);
    return { findings, balance: balanceOf(nameSites(watched, heaps)), warnings };
  } finally {
    objects.stop();
    for (const restore of restores) restore();
  }
}

const UNTRACKED =
  'No heap is tracked, so only handles and the allocator’s sum are looked at: call instrument() before the module loads.';
const NO_COLLECTOR =
  'Garbage could not be collected between the runs (no globalThis.gc), so what finalizers release may look like a leak. In Node: --expose-gc; in Chromium: --js-flags=--expose-gc; in Firefox there is no way.';

const LATE_MODULE =
  'The heap of a module that was loaded while runs were watched is not looked into: load it before, or give more warmup.';
const slower = (runs: number) =>
  `The action takes longer with each run, so what seems to leak was watched for ${runs} of ${ROUND} further runs only.`;

/** Runs without which nothing is told: of fewer, all may grow by chance, or while things are released late. */
const CERTAIN_RUNS = 7;
/** What seems to leak must go on for so many runs in all: a cache or a list with a bound is full then, or trimmed. */
const LASTING_RUNS = 28;
/** Milliseconds after which no further round begins, where runs take long: one at least there is. */
const LONG = 30_000;
/** Milliseconds after which what was to be released is, where something seems to leak. */
const LATE = 300;

/** @param givenUp rejects when the action is no longer to be waited for. */
async function runOnce(action: () => unknown, givenUp?: Promise<never>): Promise<void> {
  // So that each run has the same stack: the first one of a loop would have that of the loop, too.
  await (givenUp ? Promise.race([givenUp, null]) : null);
  isActing = true;
  ownFrame ||= PLACE.exec(new Error().stack ?? '')?.[1] ?? '';
  try {
    await (givenUp ? Promise.race([givenUp, action()]) : action());
  } finally {
    isActing = false;
  }
}

/** Function and file of the first frame of a stack. */
const PLACE = /^(.+):\d+:\d+\)?$/m;
/** That of `runOnce()`. */
let ownFrame = '';

/** Firefox tells of each run's awaiting, each time otherwise. */
function withoutOwn(stack: string): string {
  const lines = stack.split('\n');
  const end = ownFrame === '' ? -1 : lines.findIndex((line) => line.startsWith(ownFrame));
  return end < 0 ? stack : lines.slice(0, end).join('\n');
}

function stateOf({ heap, handles, lives }: Seen): string {
  const live = [...handles.values()].reduce((sum, { blocks }) => sum + blocks, 0);
  return [lives.map(({ sequence }) => sequence), heap?.blocks, heap?.bytes, live].join();
}

interface RawMark extends Omit<Mark, 'sites'> {
  /** Of each heap, by the site's number: all in the first mark, in others what has changed since, as there may be a thousand. */
  readonly sites: readonly ReadonlyMap<number, Figures>[];
  readonly lives: readonly LiveFigures[];
}

/** A mark without its sites, which are read when all is quiet: to read thousands takes longer than all else. */
type Seen = Omit<RawMark, 'sites'>;

function read(
  { allocatorBytes, instances }: Hunt,
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
function nameSites(marks: readonly RawMark[], heaps: readonly HeapWatch[]): Mark[] {
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

/** With who holds what each leaves, by a heap snapshot. */
async function withPaths(
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

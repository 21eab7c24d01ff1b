// findLeaks(): runs an action again and again, looks at the heap in between, and tells what each run leaves.

import { type Balance, balanceOf } from '../analyze/repeated/balance.ts';
import { findingsOf, type RepeatedFinding } from '../analyze/repeated/findings.ts';
import { ROUND } from '../analyze/repeated/marks.ts';
import { geglKnowledge } from '../gegl/knowledge.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import { ObjectTracker } from '../record/objects.ts';
import type { Finding } from '../recording/types.ts';
import { pause } from '../slices.ts';
import { ProfilerError } from './errors.ts';
import { type MarkSources, nameSites, type RawMark, takeMark } from './heap-marks.ts';
import { withPaths } from './holder-paths.ts';
import { isActing, runOnce } from './run-action.ts';

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
export interface Hunt extends MarkSources {
  /** Those that are tracked now. */
  readonly heaps: () => readonly HeapWatch[];
  /** What a first sample makes in the heap, which stays, is there before the runs that are watched. */
  readonly takeSample: () => void;
  /** Why modules are not tracked. */
  readonly untracked: () => readonly string[];
}

let last: Promise<unknown> = Promise.resolve();

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
    const look = () => takeMark(tools, heaps, objects, ROUND - spared, watched[0]);
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

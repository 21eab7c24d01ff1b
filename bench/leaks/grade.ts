// Grades runs: pure functions of what was planted and what was reported.

import type { Recording } from '../../src/recording/types.ts';
import { RULES } from './baseline.ts';
import type { Checkpoint, Found, Recorded, Repeated, Truth } from './messages.ts';
import type { Scenario } from './scenario.ts';

/** The first so many steps of a recorded session. */
export interface Run {
  readonly scenario: Scenario;
  readonly steps: number;
  readonly checkpoints: readonly Checkpoint[];
  readonly events: Recorded['events'];
  readonly recording: Recording;
}

/** A session at several lengths: with its seed, a shorter one is the beginning of a longer. */
export function runsOf(
  scenario: Scenario,
  { checkpoints, events }: Recorded,
  recording: Recording,
  lengths: readonly number[],
): Run[] {
  return lengths.map((steps) => ({
    scenario,
    steps,
    checkpoints: checkpoints.filter(({ step }) => step <= steps),
    events: events.filter(({ step }) => step <= steps),
    recording,
  }));
}

export interface Repetition {
  readonly scenario: Scenario;
  readonly repeated: Repeated;
}

/** How a detector did on one run. */
export interface Verdict {
  readonly scenario: string;
  readonly steps: number;
  /** Whether anything had leaked. */
  readonly isLeaking: boolean;
  readonly isReported: boolean;
  /** Whether it was, at any time before. */
  readonly wasReported: boolean;
  /** Steps from the first checkpoint with a leak to the first report; null where there is none. */
  readonly delay: number | null;
  /** Whether the first finding names the guilty site; null where none was reported. */
  readonly namesSite: boolean | null;
  /** Type and message of the first finding; null where none was reported. */
  readonly told: string | null;
}

export interface Score {
  readonly detector: string;
  readonly leaking: number;
  readonly detected: number;
  /** Also those whose alarm was taken back. */
  readonly everDetected: number;
  readonly clean: number;
  readonly falseAlarms: number;
  /** Clean runs with an alarm at any time, even if it was taken back. */
  readonly passingAlarms: number;
  readonly medianDelay: number | null;
  readonly named: number;
  readonly verdicts: readonly Verdict[];
}

/** `unreachable_block` comes from heap snapshots, all else from figures over time and from handles. */
const FROM_HEAP_SNAPSHOTS = /^unreachable/;

type Choice = (found: Found) => boolean;

export function scoreRuns(runs: readonly Run[], repetitions: readonly Repetition[]): Score[] {
  const types = new Set(
    runs.flatMap(({ checkpoints }) =>
      checkpoints.flatMap(({ found }) => found.map(({ type }) => type)),
    ),
  );
  return [
    ...[...types].sort().map((type) => scoreReports(type, runs, (found) => found.type === type)),
    scoreReports('1. recording: all but these of heap snapshots', runs, (found) => {
      return !FROM_HEAP_SNAPSHOTS.test(found.type);
    }),
    scoreReports('2. heap snapshots: unreachable blocks', runs, (found) => {
      return FROM_HEAP_SNAPSHOTS.test(found.type);
    }),
    scoreReports('1 and 2: the report', runs, () => true),
    score('3. findLeaks()', repetitions.flatMap(judgeRepetition)),
    score('events `leak`', runs.map(judgeEvents)),
    score('1, 2 and 3 together', judgeTogether(runs, repetitions)),
  ];
}

export function scoreRules(runs: readonly Run[]): Score[] {
  return RULES.map(({ name, cries }) =>
    score(
      `baseline: ${name}`,
      runs.map(({ scenario, steps, checkpoints, recording }) => {
        // The first snapshot is the one of start().
        const indices = recording.snapshots.elapsed.slice(0, steps + 1).map((_, index) => index);
        const cry = indices.findIndex((index) => cries(recording, index));
        return {
          scenario: scenario.name,
          steps,
          isLeaking: (checkpoints.at(-1)?.leaks ?? 0) > 0,
          isReported: cries(recording, indices.length - 1),
          wasReported: cry >= 0,
          delay: cry >= 0 ? Math.max(0, cry - firstLeak(checkpoints)) : null,
          // It names none.
          namesSite: cry >= 0 ? false : null,
          told: cry >= 0 ? name : null,
        };
      }),
    ),
  );
}

function scoreReports(detector: string, runs: readonly Run[], choice: Choice): Score {
  return score(
    detector,
    runs.map((run) => judge(run, choice)),
  );
}

function judge({ scenario, steps, checkpoints }: Run, choice: Choice): Verdict {
  const isLeaking = (checkpoints.at(-1)?.leaks ?? 0) > 0;
  const last = checkpoints.at(-1)?.found.filter(choice) ?? [];
  // Before anything leaks, a report is a false one.
  const first = checkpoints.find(
    ({ found, leaks }) => found.some(choice) && (!isLeaking || leaks > 0),
  );
  const from = firstLeak(checkpoints);
  return {
    scenario: scenario.name,
    steps,
    isLeaking,
    isReported: last.length > 0,
    wasReported: first !== undefined,
    delay: isLeaking && last.length > 0 && first ? Math.max(0, first.step - from) : null,
    ...tellFirst(scenario, last[0]),
  };
}

function tellFirst({ leaks }: Scenario, first: Found | undefined) {
  return {
    namesSite: first && leaks ? leaks.site.test(first.text) : null,
    told: first ? `${first.type}: ${first.text.split('\n')[0]}` : null,
  };
}

/** An event can't be taken back: each one counts. */
function judgeEvents({ scenario, steps, checkpoints, events }: Run): Verdict {
  const isLeaking = (checkpoints.at(-1)?.leaks ?? 0) > 0;
  const from = firstLeak(checkpoints);
  const [first] = isLeaking ? events.filter(({ step }) => step > from) : events;
  return {
    scenario: scenario.name,
    steps,
    isLeaking,
    isReported: first !== undefined,
    wasReported: first !== undefined,
    delay: isLeaking && first ? first.step - from : null,
    ...tellFirst(scenario, first?.found),
  };
}

function firstLeak(checkpoints: readonly Checkpoint[]): number {
  const place = checkpoints.findIndex(({ leaks }) => leaks > 0);
  return checkpoints[place - 1]?.step ?? 0;
}

function judgeRepetition({ scenario, repeated }: Repetition): Verdict[] {
  const { found, leaks } = repeated;
  if (!found || (scenario.leaks && leaks === 0)) return [];
  return [
    {
      scenario: scenario.name,
      steps: 0,
      isLeaking: leaks > 0,
      isReported: found.length > 0,
      wasReported: found.length > 0,
      delay: null,
      ...tellFirst(scenario, found[0]),
    },
  ];
}

/** A run of whatever length, and the same scenario's repetition: what either reports, the report first. */
function judgeTogether(runs: readonly Run[], repetitions: readonly Repetition[]): Verdict[] {
  const byName = new Map(
    repetitions.flatMap(judgeRepetition).map((verdict) => [verdict.scenario, verdict]),
  );
  return runs.map((run) => {
    const report = judge(run, () => true);
    const repetition = byName.get(report.scenario);
    return {
      ...report,
      isReported: report.isReported || (repetition?.isReported ?? false),
      wasReported: report.wasReported || (repetition?.wasReported ?? false),
      namesSite: report.isReported ? report.namesSite : (repetition?.namesSite ?? null),
      told: report.told ?? repetition?.told ?? null,
    };
  });
}

function score(detector: string, all: readonly Verdict[]): Score {
  // A leaking scenario that had not leaked yet is neither.
  const leaking = all.filter(({ isLeaking }) => isLeaking);
  const clean = all.filter(({ isLeaking }) => !isLeaking);
  const delays = leaking.flatMap(({ delay }) => delay ?? []).sort((a, b) => a - b);
  return {
    detector,
    leaking: leaking.length,
    detected: leaking.filter(({ isReported }) => isReported).length,
    everDetected: leaking.filter(({ wasReported }) => wasReported).length,
    clean: clean.length,
    falseAlarms: clean.filter(({ isReported }) => isReported).length,
    passingAlarms: clean.filter(({ wasReported }) => wasReported).length,
    medianDelay: delays[delays.length >> 1] ?? null,
    named: leaking.filter(({ isReported, namesSite }) => isReported && namesSite).length,
    verdicts: all,
  };
}

/** What a scenario says of itself and does not hold; null where it does. */
export function mismatch({ leaks, tolerance = 0 }: Scenario, truth: Truth): string | null {
  const { blocks, bytes, planted } = truth;
  const left = `${blocks} blocks, ${bytes} bytes`;
  if (leaks === null) {
    if (planted.leaks > 0) return 'it is clean, and says that it has planted leaks';
    return Math.abs(blocks) > tolerance ? `clean, but a warm session leaves ${left}` : null;
  }
  const isThere = blocks >= planted.blocks && bytes >= planted.bytes && bytes > 0;
  return isThere
    ? null
    : `${planted.leaks} leaks of ${planted.blocks} blocks and ${planted.bytes} bytes planted, but a warm session leaves ${left}`;
}

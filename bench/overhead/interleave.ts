// Times several ways by turns: what disturbs the machine disturbs them all.

import { median } from '../profiler/table.ts';
import type { Counted } from './messages.ts';
import { Runner } from './runners.ts';
import { BASELINE, WAYS } from './ways.ts';
import { type ModuleName, WORKS, type Work } from './workloads.ts';

const WARM_UPS = 7;
/** Milliseconds. */
const LONGEST_WARM_UP = 5000;
/** A way that takes so many times as long is run only every few rounds. */
const SLOW = 5;
const SLOW_EVERY = 7;

export interface Measured {
  /** Milliseconds of each run. */
  readonly times: number[];
  /** To the baseline in the same round. */
  readonly ratios: number[];
  /** Stacks taken in a run. */
  readonly stacks: number[];
  /** Milliseconds of the first run, in which code is compiled and all stacks are new. */
  readonly first: number[];
  counted: Counted | null;
}

export type Results = Map<Work, Map<string, Measured>>;

/** Instances anew: each has its own luck with where things lie in memory. */
export async function measure(module: ModuleName, instances: number, rounds: number) {
  const ways = WAYS.filter(({ onlyGegl }) => module === 'gegl' || !onlyGegl);
  const results: Results = new Map(
    WORKS[module].map((work) => [
      work,
      new Map(
        ways.map(({ name }) => [
          name,
          { times: [], ratios: [], stacks: [], first: [], counted: null },
        ]),
      ),
    ]),
  );
  for (let instance = 0; instance < instances; instance += 1) {
    const runners: Runner[] = [];
    for (const way of ways) runners.push(await Runner.start(module, way));
    for (const [work, measured] of results) await measureWork(work, runners, measured, rounds);
    for (const runner of runners) await runner.stop();
  }
  return results;
}

async function measureWork(
  work: Work,
  runners: readonly Runner[],
  measured: Map<string, Measured>,
  rounds: number,
): Promise<void> {
  const warm = new Map<string, number>();
  for (const { way, runner, into } of join(runners, measured)) {
    const times: number[] = [];
    // What is slow needs no more, of so many calls; but from its third run on GEGL's blur allocates what it will.
    const isWarm = () =>
      sum(times) > (times.length < 3 ? LONGEST_WARM_UP : LONGEST_WARM_UP / 2) ||
      times.length === WARM_UPS;
    while (!isWarm()) {
      times.push((await runner.run(work, false)).time);
    }
    into.first.push(times[0] ?? Number.NaN);
    warm.set(way, Math.min(...times));
  }
  const fastest = Math.min(...warm.values());
  for (const { runner, into } of join(runners, measured)) into.counted = await runner.count(work);
  compare(work, measured);
  for (let round = 0; round < rounds; round += 1) {
    const times = new Map<string, number>();
    // Who goes first changes, lest one always finds the processor as the same other left it.
    const turns = join(runners, measured);
    for (let turn = 0; turn < turns.length; turn += 1) {
      const next = turns[(turn + round) % turns.length];
      if (!next) continue;
      const isSlow = (warm.get(next.way) ?? 0) > SLOW * fastest;
      const every = Math.min(SLOW_EVERY, rounds);
      if (isSlow && round % every !== every - 1) continue;
      const { time, stacks } = await next.runner.run(work, !isSlow);
      times.set(next.way, time);
      next.into.times.push(time);
      next.into.stacks.push(stacks);
    }
    const base = times.get(BASELINE);
    for (const [way, time] of times) {
      if (base !== undefined) measured.get(way)?.ratios.push(time / base);
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function join(runners: readonly Runner[], measured: Map<string, Measured>) {
  return runners.flatMap((runner) => {
    const into = measured.get(runner.way.name);
    return into ? [{ way: runner.way.name, runner, into }] : [];
  });
}

/** @throws when they did not do the same work, as their times could not be compared then. */
function compare(work: Work, measured: Map<string, Measured>): void {
  const counts = [...measured].flatMap(([way, { counted }]) => (counted ? [{ way, counted }] : []));
  const digests = new Set(counts.map(({ counted }) => counted.digest));
  const known = counts.flatMap(({ counted: { allocations } }) => allocations ?? []);
  const usual = median(known);
  const differ = known.some((count) => Math.abs(count - usual) > usual / 100);
  const complaints = counts.some(({ counted }) => counted.complaints > 0);
  if (digests.size === 1 && !differ && !complaints) return;
  const lines = counts.map(({ way, counted }) => `${way}: ${JSON.stringify(counted)}`);
  throw new Error(`${work}: not the same work, so times say nothing.\n${lines.join('\n')}`);
}

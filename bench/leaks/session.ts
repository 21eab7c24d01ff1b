// Runs a scenario on an engine: for its truth, for a recording, or for findLeaks().

import { writeFileSync } from 'node:fs';
import type { Finding, MemoryProfiler } from '../../src/profiler/index.ts';
import { randomNumbers } from '../../test/random-numbers.ts';
import { passTime } from './clock.ts';
import type { Checkpoint, Found, Recorded, Repeated, Truth } from './messages.ts';
import type { Engine, Scenario, Session } from './scenario.ts';
import { seedOf } from './scenarios/index.ts';
import { createWorld, type Planted } from './world.ts';

/** What a user does in a second. */
const SECOND = 1000;
/** Tasks in which a check for leaks comes to its end. */
const TASKS_A_SECOND = 20;
/** Steps from one garbage collection to the next. */
const COLLECT_EVERY = 10;
/** Steps of a session whose truth is told, at least. */
const TRUTH_STEPS = 60;
/** Steps of a recorded session after which a report is made, and heap snapshots before it. */
const REPORTS_AT = [10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 350, 400];
const HEAP_SNAPSHOTS_AT = [20, 40, 60, 100, 150, 250, 400];
/** Steps before an action is repeated, so that what has a bound has reached it. */
const WARM_UP_STEPS = 120;

/** Lets the garbage collector run, and what it tells of. */
async function collectGarbage(): Promise<void> {
  const collect: unknown = Reflect.get(globalThis, 'gc');
  if (typeof collect !== 'function') throw new Error('Needs node --expose-gc.');
  // A handle that was met just now is kept until its task ends.
  await nextTask();
  collect();
  await nextTask();
}

/** In a real session, what goes on in tasks of its own has nearly a second. */
async function letTasksRun(): Promise<void> {
  for (let task = 0; task < TASKS_A_SECOND; task += 1) await nextTask();
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Run {
  readonly session: Session;
  readonly random: () => number;
  readonly planted: Planted;
}

function begin(scenario: Scenario, engine: Engine): Run {
  const { world, planted } = createWorld(engine);
  return {
    session: scenario.setUp(world),
    random: randomNumbers(seedOf(scenario.name)),
    planted,
  };
}

async function run({ session, random }: Run, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    await session.step(index, random);
    if (index % COLLECT_EVERY === COLLECT_EVERY - 1) await collectGarbage();
  }
}

/** What a session leaves, by the tracker's exact counts, once sessions before it have warmed all caches. */
export async function tellTruth(
  scenario: Scenario,
  engine: Engine,
  profiler: MemoryProfiler,
): Promise<Truth> {
  const live = () => {
    const memory = profiler.takeSnapshot()?.wasmMemory;
    if (memory?.heapUsedSource !== 'tracker') throw new Error('Nothing is tracked.');
    return { blocks: memory.liveBlocks ?? Number.NaN, bytes: memory.heapUsed ?? Number.NaN };
  };
  let before = live();
  let planted: Planted = { leaks: 0, blocks: 0, bytes: 0 };
  for (let round = 0; round < 3; round += 1) {
    before = live();
    const session = begin(scenario, engine);
    await run(session, 0, Math.max(TRUTH_STEPS, scenario.action ?? 0));
    session.session.tearDown();
    await collectGarbage();
    planted = session.planted;
  }
  const after = live();
  return {
    what: 'truth',
    blocks: after.blocks - before.blocks,
    bytes: after.bytes - before.bytes,
    planted,
  };
}

/** A session with a snapshot a step, and with heap snapshots and reports on the way. */
export async function record(
  scenario: Scenario,
  engine: Engine,
  profiler: MemoryProfiler,
  steps: number,
  file: string,
): Promise<Recorded> {
  const errors: string[] = [];
  const heapSnapshotTimes: number[] = [];
  const snapHeap = async (options: { readonly baseline?: boolean }) => {
    const start = performance.now();
    try {
      await profiler.takeHeapSnapshot(options);
      heapSnapshotTimes.push(performance.now() - start);
    } catch (error) {
      errors.push(`takeHeapSnapshot: ${String(error)}`);
    }
  };
  const session = begin(scenario, engine);
  await snapHeap({ baseline: true });
  const checkpoints: Checkpoint[] = [];
  const events: { step: number; found: Found }[] = [];
  let reportTime = 0;
  let step = 1;
  const onLeak = ({ detail }: CustomEvent<Finding>) => {
    for (const found of gradable([detail])) events.push({ step, found });
  };
  profiler.addEventListener('leak', onLeak);
  for (; step <= steps; step += 1) {
    await run(session, step - 1, step);
    if (HEAP_SNAPSHOTS_AT.includes(step)) {
      await collectGarbage();
      await snapHeap({});
    }
    passTime(SECOND);
    profiler.takeSnapshot();
    await letTasksRun();
    if (!REPORTS_AT.includes(step)) continue;
    const start = performance.now();
    const found = gradable(profiler.getReport().leaks);
    reportTime = performance.now() - start;
    checkpoints.push({ step, leaks: session.planted.leaks, found });
  }
  // The check for leaks goes on in tasks of its own.
  await new Promise((resolve) => setTimeout(resolve, 50));
  profiler.removeEventListener('leak', onLeak);
  writeFileSync(file, profiler.exportData());
  // Before the session's own handles become garbage, which is no part of it.
  const { planted } = session;
  session.session.tearDown();
  return { what: 'record', planted, checkpoints, events, reportTime, heapSnapshotTimes, errors };
}

export async function repeat(
  scenario: Scenario,
  engine: Engine,
  profiler: MemoryProfiler,
): Promise<Repeated> {
  const { action = 1 } = scenario;
  if (action === null) return { what: 'repeat', found: null, leaks: 0, errors: [] };
  const session = begin(scenario, engine);
  let next = Math.ceil(WARM_UP_STEPS / action) * action;
  await run(session, 0, next);
  const before = session.planted.leaks;
  const repeated = async () => {
    const from = next;
    next += action;
    for (let index = from; index < next; index += 1) {
      await session.session.step(index, session.random);
      passTime(SECOND);
    }
  };
  try {
    const { findings } = await profiler.findLeaks(repeated, { iterations: 7, warmup: 1 });
    const leaks = session.planted.leaks - before;
    return { what: 'repeat', found: gradable(findings), leaks, errors: [] };
  } catch (error) {
    const leaks = session.planted.leaks - before;
    return { what: 'repeat', found: [], leaks, errors: [`findLeaks: ${String(error)}`] };
  }
}

/** Warnings and errors: what a user is called for; errors first, else in the order of the report. */
function gradable(findings: readonly Finding[]): Found[] {
  const found = findings.map(
    ({ type, severity, message, details }): Found => ({
      type,
      severity,
      text: [message, ...siteTexts(details)].join('\n'),
    }),
  );
  return ['error', 'warning'].flatMap((severity) =>
    found.filter((finding) => finding.severity === severity),
  );
}

/** Of a finding's details, what says where: not the lists of all it has found. */
function siteTexts(details: Finding['details']): string[] {
  return ['stack', 'site', 'path', 'operation', 'name'].flatMap((name) => {
    const value = details[name];
    return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  });
}

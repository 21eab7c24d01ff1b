// One way to watch the heap, in a process of its own, which runs when it is told to.

import { allProbes } from '../../src/record/heap/instrument-options.ts';
import { trackedHeaps, trackLoads } from '../../src/record/heap/track-loads.ts';
import { figuresOf } from './memoryprofiler.ts';
import type { Answer, Order } from './messages.ts';
import { NaiveMap } from './naive-map.ts';
import { WAYS } from './ways.ts';
import { isModuleName, startWorkload, type Work } from './workloads.ts';

const [, , moduleName, wayName] = process.argv;
const way = WAYS.find(({ name }) => name === wayName);
if (!way || !isModuleName(moduleName)) throw new Error(`What is ${moduleName}, ${wayName}?`);
const { watch } = way;
const isOurs = typeof watch === 'object' && watch !== null;
const naive = watch === 'naive map' ? new NaiveMap() : null;
// As memoryProfiler.instrument() does: without GEGL's probes a part of the cost would be missing.
if (isOurs) trackLoads({ ...watch, probes: allProbes() });
const workload = await startWorkload(moduleName, watch === 'memoryprofiler');
const tracker = trackedHeaps()[0]?.tracker ?? null;
if (isOurs && !tracker) throw new Error('The module is not tracked.');
const others = watch === 'memoryprofiler' ? figuresOf(workload.module) : null;
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {});

process.on('message', ({ what, work, twice }: Order) => {
  if (what === 'count') send(count(work));
  else {
    if (twice) workload.run(work);
    collectGarbage();
    const before = tracker?.captures.count ?? 0;
    const start = performance.now();
    workload.run(work);
    const time = performance.now() - start;
    send({ time, stacks: (tracker?.captures.count ?? 0) - before });
  }
});
send({ isReady: true });

/** What a run makes and allocates; not timed. */
function count(work: Work): Answer {
  const mode = tracker?.mode ?? 'off';
  // Off, nobody counts. What was allocated before is unknown then, which is no fault.
  if (tracker && mode === 'off') tracker.mode = 'counts';
  const before = allocations();
  const digest = workload.run(work);
  const after = allocations();
  const counters = tracker?.counters();
  if (tracker) tracker.mode = mode;
  return {
    digest,
    allocations: before === null || after === null ? null : after - before,
    complaints:
      counters && mode !== 'off' ? counters.unknownFrees + counters.duplicateAllocations : 0,
  };
}

function allocations(): number | null {
  if (tracker) return tracker.counters().allocatedBlocks;
  if (naive) return naive.allocations;
  return others ? others.totalTimesMallocCalled : null;
}

function send(answer: Answer): void {
  process.send?.(answer);
}

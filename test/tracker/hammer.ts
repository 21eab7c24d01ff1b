// One of several threads that allocate, and free what others allocated, on one heap of which each block's place
// is taken by one thread at a time. Bundled and run in a worker by threads.test.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { Tracker } from '../../src/tracker/index.ts';
import { randomNumbers } from '../random-numbers.ts';
import type { HammerResult, HammerTask } from './hammer-task.ts';
import { hooksOf } from './hooks.ts';

const EMPTY = 0;
const BUSY = 1;
const FULL = 2;

function hammer({ memory, places, mode, seed, steps, ready, threads }: HammerTask): HammerResult {
  const tracker = Tracker.create({ shared: true, memory, mode, seed, mean: 1024, budget: 1 });
  const hooks = hooksOf(tracker);
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const done: HammerResult = { allocatedBlocks: 0, allocatedBytes: 0, freedBlocks: 0, runs: 0 };
  // All at once, or there is nothing to race.
  Atomics.add(ready, 0, 1);
  while (Atomics.load(ready, 0) < threads);
  for (let step = 0; step < steps; step++) {
    const place = below(places.length);
    const address = 1024 + place * 16;
    const token = step % 64 === 0 ? hooks.scopeOpened(1, below(300)) : null;
    if (token !== null) done.runs += 1;
    if (Atomics.compareExchange(places, place, EMPTY, BUSY) === EMPTY) {
      // Every other one does not fit into its slot of the map, so that it has a record.
      const size = below(200) + (mode === 'counts' && step % 2 === 0 ? 2 ** 21 : 0);
      hooks.allocated(address, size, 0);
      hooks.instanceCreated(2, address, place % 50);
      done.allocatedBlocks += 1;
      done.allocatedBytes += size;
      Atomics.store(places, place, FULL);
    } else if (Atomics.compareExchange(places, place, FULL, BUSY) === FULL) {
      hooks.instanceFreeing(3, address, 0);
      hooks.freeing(address);
      done.freedBlocks += 1;
      Atomics.store(places, place, EMPTY);
    }
    if (token !== null) hooks.scopeClosed(token);
  }
  return done;
}

parentPort?.postMessage(hammer(workerData));

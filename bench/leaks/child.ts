// A process, or a worker thread in it, of one run.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Gegl } from '../../src/gegl/index.ts';
import { memoryProfiler } from '../../src/profiler/index.ts';
import { installClock } from './clock.ts';
import type { Answer, Order } from './messages.ts';
import { scenarios } from './scenarios/index.ts';
import { record, repeat, tellTruth } from './session.ts';

const order: Order = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData;
const scenario = scenarios.find(({ name }) => name === order.name);
if (!scenario) throw new Error(`There is no scenario ${order.name}.`);
const answer = scenario.inWorker && isMainThread ? await askWorker() : await run();
if (isMainThread) process.send?.(answer);
else parentPort?.postMessage(answer);

async function run(): Promise<Answer> {
  if (!scenario) throw new Error('There is no scenario.');
  installClock();
  memoryProfiler.instrument({
    trackAllocations: order.what === 'truth' ? 'counts' : 'all',
    seed: 1,
    // As whoever hunts leaks by heap snapshots would.
    scrub: order.what !== 'truth',
    // Simulated time must not make the sampler spare what it thinks is expensive.
    budget: 1,
  });
  const require = createRequire(import.meta.url);
  await Gegl.init({
    module: require(join(process.cwd(), 'native/out-leaks/gegl.js')),
    // What the error paths of scenarios make GEGL say.
    onMessage: () => {},
  });
  // The first time that anything is asked of an operation, GEGL itself leaks two texts: of them no scenario is told.
  Gegl.operation('gegl:nop');
  // Samples are taken by step.
  memoryProfiler.start({ sampleInterval: 60_000 });
  switch (order.what) {
    case 'truth':
      return tellTruth(scenario, Gegl, memoryProfiler);
    case 'repeat':
      return repeat(scenario, Gegl, memoryProfiler);
    case 'record':
      return record(scenario, Gegl, memoryProfiler, order.steps, order.file);
  }
}

function askWorker(): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: order });
    worker.once('message', (message: Answer) => {
      resolve(message);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}

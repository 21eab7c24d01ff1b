// Runs in the process of a watched script: loaded before it, or, where there is a scenario, in its place. Records from
// the start to the exit, and leaves what it has as files for the command that waits.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
// Not bundled, so that its frames are known as the profiler's in stacks.
import { MemoryProfiler } from 'gegl-memory-profiler';
import { outputOf, progressOn } from '../output.ts';
import { FOUND_FILE, type NodeTask, RECORDING_FILE, TASK_VARIABLE } from './node-task.ts';
import { counted, iterationOf, loadScenario, ScenarioError } from './scenario.ts';

/** Not the one that the script may use itself. */
const profiler = new MemoryProfiler();
const text = process.env[TASK_VARIABLE];
if (text !== undefined && isMainThread) {
  // Processes that the script starts are not watched.
  delete process.env[TASK_VARIABLE];
  const task: NodeTask = JSON.parse(text);
  record(task);
  if (task.scenario !== null) await runScenario(task, task.scenario);
}

function record({ folder, sampleInterval }: NodeTask): void {
  profiler.start({ sampleInterval });
  process.once('exit', () => {
    profiler.stop();
    writeFileSync(join(folder, RECORDING_FILE), profiler.exportData());
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const end = () => {
      // A script that has its own way to end goes it.
      if (process.listenerCount(signal) > 1) return;
      process.exit(128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal]);
    };
    // It stays: who is told twice shall not die while the recording is written.
    process.on(signal, end);
  }
}

async function runScenario({ script, folder, repetition }: NodeTask, path: string): Promise<void> {
  const scenario = await loadScenario<unknown>(path).catch((error: unknown) => {
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  // As if it had been started itself.
  process.argv[1] = script;
  const subject: unknown = await import(pathToFileURL(script).href);
  const progress = progressOn(outputOf(process.stdout, process.stderr));
  await scenario.setup?.(subject);
  const iteration = iterationOf(scenario, subject);
  if (iteration) {
    process.once('exit', endEarly);
    try {
      const action = counted(iteration, repetition, progress.show);
      const found = await profiler.findLeaks(action, repetition);
      writeFileSync(join(folder, FOUND_FILE), JSON.stringify(found));
    } finally {
      process.off('exit', endEarly);
      progress.end();
    }
  }
  await scenario.teardown?.(subject);
  // What the script keeps waiting for, as a server does, is not waited for.
  process.exit();
}

/** "No leaks" would mean nothing then. */
function endEarly(code: number): void {
  process.stderr.write('The script ended before the runs of the action were over.\n');
  if (code === 0) process.exitCode = 1;
}

// Threads of Node: each must load this script, too, and be told of the trackers that it shall join.

import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { type Greeting, isGreeting } from '../record/heap/threads.ts';

const KEY = 'gegl-memory-profiler/thread@1';
const MODE_KEY = 'gegl-memory-profiler/mode@1';

/** What MEMPROF says; in a thread whose environment does not say it, what it says in the thread that started it. */
export function modeWord(): string | undefined {
  const inherited: unknown = workerThreads.getEnvironmentData(MODE_KEY);
  const word = process.env.MEMPROF ?? (typeof inherited === 'string' ? inherited : undefined);
  if (word !== undefined) workerThreads.setEnvironmentData(MODE_KEY, word);
  return word;
}

/** Threads that start from now on find it. */
export function greetThreads(greeting: Greeting): void {
  workerThreads.setEnvironmentData(KEY, { ...greeting });
}

/** What the thread that started this one knew then; null in the main thread. */
export function ownGreeting(): Greeting | null {
  if (workerThreads.isMainThread) return null;
  const greeting: unknown = workerThreads.getEnvironmentData(KEY);
  return isGreeting(greeting) ? greeting : null;
}

/** Workers inherit the options of `node`, unless the program gives them its own. */
export function passOnToWorkers(): void {
  const { Worker: original } = workerThreads;
  const importsUs = ['--import', import.meta.url];
  workerThreads.Worker = new Proxy(original, {
    construct(target, [script, options, ...rest]: [unknown, WorkerOptions | undefined], newTarget) {
      const { execArgv } = options ?? {};
      const ours = Array.isArray(execArgv)
        ? { ...options, execArgv: [...importsUs, ...execArgv] }
        : options;
      return Reflect.construct(target, [script, ours, ...rest], newTarget);
    },
  });
  syncBuiltinESMExports();
}

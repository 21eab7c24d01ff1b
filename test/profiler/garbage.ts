// Garbage collection on demand, so that tests see real handles collected.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage until `isDone`; finalizers run in tasks of their own. @throws after 5 seconds. */
export async function collectGarbageUntil(isDone: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  do {
    // What a job has dereferenced or made lives to its end.
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (isDone()) return;
  } while (performance.now() < end);
  throw new Error('What was waited for was not collected.');
}

/** Collects everything that can be, for tests that something is *not* told of. */
export async function collectGarbage(): Promise<void> {
  let isCollected = false;
  const registry = new FinalizationRegistry(() => {
    isCollected = true;
  });
  // In a call of its own: nothing on the stack may hold the object.
  (() => registry.register({}, null))();
  await collectGarbageUntil(() => isCollected);
  collect();
  await new Promise((resolve) => setTimeout(resolve, 10));
}

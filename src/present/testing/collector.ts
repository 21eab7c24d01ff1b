// Garbage collection on demand, although Node was not started with --expose-gc.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** `globalThis.gc` is there as long as the work lasts. */
export async function withCollector<Result>(work: () => Promise<Result>): Promise<Result> {
  if (typeof globalThis.gc === 'function') return work();
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc');
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(globalThis, 'gc');
  }
}

// Waits until a page is quiet, so that what is live is what stays.

import { registerUnseen } from '../originals.ts';
import { pause } from '../slices.ts';

/** How often it is looked whether all is quiet, at most: a page that moves never is. */
const MAX_LOOKS = 6;
/** Milliseconds in which finalizers run, however busy the machine is. */
const PATIENCE = 1000;

/**
 * A job's garbage can be collected only after it, and finalizers run in tasks of their own, late on a busy machine, and may
 * leave more garbage.
 *
 * @param stateOf what is the same where nothing has changed.
 * @returns what is seen when nothing changes any more.
 */
export async function settle<Seen>(
  look: () => Seen,
  stateOf: (seen: Seen) => string,
): Promise<Seen> {
  await collectGarbage();
  let last = look();
  for (let looks = 1; looks < MAX_LOOKS; looks++) {
    await collectGarbage();
    const next = look();
    const isQuiet = stateOf(next) === stateOf(last);
    last = next;
    if (isQuiet) break;
  }
  return last;
}

/** Calls what it is given when an object has been collected. */
const finalizers = new FinalizationRegistry<() => void>((call) => call());

/** Comes back when finalizers have run for what was garbage before, where garbage can be collected. */
async function collectGarbage(): Promise<void> {
  if (typeof globalThis.gc !== 'function') return pause(0);
  let isFinalized = false;
  // In a function that no minifier puts into this one, lest this frame holds the object.
  await pause(0).then(() =>
    registerUnseen(finalizers, {}, () => {
      isFinalized = true;
    }),
  );
  const end = performance.now() + PATIENCE;
  do {
    globalThis.gc();
    await pause(0);
  } while (!isFinalized && performance.now() < end);
}

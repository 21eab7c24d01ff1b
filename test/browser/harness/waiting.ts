// Waiting, with an end to it.

import { setTimeout as sleep } from 'node:timers/promises';
import { HarnessError } from './errors.ts';

/** Asks every `intervalMs` until the answer is true; false when `timeoutMs` have passed, be it without an answer. */
export async function becomesTrue(
  ask: () => Promise<boolean>,
  timeoutMs: number,
  intervalMs = 25,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  const abandon = new AbortController();
  const timeout = sleep(timeoutMs, false, { signal: abandon.signal });
  try {
    for (;;) {
      if (await Promise.race([ask(), timeout])) return true;
      if (performance.now() >= deadline) return false;
      await sleep(intervalMs);
    }
  } finally {
    timeout.catch(() => {});
    abandon.abort();
  }
}

/** The result of `work`, or a HarnessError `browser-failed-to-start` when it takes longer than `timeoutMs`. */
export async function startsWithin<T>(
  work: Promise<T>,
  what: string,
  timeoutMs: number,
): Promise<T> {
  const abandon = new AbortController();
  try {
    return await Promise.race([
      work,
      sleep(timeoutMs, undefined, { signal: abandon.signal }).then(() => {
        throw new HarnessError(
          'browser-failed-to-start',
          `${what} did not start within ${timeoutMs} ms`,
        );
      }),
    ]);
  } finally {
    abandon.abort();
  }
}

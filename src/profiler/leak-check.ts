// The check for leaks that goes on while a session is profiled: every ten seconds at most, one after the other, in
// slices that leave the page responsive.

import { findLeaksInSteps } from '../analyze/leaks/index.ts';
import { applySuppressions, type Suppression } from '../analyze/suppressions.ts';
import { geglKnowledge } from '../gegl/knowledge.ts';
import type { Finding, Recording } from '../recording/types.ts';
import { runAtOnce, runInTasks } from '../slices.ts';
import { LeakEvents } from './leak-events.ts';

/** Milliseconds from the beginning of one check to that of the next, at least. */
const INTERVAL = 10_000;

export class LeakCheck {
  readonly #events = new LeakEvents();
  #next = 0;
  /** Stands for the check that is going on. */
  #current: object | null = null;

  /** Not while one is going on. */
  isDue(elapsed: number): boolean {
    return !this.#current && elapsed >= this.#next;
  }

  /**
   * @param read the recording, which must not change later; in a task of its own.
   * @returns the findings that are to be told now; none where the check was stopped.
   */
  async run(
    elapsed: number,
    read: () => Recording,
    suppressions: readonly Suppression[],
  ): Promise<readonly Finding[]> {
    this.#next = elapsed + INTERVAL;
    const check = {};
    this.#current = check;
    const goesOn = () => this.#current === check;
    try {
      const found = await runInTasks(detect(read), goesOn);
      return found && goesOn() ? this.#toTell(found, elapsed, suppressions) : [];
    } finally {
      if (goesOn()) this.#current = null;
    }
  }

  /** The same in one piece, where there is no later: in place of the check that was given up, too. */
  runAtOnce(
    elapsed: number,
    read: () => Recording,
    suppressions: readonly Suppression[],
  ): readonly Finding[] {
    this.#next = elapsed + INTERVAL;
    return this.#toTell(runAtOnce(detect(read)), elapsed, suppressions);
  }

  #toTell(found: readonly Finding[], elapsed: number, suppressions: readonly Suppression[]) {
    return this.#events.add(applySuppressions(found, suppressions).findings, elapsed);
  }

  /** There is something new: the next check is due at once. */
  hurry(): void {
    this.#next = 0;
  }

  /** Gives up the check that is going on; it is due again. */
  stop(): void {
    if (this.#current) this.hurry();
    this.#current = null;
  }

  /** The same, and forgets what was told. */
  clear(): void {
    this.#current = null;
    this.hurry();
    this.#events.clear();
  }
}

function* detect(read: () => Recording): Generator<void, Finding[]> {
  const recording = read();
  yield;
  return yield* findLeaksInSteps(recording, geglKnowledge);
}

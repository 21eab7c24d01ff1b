// Matchers for tests that run in Node, by Vitest or Jest: expect.extend(matchers).

// The package itself, not a copy in this bundle: its frames are known as the profiler's in stacks.
import { memoryProfiler } from 'gegl-memory-profiler';
import type { Budget } from '../../analyze/budget/index.ts';
import { suppressionsFrom } from '../../analyze/suppressions.ts';
import { withCollector } from './collector.ts';
import {
  type AcceptedLeaks,
  budgetOutcome,
  type LeakOptions,
  leakOutcome,
  MatcherError,
  type Outcome,
} from './outcome.ts';

/** What `expect()` has more, with these. */
export interface MemoryMatchers {
  /**
   * Runs an action again and again, as `memoryProfiler.findLeaks()`: what each run leaves behind is a leak.
   * `await expect(() => editor.openAndClose()).not.toLeak({ iterations: 7 })`
   */
  toLeak(options?: LeakOptions): Promise<void>;
  /**
   * Compares a recording, its text, or what a profiler has recorded with a budget, as the command "check".
   * `expect(memoryProfiler).toStayWithin({ liveBytes: { peak: '64 MB' }, leaks: { error: 0 } })`
   */
  toStayWithin(budget: Budget, options?: AcceptedLeaks): void;
}

export const matchers = {
  async toLeak(
    action: unknown,
    { suppressions = [], ...repetition }: LeakOptions = {},
  ): Promise<Outcome> {
    if (typeof action !== 'function') {
      throw new MatcherError(
        'WRONG_SUBJECT',
        `toLeak() takes the action, a function: expect(() => work()), not ${String(action)}.`,
      );
    }
    // What is wrong with them is told before the runs.
    const accepted = suppressionsFrom(suppressions);
    const found = await withCollector(() =>
      memoryProfiler.findLeaks(() => Reflect.apply(action, undefined, []), repetition),
    );
    return leakOutcome(found, accepted, { root: process.cwd() });
  },

  toStayWithin(received: unknown, budget: Budget, options: AcceptedLeaks = {}): Outcome {
    return budgetOutcome(received, budget, options, { root: process.cwd() });
  },
};

// What a matcher answers: as Vitest, Jest and Playwright want it. A failure shows findings with their stacks.

import { type Budget, checkBudget } from '../../analyze/budget/index.ts';
import {
  applySuppressions,
  type Suppression,
  suppressionsFrom,
} from '../../analyze/suppressions.ts';
import { geglKnowledge } from '../../gegl/knowledge.ts';
import type { FindLeaksOptions, FoundLeaks, Repetition } from '../../profiler/find-leaks.ts';
import { recordingFrom } from '../../recording/given.ts';
import { type FormatOptions, formatBudgetCheck, formatFoundLeaks } from '../text/index.ts';

export interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}

export interface AcceptedLeaks {
  /** Findings that are known and accepted: the text of a file of them (docs/leaks.md), or a list. */
  readonly suppressions?: string | readonly Suppression[];
}

export interface LeakOptions extends FindLeaksOptions, AcceptedLeaks {}

/** Of an action that is performed from outside. */
export interface PageLeakOptions extends Repetition, AcceptedLeaks {}

export class MatcherError extends Error {
  override readonly name = 'MatcherError';
  readonly code: 'WRONG_SUBJECT' | 'NOTHING_WATCHED';

  constructor(code: MatcherError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const WIDTH = 100;

/** @throws MatcherError where nothing of the heap was seen, so that "no leaks" would mean nothing. */
export function leakOutcome(
  found: FoundLeaks,
  accepted: readonly Suppression[],
  format: FormatOptions,
): Outcome {
  if (found.balance.heap === null) {
    throw new MatcherError(
      'NOTHING_WATCHED',
      'No heap is tracked, so leaks could not be seen. Track modules before they load: ' +
        "by import 'gegl-memory-profiler/testing/vitest' in a setup file, memoryProfiler.instrument(), or data-track on a page.",
    );
  }
  const { findings } = applySuppressions(found.findings, accepted);
  const text = formatFoundLeaks({ ...found, findings }, { width: WIDTH, ...format });
  const leaks = findings.length > 0;
  return {
    pass: leaks,
    message: () => `expected the action ${leaks ? 'not to leak' : 'to leak'}\n\n${text}`,
  };
}

/**
 * @param received a recording, its text, or a profiler, which exports one.
 * @throws MatcherError, RecordingError, BudgetError
 */
export function budgetOutcome(
  received: unknown,
  budget: Budget,
  { suppressions = [] }: AcceptedLeaks,
  format: FormatOptions,
): Outcome {
  const recording = recordingFrom(received);
  if (!recording) {
    throw new MatcherError(
      'WRONG_SUBJECT',
      `toStayWithin() takes a recording, its text, or a profiler, not ${String(received)}.`,
    );
  }
  const check = checkBudget(recording, budget, geglKnowledge, suppressionsFrom(suppressions));
  const text = formatBudgetCheck(check, { width: WIDTH, showsAll: check.isWithin, ...format });
  const expected = check.isWithin ? 'not to stay' : 'to stay';
  return {
    pass: check.isWithin,
    message: () => `expected the recording ${expected} within its budget\n\n${text}`,
  };
}

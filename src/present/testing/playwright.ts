// `import { expect, profilePage } from 'gegl-memory-profiler/testing/playwright'`: matchers for pages that Playwright drives.

import { type BrowserContext, expect as base, type Page } from '@playwright/test';
import type { Budget } from '../../analyze/budget/index.ts';
import { suppressionsFrom } from '../../analyze/suppressions.ts';
import type { TrackMode } from '../../recording/heap-types.ts';
import { profilerText } from '../driver/package-files.ts';
import { exportFromPage, findLeaksInPage, profilerScript } from '../driver/page.ts';
import {
  type AcceptedLeaks,
  budgetOutcome,
  leakOutcome,
  type Outcome,
  type PageLeakOptions,
} from './outcome.ts';

export interface ProfilePageOptions {
  /** 'sampled' when left out. */
  readonly trackAllocations?: TrackMode;
  /** Milliseconds between samples; null: only leaks are looked for, nothing is recorded. 500 when left out. */
  readonly sampleInterval?: number | null;
}

/**
 * Puts the profiler into each document that opens from now on, before its own scripts. A page that loads
 * js/memory-profiler.js with data-track itself does not need it.
 */
export async function profilePage(
  page: Page | BrowserContext,
  { trackAllocations = 'sampled', sampleInterval = 500 }: ProfilePageOptions = {},
): Promise<void> {
  const profiler = profilerText();
  await page.addInitScript({
    content: profilerScript(profiler, { trackAllocations, sampleInterval }),
  });
}

export const matchers = {
  /**
   * Performs an action on the page again and again, and looks at what each run leaves in its heap.
   * `await expect(page).not.toLeak(() => page.getByRole('button', { name: 'Blur' }).click())`
   */
  async toLeak(page: Page, action: () => unknown, options: PageLeakOptions = {}): Promise<Outcome> {
    const { suppressions = [], ...repetition } = options;
    // What is wrong with them is told before the runs.
    const accepted = suppressionsFrom(suppressions);
    const found = await findLeaksInPage(page, action, repetition);
    return leakOutcome(found, accepted, rootOf(page));
  },

  /** Compares what the profiler in the page has recorded so far with a budget. */
  async toStayWithin(page: Page, budget: Budget, options: AcceptedLeaks = {}): Promise<Outcome> {
    return budgetOutcome(await exportFromPage(page), budget, options, rootOf(page));
  },
};

/** Playwright's, with the matchers. */
export const expect = base.extend(matchers);

function rootOf(page: Page): { root: string } {
  return { root: new URL(page.url()).origin };
}

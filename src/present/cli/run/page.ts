// A page, watched in a browser without a window.

import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import { profilerText } from '../../driver/package-files.ts';
import { exportFromPage, findLeaksInPage, profilerScript } from '../../driver/page.ts';
import { CommandError } from '../exit-codes.ts';
import type { Progress } from '../output.ts';
import { type FoundBrowser, findBrowser } from './browser.ts';
import type { RunOptions, RunOutcome } from './outcome.ts';
import { counted, iterationOf, loadScenario, type Scenario } from './scenario.ts';

export interface PageRunOptions extends RunOptions {
  /** As `findBrowser()` takes it. */
  readonly browser?: string | undefined;
  /** Milliseconds that a page without an action is watched. */
  readonly duration: number;
  /** Errors of the page. */
  readonly onPageError: (message: string) => void;
  readonly progress: Progress;
}

/** An action may take its time. */
const PROTOCOL_TIMEOUT = 3_600_000;
/** Firefox has nothing that gives a page gc(). */
const CHROMIUM_ARGUMENTS = [
  '--js-flags=--expose-gc',
  // Chromium's own sandbox doesn't start for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

export async function runPage(url: string, options: PageRunOptions): Promise<RunOutcome> {
  const scenario = options.scenario === null ? {} : await loadScenario<Page>(options.scenario);
  const found = findBrowser(options.browser);
  options.progress.show('starting the browser');
  try {
    const browser = await launch(found);
    // Ctrl-C ends a page that is only watched early; what was recorded of it stays. Else there is nothing to tell yet.
    const early = new AbortController();
    const onInterrupt = () => {
      if (!scenario.action) early.abort();
      else void browser.close().finally(() => process.exit(128 + constants.signals.SIGINT));
    };
    process.once('SIGINT', onInterrupt);
    try {
      return await watch(await browser.newPage(), url, scenario, options, early.signal);
    } finally {
      process.off('SIGINT', onInterrupt);
      await browser.close();
    }
  } finally {
    options.progress.end();
  }
}

async function launch({ engine, path }: FoundBrowser): Promise<Browser> {
  const { launch: start } = await import('puppeteer-core').catch((error: unknown) => {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new CommandError(
      'A page is run by puppeteer-core: npm install --save-dev puppeteer-core',
    );
  });
  try {
    return await start({
      browser: engine,
      executablePath: path,
      headless: true,
      protocolTimeout: PROTOCOL_TIMEOUT,
      handleSIGINT: false,
      args: engine === 'chrome' ? CHROMIUM_ARGUMENTS : [],
    });
  } catch (error) {
    throw new CommandError(`${path} did not start: ${messageOf(error)}`);
  }
}

async function watch(
  page: Page,
  url: string,
  scenario: Scenario<Page>,
  options: PageRunOptions,
  early: AbortSignal,
): Promise<RunOutcome> {
  const { track, sampleInterval, repetition, duration, onPageError, progress } = options;
  page.on('pageerror', (error) => onPageError(messageOf(error)));
  const profiler = profilerText();
  await page.evaluateOnNewDocument(
    profilerScript(profiler, { trackAllocations: track, sampleInterval }),
  );
  progress.show(`opening ${url}`);
  await open(page, url);
  await scenario.setup?.(page);
  const iteration = iterationOf(scenario, page);
  const found =
    iteration &&
    (await findLeaksInPage(page, counted(iteration, repetition, progress.show), repetition));
  if (!found) {
    progress.show(`watching for ${duration / 1000} s`);
    await sleep(duration, null, { signal: early }).catch((error: unknown) => {
      if (!early.aborted) throw error;
    });
  }
  const recording = await exportFromPage(page);
  await scenario.teardown?.(page);
  return { recording, found, exitCode: 0 };
}

async function open(page: Page, url: string): Promise<void> {
  const response = await page.goto(url, { waitUntil: 'load' }).catch((error: unknown) => {
    throw new CommandError(`${url} did not load: ${messageOf(error)}`);
  });
  const status = response?.status() ?? 200;
  if (status >= 400) throw new CommandError(`${url} was answered with status ${status}.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// A page, watched in a browser without a window.

import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import { profilerText } from '../../driver/package-files.ts';
import {
  exportFromPage,
  findLeaksInPage,
  PAGE_GONE,
  PageError,
  profilerScript,
} from '../../driver/page.ts';
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
  /** What the page did that its author should know. */
  readonly say: (line: string) => void;
  readonly progress: Progress;
}

/** An action may take its time. */
const PROTOCOL_TIMEOUT = 3_600_000;
/** Milliseconds that a browser gets to end itself. */
const CLOSE_TIMEOUT = 5000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
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
  const launched = launch(found);
  const early = new EarlyEnd();
  // The first Ctrl-C ends a page that is only watched early; what was recorded of it stays. Else there is nothing to tell.
  let ending: Promise<never> | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && early.ask()) return;
    options.progress.end();
    const exit = () => process.exit(128 + constants.signals[signal]);
    ending ??= launched.then(close).then(exit, exit);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const browser = await launched;
    try {
      return await untilGone(browser, (page) => watch(page, url, scenario, options, early));
    } finally {
      await close(browser);
    }
  } finally {
    // That the browser is gone then is nothing to tell.
    await ending;
    for (const signal of SIGNALS) process.off(signal, onSignal);
    options.progress.end();
  }
}

/** Also one that is gone, or does not answer. Its process has ended then, and puppeteer has removed its profile. */
async function close(browser: Browser): Promise<void> {
  const closing = browser.close().catch(() => {});
  if (await isInTime(closing)) return;
  // What closing waits for comes then.
  browser.process()?.kill('SIGKILL');
  await isInTime(closing);
}

async function isInTime(work: Promise<void>): Promise<boolean> {
  const enough = new AbortController();
  const late = sleep(CLOSE_TIMEOUT, false, enough).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  enough.abort();
  return isDone;
}

/** Runs work on a new page. What is asked of a page that has crashed is never answered. @throws PageError */
async function untilGone<Result>(
  browser: Browser,
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const page = await browser.newPage();
  let gone: PageError | null = null;
  const ended = new Promise<never>((_, fail) => {
    const end = (code: 'PAGE_CRASHED' | 'PAGE_CLOSED') => () => {
      gone ??= new PageError(code, PAGE_GONE[code]);
      fail(gone);
    };
    page.once('error', end('PAGE_CRASHED')).once('close', end('PAGE_CLOSED'));
    browser.once('disconnected', end('PAGE_CLOSED'));
    browser.process()?.once('exit', end('PAGE_CLOSED'));
  });
  try {
    return await Promise.race([work(page), ended]);
  } catch (error) {
    throw gone ?? error;
  }
}

/** Of a page that is only watched. */
class EarlyEnd {
  readonly #end = new AbortController();
  #isWatching = false;

  /** @returns whether it can be: only once, and where there is something to keep. */
  ask(): boolean {
    const isFirst = this.#isWatching && !this.#end.signal.aborted;
    if (isFirst) this.#end.abort();
    return isFirst;
  }

  async watch(duration: number): Promise<void> {
    this.#isWatching = true;
    await sleep(duration, null, this.#end).catch((error: unknown) => {
      if (!this.#end.signal.aborted) throw error;
    });
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
      handleSIGTERM: false,
      handleSIGHUP: false,
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
  early: EarlyEnd,
): Promise<RunOutcome> {
  const { track, sampleInterval, repetition, duration, say, progress } = options;
  page.on('pageerror', (error) => say(`error in the page: ${messageOf(error)}`));
  page.on('dialog', (dialog) => {
    // The scenario may have its own answer. Without any, the page would wait for ever.
    if (page.listenerCount('dialog') > 1) return;
    say(`The page opened a dialog (${dialog.type()}), which was dismissed: ${dialog.message()}`);
    void dialog.dismiss().catch(() => {});
  });
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
    await early.watch(duration);
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

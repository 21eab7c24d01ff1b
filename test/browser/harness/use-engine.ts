// One browser for the tests of a group, by their hooks. Chromium and Firefox go on for the files after it that run in the
// same process, since Firefox takes seconds of processor to start; WebKit, whose process may die, is a new one each time.

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type BrowserEngine, type BrowserPage, type EngineName, launchEngine } from './engines.ts';

/** For the options of a group: a test whose browser has died runs once more. */
export const retryOf = (name: EngineName): { readonly retry: number } => ({
  retry: name === 'webkit' ? 1 : 0,
});

/** Those that wait for the next group. Whatever ends this process ends them, too: see process-scope.ts. */
const waiting = new Map<EngineName, BrowserEngine>();

/** A browser without a page: one that waits, or a new one. */
export async function takeEngine(name: EngineName): Promise<BrowserEngine> {
  const engine = waiting.get(name);
  waiting.delete(name);
  return engine ?? launchEngine(name);
}

/** Takes back a browser whose pages are closed, in which nothing has failed. */
export async function giveBack(engine: BrowserEngine): Promise<void> {
  if (engine.name === 'webkit' || waiting.has(engine.name)) await engine.close();
  else waiting.set(engine.name, engine);
}

export interface UsedEngine {
  /** Opens a page, which is closed at the end of the group at the latest. */
  open(url: string): Promise<BrowserPage>;
  /** Does what several tests build on; where WebKit dies meanwhile, once or twice more, in a new browser. */
  prepare<T>(work: () => Promise<T>): Promise<T>;
}

/** To be called in a group of tests. */
export function useEngine(name: EngineName): UsedEngine {
  let engine: BrowserEngine | undefined;
  let pages: BrowserPage[] = [];
  let isSound = true;
  let isLost = false;

  async function end(): Promise<void> {
    const [ended, open] = [engine, pages];
    engine = undefined;
    pages = [];
    if (!ended) return;
    if (!isSound) return ended.close();
    // Some are closed already.
    for (const page of open) await page.close().catch(() => {});
    await giveBack(ended);
  }

  async function renew(): Promise<void> {
    isSound = false;
    await end();
    engine = await launchEngine(name);
    isSound = true;
    isLost = false;
  }

  beforeAll(async () => {
    engine = await takeEngine(name);
  });
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    isSound = false;
    isLost = retryOf(name).retry > 0;
  });
  beforeEach(async () => {
    if (isLost) await renew();
  });
  afterAll(end);

  return {
    async open(url) {
      if (!engine) throw new Error('the browser is not open yet');
      const page = await engine.open(url);
      pages.push(page);
      return page;
    },
    async prepare(work) {
      for (let left = 2 * retryOf(name).retry; ; left -= 1) {
        try {
          return await work();
        } catch (error) {
          isSound = false;
          if (left === 0) throw error;
          await renew();
        }
      }
    },
  };
}

// One browser for the tests of a group, by their hooks. WebKit's process may die: then the next test gets a new one.

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type BrowserEngine, type BrowserPage, type EngineName, launchEngine } from './engines.ts';

/** For the options of a group: a test whose browser has died runs once more. */
export const retryOf = (name: EngineName): { readonly retry: number } => ({
  retry: name === 'webkit' ? 1 : 0,
});

/** To be called in a group of tests. @returns opens pages in its browser. */
export function useEngine(name: EngineName): (url: string) => Promise<BrowserPage> {
  let engine: BrowserEngine | undefined;
  let hasFailed = false;

  async function launch(): Promise<void> {
    await engine?.close();
    engine = await launchEngine(name);
    hasFailed = false;
  }

  beforeAll(launch);
  afterEach(({ task }) => {
    hasFailed = retryOf(name).retry > 0 && task.result?.state === 'fail';
  });
  beforeEach(async () => {
    if (hasFailed) await launch();
  });
  afterAll(() => engine?.close());

  return async (url) => {
    if (!engine) throw new Error('the browser is not open yet');
    return engine.open(url);
  };
}

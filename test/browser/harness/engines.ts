// Three browser engines behind one interface, for tests on real pages. Start here: `launchEngine(name)`, then `engine.open(url)`.

import { openProcessScope, type ProcessScope } from './process-scope.ts';
import { launchChromium, launchFirefox } from './puppeteer-engine.ts';
import { launchWebKit } from './webkit-engine.ts';

export type EngineName = 'chromium' | 'firefox' | 'webkit';

export const ENGINE_NAMES: readonly EngineName[] = ['chromium', 'firefox', 'webkit'];

export interface BrowserEngine {
  readonly name: EngineName;
  /** The browser's own version, such as `156.0.8078.79`. */
  readonly version: string;
  /** Opens `url` in a window of its own and waits for its load event. @throws HarnessError `page-failed-to-load` */
  open(url: string): Promise<BrowserPage>;
  /** Ids of this browser's live processes. */
  processes(): number[];
  /** Ends every process of the browser and removes its files. May be called twice. */
  close(): Promise<void>;
}

export interface ConsoleMessage {
  /** `log`, `info`, `warn`, `error` or `debug`. */
  readonly type: string;
  /** Strings as they are; how objects are written differs from engine to engine. */
  readonly text: string;
}

export type Key = 'Tab' | 'Enter' | 'Escape' | 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

export type ColorScheme = 'light' | 'dark';

export interface BrowserPage {
  /**
   * The awaited value of an expression (statements: wrap them in a function), as JSON carries it. Works under any CSP.
   * @throws PageError with the page's name, message and stack
   */
  evaluate<T>(expression: string): Promise<T>;
  /** Asks until the expression is true-ish. @throws HarnessError `timed-out`, PageError when the expression throws */
  waitFor(expression: string, timeoutMs?: number): Promise<void>;
  /** What the page has written to its console; in WebKit only by the page itself, not by its workers. */
  consoleMessages(): Promise<readonly ConsoleMessage[]>;
  /** Uncaught errors and unhandled rejections. Firefox counts violations of the page's CSP among them. */
  pageErrors(): Promise<readonly string[]>;
  /**
   * Collects the page's garbage (not its workers'), and waits until finalizers have run. True when objects
   * that were put there as a test were seen to be collected. A task must have passed since the page dropped its own.
   */
  collectGarbage(): Promise<boolean>;
  /** Presses a key as a person does: it goes to what has the focus, and moves it where it should. */
  press(key: Key): Promise<void>;
  /** What the reader prefers, for `prefers-color-scheme`. False where the engine can't be told: in WebKit. */
  preferColorScheme(scheme: ColorScheme): Promise<boolean>;
  /** In Chromium: what its performance panel would record of the page meanwhile, as the JSON text of trace events. */
  readonly trace?: ((work: () => Promise<void>) => Promise<string>) | undefined;
  /** Writes the visible part as a PNG file. */
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

const LAUNCHERS: Readonly<Record<EngineName, (scope: ProcessScope) => Promise<BrowserEngine>>> = {
  chromium: launchChromium,
  firefox: launchFirefox,
  webkit: launchWebKit,
};

/** Starts a browser, headless. @throws HarnessError `browser-not-installed`, `browser-failed-to-start` */
export async function launchEngine(name: EngineName): Promise<BrowserEngine> {
  const scope = openProcessScope();
  try {
    return await LAUNCHERS[name](scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

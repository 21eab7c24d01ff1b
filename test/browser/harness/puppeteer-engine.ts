// Chromium (over CDP) and Firefox (over WebDriver BiDi), both by puppeteer.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type LaunchOptions, type Page } from 'puppeteer-core';
import type {
  BrowserEngine,
  BrowserPage,
  ColorScheme,
  ConsoleMessage,
  EngineName,
  Key,
} from './engines.ts';
import { HarnessError } from './errors.ts';
import { findProgram } from './installed.ts';
import { PageBase } from './page-base.ts';
import type { ProcessScope } from './process-scope.ts';

const CHROMIUM_FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-breakpad',
  // Chromium's own sandbox doesn't start for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

export async function launchChromium(scope: ProcessScope): Promise<BrowserEngine> {
  return launch('chromium', scope, {
    browser: 'chrome',
    executablePath: findProgram('chromium', 'chromium'),
    args: CHROMIUM_FLAGS,
  });
}

export async function launchFirefox(scope: ProcessScope): Promise<BrowserEngine> {
  return launch('firefox', scope, {
    browser: 'firefox',
    executablePath: findProgram('firefox-esr', 'firefox-esr'),
    // Lets BiDi run scripts in the browser's own scope, from which a garbage collection can be asked for.
    args: ['--remote-allow-system-access'],
  });
}

async function launch(
  name: EngineName,
  scope: ProcessScope,
  options: LaunchOptions,
): Promise<BrowserEngine> {
  let browser: Browser;
  try {
    browser = await puppeteer.launch({
      ...options,
      headless: true,
      userDataDir: join(scope.folder, 'profile'),
      env: scope.environment,
      timeout: 60_000,
      protocolTimeout: 600_000,
      // The reaper sees to it, whatever the signal.
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (error) {
    throw new HarnessError('browser-failed-to-start', `${name} did not start: ${error}`, {
      cause: error,
    });
  }
  const version = (await browser.version()).replace(/^\D*/, '');
  const means = name === 'firefox' ? firefoxMeans(browser) : CHROMIUM_MEANS;

  return {
    name,
    version,
    async open(url) {
      const page = await browser.newPage();
      const opened = new PuppeteerPage(page, means);
      try {
        await opened.goTo(url);
      } catch (error) {
        await opened.close();
        throw error;
      }
      return opened;
    },
    processes: () => scope.processes(),
    async close() {
      try {
        await browser.close();
      } finally {
        await scope.close();
      }
    },
  };
}

/** What each engine has a way of its own for. */
interface EngineMeans {
  requestCollection(page: Page): Promise<void>;
  preferColorScheme(page: Page, scheme: ColorScheme): Promise<void>;
  trace?(page: Page, work: () => Promise<void>): Promise<string>;
}

const CHROMIUM_MEANS: EngineMeans = {
  async requestCollection(page) {
    const session = await page.createCDPSession();
    try {
      await session.send('HeapProfiler.collectGarbage');
    } finally {
      await session.detach();
    }
  },
  preferColorScheme: (page, value) =>
    page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]),
  trace,
};

/** The categories that the panel itself asks for, but those of pictures and of stacks. */
const TRACE_CATEGORIES = [
  '-*',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'blink.user_timing',
  'v8.execute',
  'loading',
];

async function trace(page: Page, work: () => Promise<void>): Promise<string> {
  const session = await page.createCDPSession();
  try {
    const events: object[] = [];
    session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
    await session.send('Tracing.start', {
      traceConfig: { includedCategories: TRACE_CATEGORIES },
      transferMode: 'ReportEvents',
    });
    await work();
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    return JSON.stringify(events);
  } finally {
    await session.detach();
  }
}

interface BidiConnection {
  send(method: string, parameters: object): Promise<{ result: unknown }>;
}

/**
 * Firefox's BiDi can run a script in the browser's scope. Puppeteer has no public way to send a command of
 * Mozilla's own.
 */
function firefoxScope(browser: Browser): (script: string) => Promise<void> {
  const connection: unknown = Reflect.get(browser, 'connection');
  if (!isBidiConnection(connection)) {
    throw new HarnessError('browser-failed-to-start', "puppeteer's BiDi connection was not found");
  }
  return async (script) => {
    const tree = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const context = JSON.stringify(tree.result).match(/"context":"([^"]+)"/)?.[1];
    await connection.send('script.evaluate', {
      expression: `${script}; true`,
      target: { context },
      awaitPromise: false,
    });
  };
}

function firefoxMeans(browser: Browser): EngineMeans {
  const run = firefoxScope(browser);
  // The message that about:memory's button "GC" sends to all content processes.
  const notify = (topic: string) => `Services.obs.notifyObservers(null, "${topic}")`;
  return {
    requestCollection: () => run(`${notify('child-gc-request')}; ${notify('child-cc-request')}`),
    preferColorScheme: (_, scheme) =>
      run(
        `Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", ${scheme === 'dark' ? 0 : 1})`,
      ),
  };
}

function isBidiConnection(value: unknown): value is BidiConnection {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'send') === 'function'
  );
}

class PuppeteerPage extends PageBase implements BrowserPage {
  readonly #page: Page;
  readonly #means: EngineMeans;
  readonly #messages: ConsoleMessage[] = [];
  readonly #errors: string[] = [];
  readonly trace: BrowserPage['trace'];

  constructor(page: Page, means: EngineMeans) {
    super();
    const { trace } = means;
    this.trace = trace && ((work) => trace(page, work));
    this.#page = page;
    this.#means = means;
    page.on('console', (message) => {
      this.#messages.push({ type: message.type(), text: message.text() });
    });
    page.on('pageerror', (error) => {
      this.#errors.push(error instanceof Error ? (error.stack ?? String(error)) : String(error));
    });
  }

  async goTo(url: string): Promise<void> {
    const response = await this.#page
      .goto(url, { waitUntil: 'load', timeout: 60_000 })
      .catch((cause: unknown) => {
        throw new HarnessError('page-failed-to-load', `${url} did not load: ${cause}`, { cause });
      });
    const status = response?.status() ?? 200;
    if (status >= 400) {
      throw new HarnessError('page-failed-to-load', `${url} was answered with status ${status}`);
    }
  }

  protected override async run(expression: string): Promise<string> {
    return String(await this.#page.evaluate(expression));
  }

  protected override requestCollection(): Promise<void> {
    return this.#means.requestCollection(this.#page);
  }

  override async press(key: Key): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  override async preferColorScheme(scheme: ColorScheme): Promise<boolean> {
    await this.#means.preferColorScheme(this.#page, scheme);
    return true;
  }

  override async consoleMessages(): Promise<readonly ConsoleMessage[]> {
    return this.#messages;
  }

  override async pageErrors(): Promise<readonly string[]> {
    return this.#errors;
  }

  override async screenshot(path: string): Promise<void> {
    await writeFile(path, await this.#page.screenshot({ type: 'png' }));
  }

  override async close(): Promise<void> {
    await this.#page.close();
  }
}

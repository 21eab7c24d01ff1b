// Chromium (over CDP) and Firefox (over WebDriver BiDi), both by puppeteer.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type LaunchOptions, type Page } from 'puppeteer-core';
import type { BrowserEngine, BrowserPage, ConsoleMessage, EngineName } from './engines.ts';
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
  const requestCollection = name === 'firefox' ? firefoxCollector(browser) : chromiumCollection;

  return {
    name,
    version,
    async open(url) {
      const page = await browser.newPage();
      const opened = new PuppeteerPage(page, requestCollection);
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

async function chromiumCollection(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  try {
    await session.send('HeapProfiler.collectGarbage');
  } finally {
    await session.detach();
  }
}

interface BidiConnection {
  send(method: string, parameters: object): Promise<{ result: unknown }>;
}

/**
 * Firefox's BiDi can run a script in the browser's scope, and the message that about:memory's button "GC" sends to all
 * content processes can be sent from there. Puppeteer has no public way to send a command of Mozilla's own.
 */
function firefoxCollector(browser: Browser): () => Promise<void> {
  const connection: unknown = Reflect.get(browser, 'connection');
  if (!isBidiConnection(connection)) {
    throw new HarnessError('browser-failed-to-start', "puppeteer's BiDi connection was not found");
  }
  return async () => {
    const tree = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const context = JSON.stringify(tree.result).match(/"context":"([^"]+)"/)?.[1];
    const notify = (topic: string) => `Services.obs.notifyObservers(null, "${topic}")`;
    await connection.send('script.evaluate', {
      expression: `${notify('child-gc-request')}; ${notify('child-cc-request')}; true`,
      target: { context },
      awaitPromise: false,
    });
  };
}

function isBidiConnection(value: unknown): value is BidiConnection {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'send') === 'function'
  );
}

class PuppeteerPage extends PageBase implements BrowserPage {
  readonly #page: Page;
  readonly #requestCollection: (page: Page) => Promise<void>;
  readonly #messages: ConsoleMessage[] = [];
  readonly #errors: string[] = [];

  constructor(page: Page, requestCollection: (page: Page) => Promise<void>) {
    super();
    this.#page = page;
    this.#requestCollection = requestCollection;
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
    return this.#requestCollection(this.#page);
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

// WebKitGTK: its MiniBrowser on a virtual display, driven by selenium over WebKitWebDriver.

import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Builder, Capabilities, Key as DriverKey, type WebDriver } from 'selenium-webdriver';
import type { BrowserEngine, BrowserPage, ConsoleMessage, Key } from './engines.ts';
import { HarnessError, PageError } from './errors.ts';
import { findMiniBrowser, findProgram } from './installed.ts';
import { PageBase } from './page-base.ts';
import type { ProcessScope } from './process-scope.ts';
import { becomesTrue, startsWithin } from './waiting.ts';

const START_TIMEOUT_MS = 30_000;

export async function launchWebKit(scope: ProcessScope): Promise<BrowserEngine> {
  const driverProgram = findProgram('WebKitWebDriver', 'webkit2gtk-driver');
  const miniBrowser = findMiniBrowser();
  const display = await startDisplay(scope);
  const driverUrl = await startDriver(scope, driverProgram, {
    DISPLAY: display,
    GDK_BACKEND: 'x11',
    // No accessibility bus and no session bus: GTK would start daemons for them.
    NO_AT_BRIDGE: '1',
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    // WebKit's own sandbox (bubblewrap) doesn't start for root in a container.
    ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } : {}),
  });
  const driver = await startsWithin(
    connect(driverUrl, miniBrowser),
    "WebKitGTK's MiniBrowser",
    START_TIMEOUT_MS,
  );
  await driver.manage().setTimeouts({ script: 600_000, pageLoad: 60_000 });
  const version = (await driver.getCapabilities()).getBrowserVersion() ?? 'unknown';
  // Stays open and blank: a session ends with its last window.
  const firstWindow = await driver.getWindowHandle();
  const windows = new Windows(driver, firstWindow);

  return {
    name: 'webkit',
    version,
    async open(url) {
      const page = new WebKitPage(windows, await windows.openWindow());
      try {
        await page.goTo(url);
      } catch (error) {
        await page.close();
        throw error;
      }
      return page;
    },
    processes: () => scope.processes(),
    async close() {
      try {
        await windows.quit();
      } finally {
        await scope.close();
      }
    },
  };
}

/** Starts Xvfb on a free display and returns its name, such as `:3`. */
async function startDisplay(scope: ProcessScope): Promise<string> {
  const program = findProgram('Xvfb', 'xvfb');
  const xvfb = scope.spawn(
    program,
    ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const answer = xvfb.stdio[3];
  if (!answer) throw new HarnessError('browser-failed-to-start', 'Xvfb has no descriptor 3');
  const number = new Promise<string>((answered, failed) => {
    answer.once('data', (data: Buffer) => answered(data.toString().trim()));
    failsWhenItEnds(xvfb, 'Xvfb', failed);
  });
  return `:${await startsWithin(number, 'Xvfb', START_TIMEOUT_MS)}`;
}

/** Starts WebKitWebDriver and returns its URL. */
async function startDriver(
  scope: ProcessScope,
  program: string,
  environment: Record<string, string>,
): Promise<string> {
  // WebKitWebDriver takes port 0 but doesn't say which port it then has.
  const port = await freePort();
  const driver = scope.spawn(program, ['--host=127.0.0.1', `--port=${port}`], { environment });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/status`).then(
      (response) => response.ok,
      () => false,
    );
  await Promise.race([
    new Promise((_, failed) => failsWhenItEnds(driver, 'WebKitWebDriver', failed)),
    becomesTrue(answers, START_TIMEOUT_MS).then((ready) => {
      if (ready) return;
      throw new HarnessError('browser-failed-to-start', `WebKitWebDriver is silent at ${url}`);
    }),
  ]);
  return url;
}

function failsWhenItEnds(process: ChildProcess, name: string, failed: (error: Error) => void) {
  process.once('error', failed);
  process.once('exit', (code, signal) => {
    failed(new HarnessError('browser-failed-to-start', `${name} ended at once: ${code ?? signal}`));
  });
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') found(address.port);
        else failed(new Error('no free port'));
      });
    });
  });
}

async function connect(driverUrl: string, miniBrowser: string): Promise<WebDriver> {
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
  });
  try {
    return await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(driverUrl)
      .withCapabilities(capabilities)
      .build();
  } catch (error) {
    throw new HarnessError('browser-failed-to-start', `MiniBrowser did not start: ${error}`, {
      cause: error,
    });
  }
}

/** The windows of one session. A command goes to the current window, so those of different pages take turns. */
class Windows {
  readonly #driver: WebDriver;
  readonly #firstWindow: string;
  #current: string;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(driver: WebDriver, firstWindow: string) {
    this.#driver = driver;
    this.#firstWindow = firstWindow;
    this.#current = firstWindow;
  }

  #takeTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => {
      if (this.#closed) throw new HarnessError('closed', 'the browser was closed');
      return work();
    });
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  async #switchTo(handle: string): Promise<void> {
    if (this.#current === handle) return;
    await this.#driver.switchTo().window(handle);
    this.#current = handle;
  }

  openWindow(): Promise<string> {
    return this.#takeTurn(async () => {
      // A window, not a tab: a screenshot of a tab behind the first never returns.
      await this.#driver.switchTo().newWindow('window');
      this.#current = await this.#driver.getWindowHandle();
      return this.#current;
    });
  }

  within<T>(handle: string, work: (driver: WebDriver) => Promise<T>): Promise<T> {
    return this.#takeTurn(async () => {
      await this.#switchTo(handle);
      return work(this.#driver);
    });
  }

  closeWindow(handle: string): Promise<void> {
    return this.#takeTurn(async () => {
      await this.#switchTo(handle);
      await this.#driver.close();
      await this.#switchTo(this.#firstWindow);
    });
  }

  /** Doesn't wait for its turn: a page that hangs must not keep the browser open. */
  async quit(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // If the session is gone already, the scope still ends the processes.
    await Promise.race([
      this.#driver.quit().catch(() => {}),
      becomesTrue(async () => false, 2_000),
    ]);
  }
}

const WEBDRIVER_KEYS: Readonly<Record<Key, string>> = {
  Tab: DriverKey.TAB,
  Enter: DriverKey.ENTER,
  Escape: DriverKey.ESCAPE,
  ArrowUp: DriverKey.ARROW_UP,
  ArrowDown: DriverKey.ARROW_DOWN,
  ArrowLeft: DriverKey.ARROW_LEFT,
  ArrowRight: DriverKey.ARROW_RIGHT,
};

interface Captured {
  messages: ConsoleMessage[];
  errors: string[];
}

class WebKitPage extends PageBase implements BrowserPage {
  readonly #windows: Windows;
  readonly #handle: string;

  constructor(windows: Windows, handle: string) {
    super();
    this.#windows = windows;
    this.#handle = handle;
  }

  async goTo(url: string): Promise<void> {
    try {
      // WebDriver shows an error page without a word about its status, and WebKit's `responseStatus` is no help.
      const isFile = url.startsWith('file:');
      const status = isFile ? 200 : (await fetch(url, { method: 'HEAD' })).status;
      if (status >= 400) throw new Error(`it was answered with status ${status}`);
      await this.#windows.within(this.#handle, (driver) => driver.get(url));
    } catch (cause) {
      throw new HarnessError('page-failed-to-load', `${url} did not load: ${cause}`, { cause });
    }
  }

  protected override async run(expression: string): Promise<string> {
    try {
      return await this.#windows.within(this.#handle, (driver) =>
        driver.executeScript<string>(`return ${expression}`),
      );
    } catch (error) {
      if (error instanceof HarnessError || !(error instanceof Error)) throw error;
      // The expression doesn't parse; anything else that it does wrong is in the answer.
      if (error.name === 'JavascriptError')
        throw new PageError('SyntaxError', error.message, undefined);
      throw error;
    }
  }

  async #captured(): Promise<Captured> {
    return this.evaluate<Captured>(
      'globalThis[Symbol.for("test-harness.captured")] ?? { messages: [], errors: [] }',
    );
  }

  override async consoleMessages(): Promise<readonly ConsoleMessage[]> {
    return (await this.#captured()).messages;
  }

  override async pageErrors(): Promise<readonly string[]> {
    return (await this.#captured()).errors;
  }

  override async press(key: Key): Promise<void> {
    await this.#windows.within(this.#handle, (driver) =>
      driver.actions().sendKeys(WEBDRIVER_KEYS[key]).perform(),
    );
  }

  override async preferColorScheme(): Promise<boolean> {
    return false;
  }

  override async screenshot(path: string): Promise<void> {
    const base64 = await this.#windows.within(this.#handle, (driver) => driver.takeScreenshot());
    await writeFile(path, Buffer.from(base64, 'base64'));
  }

  override async close(): Promise<void> {
    await this.#windows.closeWindow(this.#handle);
  }
}

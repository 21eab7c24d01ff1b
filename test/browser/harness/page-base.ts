// What the engines' pages have in common, on top of one primitive: run an expression, get a string.

import type { BrowserPage, ColorScheme, ConsoleMessage, Key } from './engines.ts';
import { HarnessError } from './errors.ts';
import {
  ALLOCATION_PRESSURE,
  CANARIES_COLLECTED,
  PLACE_CANARIES,
  unwrapAnswer,
  wrapExpression,
} from './page-scripts.ts';
import { becomesTrue } from './waiting.ts';

export abstract class PageBase implements BrowserPage {
  abstract consoleMessages(): Promise<readonly ConsoleMessage[]>;
  abstract pageErrors(): Promise<readonly string[]>;
  abstract press(key: Key): Promise<void>;
  abstract preferColorScheme(scheme: ColorScheme): Promise<boolean>;
  abstract screenshot(path: string): Promise<void>;
  abstract close(): Promise<void>;

  /** Runs an expression whose value is a promise of a string. */
  protected abstract run(expression: string): Promise<string>;

  /** Asks the browser for a collection, where it can be asked. */
  protected async requestCollection(): Promise<void> {
    await this.evaluate(ALLOCATION_PRESSURE);
  }

  async evaluate<T>(expression: string): Promise<T> {
    return unwrapAnswer<T>(await this.run(wrapExpression(expression)));
  }

  async waitFor(expression: string, timeoutMs = 10_000): Promise<void> {
    const isTrue = () => this.evaluate<boolean>(`Promise.resolve(${expression}).then(Boolean)`);
    if (await becomesTrue(isTrue, timeoutMs)) return;
    throw new HarnessError('timed-out', `after ${timeoutMs} ms it is not true that ${expression}`);
  }

  async collectGarbage(): Promise<boolean> {
    await this.evaluate(PLACE_CANARIES);
    return becomesTrue(async () => {
      await this.requestCollection();
      return this.evaluate<boolean>(CANARIES_COLLECTED);
    }, 5_000);
  }
}

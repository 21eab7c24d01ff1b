// `node scripts/pictures.mjs`: takes the pictures of README and docs anew, in light and dark, in Chromium.

import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { startDemoServer } from '../examples/demo/server.mjs';
import { prepare } from './prepare.mjs';

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));

/** @typedef {(name: string, clip?: import('puppeteer-core').ScreenshotClip) => Promise<void>} Take */

/**
 * The live panel beside the demo page's editor, which works and leaks by itself.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {Take} take
 */
async function takePanel(page, take) {
  const server = await startDemoServer();
  try {
    await page.goto(server.url);
    const click = (/** @type {string} */ action) =>
      page.evaluate(`document.querySelector('[data-action="${action}"]').click()`);
    const mark = (/** @type {string} */ name) =>
      page.evaluate(`void memoryProfiler.mark(${JSON.stringify(name)})`);
    await page.waitForFunction("document.getElementById('status').textContent === 'Ready.'");
    await page.evaluate('memoryProfiler.showPanel().then(() => {})');
    await click('profile');
    await sleep(3000);
    await mark('work begins');
    await click('leak-session');
    for (let count = 0; count < 3; count++) {
      await sleep(7000);
      await page.evaluate('gc()');
    }
    await mark('at rest');
    await click('leak-session');
    await sleep(4000);
    // A report with all that was found, as after any button.
    const panel = "document.querySelector('gegl-memory-panel')";
    await page.evaluate(`${panel}.setAttribute('position', 'right')`);
    await sleep(1500);
    const clip = await page.evaluate(
      `${panel}.shadowRoot.querySelector('.panel').getBoundingClientRect().toJSON()`,
    );
    await take('panel', /** @type {import('puppeteer-core').ScreenshotClip} */ (clip));
  } finally {
    await server.close();
  }
}

prepare();
await mkdir(folder, { recursive: true });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--js-flags=--expose-gc', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  defaultViewport: { width: 1200, height: 780, deviceScaleFactor: 1.5 },
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  /** @type {Take} */
  const take = async (name, clip) => {
    for (const value of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      await sleep(500);
      await page.screenshot({
        path: /** @type {`${string}.png`} */ (`${folder}${name}-${value}.png`),
        ...(clip ? { clip } : {}),
      });
    }
  };
  await takePanel(page, take);
} finally {
  await browser.close();
}

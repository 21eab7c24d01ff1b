// `node scripts/pictures.mjs`: takes the pictures of README and docs anew, in light and dark, in Chromium.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { startDemoServer } from '../examples/demo/server.mjs';
import { prepare, step } from './prepare.mjs';

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

/**
 * The report page of the photo editor: a finding in light, the flame graph in dark.
 *
 * @param {import('puppeteer-core').Page} page
 */
async function takeReport(page) {
  const temporary = await mkdtemp(join(tmpdir(), 'pictures-'));
  const recording = join(temporary, 'photo-editor.json');
  const report = join(temporary, 'report.html');
  step('a photo editor, profiled', process.execPath, [
    ...['--expose-gc', 'examples/photo-editor/profile.mjs', '--export', recording],
  ]);
  step('the same as a page', process.execPath, [
    ...['dist/cli/gegl-memory-profiler.js', 'report', recording],
    ...['--sources', '.', '-o', report],
  ]);
  await page.setViewport({ width: 1200, height: 860 });
  await page.goto(pathToFileURL(report).href);
  await page.waitForSelector('html[data-ready]');
  for (const [value, what] of /** @type {const} */ ([
    ['light', '.findings summary'],
    ['dark', '#tab-1'],
  ])) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
    await page.click(what);
    // The pointer marks what it rests on.
    await page.mouse.move(0, 0);
    await sleep(500);
    await page.screenshot({ path: `${folder}report-${value}.webp`, type: 'webp', quality: 85 });
  }
  await rm(temporary, { recursive: true });
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
  await takeReport(page);
} finally {
  await browser.close();
}

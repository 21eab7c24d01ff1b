// gegl-memory-profiler run http://localhost:PORT/ --scenario examples/demo/scenarios/preview.mjs
// Makes a preview, as often as it is asked to; the button leaks its graph on purpose.

/** @import { Page } from 'puppeteer-core' */

const BUTTON = '[data-action="leak-nodes"]';

export const setup = (/** @type {Page} */ page) => page.waitForSelector(`${BUTTON}:enabled`);

export const action = async (/** @type {Page} */ page) => {
  await page.click(BUTTON);
  await page.waitForFunction(() =>
    /Leaked/.test(document.querySelector('#status')?.textContent ?? ''),
  );
};

// gegl-memory-profiler run http://localhost:PORT/ --scenario examples/demo/scenarios/blur.mjs
// Blurs the picture, and undoes that.

/** @import { Page } from 'puppeteer-core' */

export const setup = (/** @type {Page} */ page) =>
  page.waitForSelector('[data-action="blur"]:enabled');
export const action = (/** @type {Page} */ page) => page.click('[data-action="blur"]');
export const back = (/** @type {Page} */ page) => page.click('[data-action="undo"]');

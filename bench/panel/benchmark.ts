// What the live panel costs a page: the demo page, at rest, sampled once a second, in Chromium.

import { setTimeout as sleep } from 'node:timers/promises';
import puppeteer, { type Browser, type CDPSession, type Page } from 'puppeteer-core';
import { startDemoServer } from '../../examples/demo/server.mjs';
import { findProgram } from '../../test/browser/harness/installed.ts';
import { median, printTable } from '../profiler/table.ts';

const SECONDS = 20;
const ROUNDS = Number(process.argv[2] ?? 3);
/** Of the editor that works and leaks by itself before: then there are sites, findings and a history. */
const WORK_SECONDS = 15;

const PANEL = "document.querySelector('gegl-memory-panel')";
const HIDE = 'profiler.hidePanel()';

/** What is shown, and how it comes to that. */
const WAYS: readonly (readonly [name: string, script: string])[] = [
  ['no panel', HIDE],
  ['panel, open', `profiler.showPanel().then((panel) => panel.removeAttribute('collapsed'))`],
  ['panel, at the bottom', `${PANEL}.setAttribute('position', 'bottom')`],
  [
    'panel, one line',
    `(${PANEL}.setAttribute('position', 'right'), ${PANEL}.setAttribute('collapsed', ''))`,
  ],
];

interface Cost {
  /** Seconds of tasks of the page's main thread, and those of them that ran scripts. */
  readonly tasks: number;
  readonly scripts: number;
  /** Seconds of a core, by all processes of the browser. */
  readonly processes: number;
}

async function readCost(page: CDPSession, browser: CDPSession): Promise<Cost> {
  const { metrics } = await page.send('Performance.getMetrics');
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  return {
    tasks: metric('TaskDuration'),
    scripts: metric('ScriptDuration'),
    processes: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
}

async function measure(browser: Browser, page: Page): Promise<Map<string, Cost[]>> {
  const session = await page.createCDPSession();
  const whole = await browser.target().createCDPSession();
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const costs = new Map<string, Cost[]>(WAYS.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, script] of WAYS) {
      await page.evaluate(script);
      await sleep(2000);
      const before = await readCost(session, whole);
      await sleep(SECONDS * 1000);
      const after = await readCost(session, whole);
      costs.get(name)?.push({
        tasks: after.tasks - before.tasks,
        scripts: after.scripts - before.scripts,
        processes: after.processes - before.processes,
      });
    }
  }
  return costs;
}

/** The demo page with a past: some rounds of work, with leaks, then at rest. */
async function preparePage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  const click = (action: string) =>
    page.evaluate(`document.querySelector('[data-action="${action}"]').click()`);
  await page.waitForFunction("document.getElementById('status').textContent === 'Ready.'");
  // Not the page's own, for whose leaks the page listens, which costs, too.
  await page.evaluate(
    'void (globalThis.profiler = new MemoryProfiler()).start({ sampleInterval: 1000 })',
  );
  await click('leak-session');
  await sleep(WORK_SECONDS * 1000);
  await click('leak-session');
  await sleep(3000);
  return page;
}

const server = await startDemoServer();
const browser = await puppeteer.launch({
  executablePath: findProgram('chromium', 'chromium'),
  headless: true,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  defaultViewport: { width: 1200, height: 800 },
});
try {
  const costs = await measure(browser, await preparePage(browser, server.url));
  const share = (list: readonly Cost[], figure: keyof Cost) =>
    (100 * median(list.map((cost) => cost[figure]))) / SECONDS;
  const without = costs.get('no panel') ?? [];
  printTable(
    `% of a core, one sample a second, median of ${ROUNDS} stretches of ${SECONDS} s (Chromium, no GPU)`,
    ['', 'main thread', 'scripts in it', 'more than without', 'all processes', 'more than without'],
    [...costs].map(([name, list]) => [
      name,
      share(list, 'tasks').toFixed(2),
      share(list, 'scripts').toFixed(2),
      (share(list, 'tasks') - share(without, 'tasks')).toFixed(2),
      share(list, 'processes').toFixed(2),
      (share(list, 'processes') - share(without, 'processes')).toFixed(2),
    ]),
  );
} finally {
  await browser.close();
  await server.close();
}

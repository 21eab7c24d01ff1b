// How fast the report page opens and moves, in Chromium: with a million samples, and with a hundred thousand sites.
// A goal is a drawn report within 2 s, and 60 frames a second while it is panned. Run it alone.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NOTHING_KNOWN } from '../../src/analyze/knowledge.ts';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { collectRecording } from '../../src/present/report/write/collect.ts';
import { renderReport } from '../../src/present/report/write/render.ts';
import type { Recording } from '../../src/recording/types.ts';
import { type BrowserPage, launchEngine } from '../../test/browser/harness/engines.ts';
import { median, printTable } from '../profiler/table.ts';
import { manySamples, manySites } from './synthetic-recordings.ts';

const ROUNDS = 3;
const FRAMES = 120;
const SHAPES: readonly { readonly name: string; readonly make: () => Recording }[] = [
  { name: '10,000 samples', make: () => manySamples(10_000) },
  { name: '1,000,000 samples', make: () => manySamples(1_000_000) },
  { name: '2,000 sites', make: () => manySites(2_000) },
  { name: '100,000 sites', make: () => manySites(100_000) },
];

/** In the page: runs an action a frame; milliseconds from each frame to the next, and of the action with what it causes. */
const MEASURE = `globalThis.measure = async (frames, action) => {
  const intervals = [], work = [];
  let before = await new Promise(requestAnimationFrame);
  for (let at = 0; at < frames; at++) {
    const start = performance.now();
    action(at);
    // Preact and uPlot draw in microtasks.
    await null; await null; await Promise.resolve();
    work.push(performance.now() - start);
    const now = await new Promise(requestAnimationFrame);
    intervals.push(now - before);
    before = now;
  }
  return { intervals, work };
}`;

interface Frames {
  readonly intervals: readonly number[];
  readonly work: readonly number[];
}

const ACTIONS: readonly {
  readonly name: string;
  readonly before?: string;
  readonly action: string;
}[] = [
  {
    name: 'timeline panned',
    before: `for (const _ of [1, 2, 3]) document.querySelector('.chart').dispatchEvent(
      new KeyboardEvent('keydown', { key: '+', bubbles: true }))`,
    action: `(at) => document.querySelector('.chart').dispatchEvent(new WheelEvent('wheel', {
      deltaX: at % 60 < 30 ? 12 : -12, bubbles: true, cancelable: true }))`,
  },
  {
    name: 'flame graph gone through',
    before: `document.querySelectorAll('[role=tab]')[1].click()`,
    action: `(at) => document.querySelector('.flame')?.dispatchEvent(new KeyboardEvent('keydown', {
      key: ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowUp'][at % 4], bubbles: true }))`,
  },
  {
    name: 'table of sites scrolled',
    before: `document.querySelectorAll('[role=tab]')[2].click()`,
    action: `(at) => { const scroll = document.querySelector('.scroll'); if (scroll) scroll.scrollTop = at * 300; }`,
  },
];

const part = (name: string) => readFileSync(`dist/report/${name}`, 'utf8');
const parts = {
  script: part('page.js'),
  style: part('page.css'),
  notices: part('THIRD-PARTY.txt'),
};
const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
const engine = await launchEngine('chromium');
const opened: string[][] = [];
const moved: string[][] = [];
try {
  for (const { name, make } of SHAPES) {
    const recording = make();
    const start = performance.now();
    const html = renderReport(
      {
        profilerVersion: 'bench',
        recordings: [
          collectRecording(recording, {
            title: name,
            findLeaks: (of) => findLeaks(of, NOTHING_KNOWN),
          }),
        ],
        heapFile: null,
        diff: null,
      },
      parts,
    );
    const written = performance.now() - start;
    const file = join(folder, `${name}.html`);
    writeFileSync(file, html);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const page = await open(file);
      times.push(
        await page.evaluate<number>(`performance.getEntriesByName('report-drawn')[0].startTime`),
      );
      if (round === ROUNDS - 1) await measureMoves(page, name);
      await page.close();
    }
    opened.push([name, mb(html.length), ms(written), ms(median(times)), ms(Math.max(...times))]);
  }
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
}
printTable(
  `Opened in Chromium ${engine.version}, from navigation to the first drawn frame (${ROUNDS} times)`,
  ['recording', 'file', 'written in', 'median', 'slowest'],
  opened,
);
printTable(
  `Moved, ${FRAMES} frames: milliseconds from frame to frame (60 a second: 16.7), and of script in a frame`,
  ['recording', 'what', 'first shown', 'median', '95 %', 'slowest', 'script median', 'script 95 %'],
  moved,
);

async function open(file: string): Promise<BrowserPage> {
  const page = await engine.open(pathToFileURL(file).href);
  await page.waitFor(`performance.getEntriesByName('report-drawn').length > 0`, 60_000);
  return page;
}

async function measureMoves(page: BrowserPage, recording: string): Promise<void> {
  await page.evaluate(MEASURE);
  for (const { name, before = '', action } of ACTIONS) {
    const shown = await page.evaluate<number>(`(async () => {
      const start = performance.now();
      ${before};
      await new Promise(requestAnimationFrame); await new Promise((done) => setTimeout(done));
      return performance.now() - start;
    })()`);
    await page.evaluate('new Promise((done) => setTimeout(done, 500))');
    const { intervals, work } = await page.evaluate<Frames>(`measure(${FRAMES}, ${action})`);
    moved.push([
      recording,
      name,
      ms(shown),
      ...[median(intervals), share(intervals, 0.95), Math.max(...intervals)].map(ms),
      ...[median(work), share(work, 0.95)].map(ms),
    ]);
  }
}

function share(values: readonly number[], at: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * at)] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MB`;
}

// The report page in a browser, opened as a file: what a person does with it, whatever the recording holds.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildHeapGraph } from '../../src/analyze/heap-graph/index.ts';
import { formatHeapSnapshot } from '../../src/present/formats/heapsnapshot.ts';
import { runAtOnce } from '../../src/slices.ts';
import { linked } from '../analyze/heap-graph/build-image.ts';
import { makeFolder, type } from '../present/cli/command-line.ts';
import {
  HOSTILE,
  leakingRecording,
  siteRecording,
  twoLeaksRecording,
} from '../present/report/recordings.ts';
import type { BrowserPage, EngineName } from './harness/engines.ts';
import { retryOf, useEngine } from './harness/use-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const pictures = `${repository}test-results/report`;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** In the page: what a person sees and does. */
const ACTIONS = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const find = (selector, text) => {
    const found = all(selector).find((one) => one.textContent.includes(text));
    if (!found) throw new Error('there is no ' + selector + ' with ' + text);
    return found;
  };
  globalThis.acts = {
    all,
    click: (selector, text = '') => find(selector, text).click(),
    text: (selector) => all(selector).map((one) => one.textContent).join('\\n'),
    type: (selector, words) => {
      const input = all(selector)[0];
      input.value = words;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    key: (selector, key) =>
      all(selector)[0].dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })),
    drag: (from, to) => {
      const over = all('.u-over')[0];
      const { left, top, width } = over.getBoundingClientRect();
      const event = (type, share) =>
        over.dispatchEvent(new MouseEvent(type, {
          bubbles: true, button: 0, clientX: left + share * width, clientY: top + 20, movementX: 9,
        }));
      event('mousemove', from); event('mousedown', from);
      event('mousemove', (from + to) / 2); event('mousemove', to); event('mouseup', to);
    },
    settle: () => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 200)),
  };
})()`;

let photoEditor: Promise<string> | undefined;

/** The recording of a leaking session with GEGL; made once for all browsers of this process. */
function photoEditorRecording(): Promise<string> {
  photoEditor ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memory-profiler-report-'));
    const path = join(folder, 'photo-editor.json');
    const program = ['--expose-gc', 'examples/photo-editor/profile.mjs'];
    try {
      await promisify(execFile)(process.execPath, [...program, '--rounds', '4', '--export', path], {
        cwd: repository,
      });
      return readFileSync(path, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  })();
  return photoEditor;
}

export function describeReportInBrowser(name: EngineName): void {
  describe(`the report page in ${name}`, retryOf(name), () => {
    const place = makeFolder();
    const engine = useEngine(name);

    beforeAll(() => {
      mkdirSync(pictures, { recursive: true });
    });

    async function open(args: readonly string[]): Promise<BrowserPage> {
      const file = place(`${args.length}-${Math.random()}.html`);
      expect(await type('report', ...args, '-o', file)).toMatchObject({ code: 0 });
      const page = await engine.open(pathToFileURL(file).href);
      await page.waitFor('document.documentElement.dataset.ready');
      await page.evaluate(ACTIONS);
      return page;
    }
    const recordingOf = (hostile: string) =>
      place('recording.json', JSON.stringify(siteRecording(hostile)));

    async function violations(page: BrowserPage): Promise<readonly unknown[]> {
      await page.evaluate(`(() => { ${axe} })()`);
      return page.evaluate(
        'axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
      );
    }

    it('leads from the first look to the line of a planted leak by one click, and has no barrier', async () => {
      const recording = place('photo-editor.json', await photoEditorRecording());
      const page = await open([recording, '--sources', repository]);
      await page.evaluate('acts.click(".findings summary", "buffers were garbage-collected")');
      const evidence = await page.evaluate<string>(
        'acts.text(".findings details[open] .evidence")',
      );
      expect(evidence).toMatch(/#keepUndoStep \(examples\/photo-editor\/editor\.mjs:\d+:\d+\)/);
      expect(evidence).toContain('What to do: Call destroy()');
      expect(await page.evaluate('acts.text("details[open] .meant")')).toContain(
        'this.#undoSteps.push(',
      );
      for (const theme of ['light', 'dark']) {
        await page.evaluate(`acts.click('input[value="${theme}"]')`);
        await page.evaluate("acts.click('[role=tab]', 'Findings')");
        await page.evaluate('(scrollTo(0, 0), acts.settle())');
        await page.screenshot(`${pictures}/page-${name}-${theme}.png`);
        for (const tab of ['Findings', 'Flame graph', 'Tables']) {
          await page.evaluate(`acts.click('[role=tab]', '${tab}')`);
          await page.evaluate('acts.settle()');
          // The page is the same in all; axe takes seconds.
          if (name === 'chromium' || tab === 'Findings') {
            expect(await violations(page)).toEqual([]);
          }
          await page.evaluate('document.querySelector("[role=tablist]").scrollIntoView()');
          await page.screenshot(`${pictures}/${tab.split(' ')[0]}-${name}-${theme}.png`);
        }
      }
      expect(await page.pageErrors()).toEqual([]);
      await page.close();
    }, 120_000);

    it('tells with a finding, once, what grew because of it', async () => {
      const page = await open([place('leaking.json', JSON.stringify(leakingRecording()))]);
      const evidence = await page.evaluate<string>('acts.text(".findings .evidence")');
      expect(evidence.match(/Grew because of it: \d+ more GeglNode/g)).toHaveLength(1);
      await page.close();
    });

    it('follows the stretch of time that is dragged over, moved by keys, or begun by a mark', async () => {
      const page = await open([recordingOf('paint')]);
      const shown = () =>
        page.evaluate<string>('acts.settle().then(() => acts.text(".selection"))');
      const growth = () =>
        page.evaluate<string>('acts.text("tbody tr:nth-child(1) td:nth-child(4)")');
      await page.evaluate('acts.click("[role=tab]", "Tables")');
      expect(await shown()).toContain('the whole recording, 4 s long');
      expect(await growth()).toBe('+3.81 KB');
      await page.evaluate('acts.drag(0.25, 0.75)');
      expect(await shown()).toMatch(/^Below: (1|0\.99|1\.01) s to (3|2\.99|3\.01) s/);
      await page.evaluate('acts.click(".marks button", "open paint")');
      expect(await shown()).toBe('Below: 1 s to 3 s, 2 s long');
      expect(await growth()).toBe('+200 B');
      await page.evaluate('acts.key(".chart", "ArrowRight")');
      expect(await shown()).toBe('Below: 1.3 s to 3.3 s, 2 s long');
      await page.evaluate('acts.key(".chart", "+")');
      expect(await shown()).toBe('Below: 1.8 s to 2.8 s, 1 s long');
      expect(await page.evaluate('acts.all(".chart")[0].getAttribute("aria-valuetext")')).toBe(
        '1.8 s to 2.8 s',
      );
      await page.evaluate(
        'acts.all(".u-over")[0].dispatchEvent(new MouseEvent("dblclick", { bubbles: true }))',
      );
      expect(await shown()).toContain('the whole recording');
      await page.close();
    });

    it('shows the findings and heap snapshots of a stretch, and how to see the others', async () => {
      const page = await open([place('two-leaks.json', JSON.stringify(twoLeaksRecording()))]);
      const shown = () =>
        page.evaluate<string>(
          'acts.settle().then(() => acts.text("[role=tabpanel] > .findings .message"))',
        );
      expect((await shown()).split('\n')).toHaveLength(2);
      await page.evaluate('acts.click(".marks button", "buffers")');
      expect(await shown()).toMatch(
        /^25 buffers were .*\+20 buffers, \+19.5 KB in this stretch; when 5 more came is not known$/,
      );
      expect(await page.evaluate('acts.text("[role=tab] .count")')).toBe('1\n1');
      await page.evaluate('acts.click(".outside > summary", "1 finding outside of this stretch")');
      expect(await page.evaluate('acts.text(".outside[open] .message")')).toMatch(
        /^20 nodes were .*0 nodes in this stretch$/,
      );
      if (name === 'chromium') expect(await violations(page)).toEqual([]);
      await page.screenshot(`${pictures}/stretch-${name}.png`);
      await page.evaluate('acts.click("[role=tab]", "Heap snapshots")');
      await page.waitFor('acts.text("tbody th").startsWith("1:20")');
      expect(await page.evaluate('acts.text(".help")')).toContain(
        '1 heap snapshot outside of this stretch',
      );
      await page.close();
    });

    it('finds frames, zooms into them, and is gone through by keys', async () => {
      const page = await open([recordingOf('paint')]);
      await page.evaluate('acts.click("[role=tab]", "Flame graph")');
      const current = () =>
        page.evaluate<string>('acts.settle().then(() => acts.text("#flame-current"))');
      await page.evaluate('acts.type("[role=tabpanel] input[type=search]", "PAINT")');
      await page.waitFor('acts.text(".found").startsWith("1 frames match, 3.91 KB of 4.39 KB")');
      expect(await current()).toBe('4.39 KB (100.0 %) all');
      for (const key of ['ArrowDown', 'ArrowDown'])
        await page.evaluate(`acts.key(".flame", "${key}")`).then(current);
      expect(await current()).toBe('3.91 KB (88.9 %) paint (app.js:7:3)');
      await page.evaluate('acts.key(".flame", "ArrowRight")');
      expect(await current()).toBe('500 B (11.1 %) g_malloc');
      await page.evaluate('acts.key(".flame", "Enter")');
      await page.waitFor('acts.text(".way") === "allmain (app.js:1:1)g_malloc"');
      await page.evaluate('acts.key(".flame", "Escape")');
      await page.waitFor('acts.text(".way") === ""');
      await page.evaluate('acts.click(".check input")');
      await page.evaluate('acts.settle()');
      await page.evaluate('acts.key(".flame", "ArrowDown")');
      expect(await current()).toBe('3.91 KB (88.9 %) gegl_alloc');
      await page.close();
    });

    it('compares two recordings, and looks through a heap', async () => {
      const image = linked({
        count: 4,
        edges: [
          [0, 1],
          [1, 2],
        ],
        roots: [0],
        labels: ['Top', 'Middle', 'Leaf', 'Lost'],
      });
      const heap = place(
        'small.heapsnapshot',
        formatHeapSnapshot(image, runAtOnce(buildHeapGraph(image))),
      );
      const page = await open([
        recordingOf('paint'),
        place('later.json', JSON.stringify(siteRecording('draw'))),
        ...['--heap-snapshot', heap],
      ]);
      await page.evaluate('acts.click("[role=tab]", "Compare")');
      await page.waitFor('acts.all("[role=tabpanel] tbody tr").length > 0');
      const changes = await page.evaluate<string>(
        'acts.all(".data tbody tr").map((row) => row.textContent).join("\\n")',
      );
      expect(changes).toContain('draw (app.js:7:3) new+3.91 KB0 B3.91 KB');
      expect(changes).toContain('paint (app.js:7:3) gone\u22123.91 KB3.91 KB0 B');
      expect(await violations(page)).toEqual([]);
      await page.screenshot(`${pictures}/compare-${name}.png`);
      await page.evaluate('acts.click("[role=tab]", "Heap snapshots")');
      await page.evaluate('acts.click(".data tbody button", "Leaf")');
      await page.waitFor('acts.all(".data").length === 2');
      await page.evaluate('acts.click(".data:nth-child(2) tbody button", "Leaf @")');
      await page.waitFor('acts.text(".data .stack").includes("Top @")');
      expect(await page.evaluate('acts.text(".data .stack")')).toMatch(
        /^Leaf @\d+, held byMiddle @\d+, held byTop @\d+/,
      );
      expect(await violations(page)).toEqual([]);
      await page.close();
    });

    it('shows hostile names as text, and runs nothing of them', async () => {
      const page = await open([recordingOf(HOSTILE.join(' '))]);
      for (const tab of ['Flame graph', 'Tables', 'Heap snapshots', 'Findings']) {
        await page.evaluate(`acts.click('[role=tab]', '${tab}')`);
        await page.evaluate('acts.settle()');
        if (tab !== 'Tables') continue;
        const row = await page.evaluate<string>('acts.text("tbody th button")');
        expect(row).toContain(HOSTILE.join(' '));
        for (const rows of ['Types', 'Operations']) {
          await page.evaluate(`acts.click('.choice label', '${rows}')`);
          await page.evaluate('acts.settle()');
          expect(await page.evaluate<string>('acts.text("tbody th")')).toContain(HOSTILE.join(' '));
        }
      }
      expect(
        await page.evaluate(
          '[typeof hacked, acts.all("img, iframe").length, acts.all("script").length]',
        ),
      ).toEqual(['undefined', 0, 2]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await page.pageErrors()).toEqual([]);
      await page.close();
    });
  });
}

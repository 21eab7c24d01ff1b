// The live panel on a real page with GEGL, under a strict policy; the same for each engine.

import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/analyze/figures.ts';
import type { Report, Snapshot } from '../../src/profiler/index.ts';
import { parseRecording } from '../../src/recording/parse.ts';
import type { BrowserPage, EngineName } from './harness/engines.ts';
import { STRICT_CSP, startServer, type TestServer } from './harness/server.ts';
import { useEngine } from './harness/use-engine.ts';
import { becomesTrue } from './harness/waiting.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const PICTURES = `${repository}test-results/panel`;
const INTERVAL = 100;
const POLICY = `${STRICT_CSP['content-security-policy']}; style-src 'self'`;

async function serve(): Promise<TestServer> {
  return startServer({
    mounts: {
      '/panel': fileURLToPath(new URL('pages/panel', import.meta.url)),
      '/native': `${repository}native/out`,
      '/js': `${repository}js`,
      '/dist': `${repository}dist`,
      '/axe': `${repository}node_modules/axe-core`,
    },
    files: {
      '/alone.html':
        '<!doctype html><title>alone</title><script src="/alone/memory-profiler.js"></script>',
      '/element.html':
        '<!doctype html><title>element</title><body><gegl-memory-panel></gegl-memory-panel><script type="module" src="/element.mjs"></script></body>',
      '/element.mjs':
        "import '/dist/esm/memory-panel.js'; import { memoryProfiler } from '/dist/esm/memory-profiler.js'; document.querySelector('gegl-memory-panel').profiler = memoryProfiler;",
      '/alone/memory-profiler.js': await readFile(`${repository}js/memory-profiler.js`),
    },
    headers: { '/panel/': { 'content-security-policy': POLICY } },
  });
}

export function describePanelInBrowser(name: EngineName): void {
  describe(`the panel in ${name}`, () => {
    const { open, prepare } = useEngine(name);
    let server: TestServer;
    let page: BrowserPage;

    const text = (selector: string) => page.evaluate<string>(`textOf(${JSON.stringify(selector)})`);
    const report = () => page.evaluate<Report>('memoryProfiler.getReport()');

    /** Clicks a button and waits until its action is done. */
    async function click(label: string): Promise<void> {
      const button = `button(${JSON.stringify(label)})`;
      await page.evaluate(`void ${button}.click()`);
      await page.waitFor(`!inPanel('[aria-busy]')`, 30_000);
    }

    beforeAll(async () => {
      await mkdir(PICTURES, { recursive: true });
      server = await serve();
      page = await prepare(async () => {
        const opened = await open(server.url('/panel/classic.html'));
        await opened.waitFor('globalThis.ready', 60_000);
        await opened.evaluate('ready');
        return opened;
      });
    });
    afterAll(async () => {
      await server?.close();
      // In Firefox for all pages, those of other tests among them.
      await page?.preferColorScheme('light');
    });

    it('loads when it is asked for, once', async () => {
      const isLoaded =
        'performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/js/memory-panel.js")).length';
      expect(await page.evaluate(isLoaded)).toBe(0);
      await page.evaluate(
        `memoryProfiler.showPanel().then((shown) => void (globalThis.first = shown))`,
      );
      expect(
        await page.evaluate('memoryProfiler.showPanel().then((shown) => shown === first)'),
      ).toBe(true);
      expect(await page.evaluate(isLoaded)).toBe(1);
      expect(await page.evaluate('document.querySelectorAll("gegl-memory-panel").length')).toBe(1);
      await page.waitFor(`textOf('.summary') === 'no sample yet'`);
      expect(await page.evaluate('[button("Mark").disabled, button("Snapshot").disabled]')).toEqual(
        [true, true],
      );
    });

    it('starts with the options of the last start, and shows the figures of the last sample', async () => {
      await page.evaluate(
        `void (memoryProfiler.start({ sampleInterval: ${INTERVAL} }), memoryProfiler.stop())`,
      );
      await click('Start');
      expect(await page.evaluate('memoryProfiler.isProfiling')).toBe(true);
      await page.waitFor('memoryProfiler.snapshots.length > 6');
      await click('Stop');
      expect(await page.evaluate('memoryProfiler.isProfiling')).toBe(false);
      expect((await report()).recording.options.sampleInterval).toBe(INTERVAL);

      const last = await page.evaluate<Snapshot>('memoryProfiler.snapshots.at(-1)');
      const { heapSize, heapUsed } = last.wasmMemory;
      const figures = {
        heapSize: formatBytes(heapSize ?? 0),
        live: formatBytes(heapUsed ?? 0),
        caches: formatBytes((last.gegl?.tileCache ?? 0) + (last.gegl?.scratch ?? 0)),
      };
      await page.waitFor(`textOf('.summary').endsWith('stopped')`);
      expect(await text('.summary')).toBe(
        `live ${figures.live} of ${figures.heapSize} | 0 leaks | stopped`,
      );
      for (const [figure, shown] of Object.entries(figures)) {
        expect(await text(`[data-figure=${figure}]`)).toBe(shown);
      }
      for (const [kind, count] of Object.entries(last.objectCounts)) {
        expect(await text(`[data-count=${kind}]`)).toBe(String(count));
      }
      expect(last.objectCounts.buffers).toBe(1);
      expect(await page.evaluate('inPanel("canvas").clientWidth')).toBeGreaterThan(300);
    });

    it('shows where live memory was allocated, and by which operation', async () => {
      await page.waitFor(`allInPanel('.holders summary').length > 0`);
      const { sites } = await report();
      const [top] = sites?.filter(({ liveBytes }) => liveBytes > 0) ?? [];
      expect(await text('.holders summary .figure')).toContain(formatBytes(top?.liveBytes ?? 0));
      const places = await page.evaluate<string[]>(
        `allInPanel('.holders summary .name').map(({ textContent }) => textContent)`,
      );
      expect(places).toContainEqual(
        expect.stringMatching(
          /^panel\/application\.js:\d+:\d+$|\(panel\/application\.js:\d+:\d+\)$/,
        ),
      );
      expect(places.join()).not.toContain('memory-panel.js');
      expect(await text('.holders .frames')).toContain(top?.frames[0]?.text);
    });

    it('marks, samples, exports and takes heap snapshots', async () => {
      await click('Start');
      const before = (await report()).summary.totalSamples;
      await page.evaluate(`void (inPanel('input').value = 'picture opened')`);
      await click('Mark');
      await click('Snapshot');
      await click('Mark');
      await click('Export');
      await click('Heap snapshot');
      const { summary, recording } = await report();
      expect(recording.marks.map(({ name }) => name)).toEqual(['picture opened', 'mark 2']);
      expect(summary.totalSamples).toBeGreaterThanOrEqual(before + 3);
      const { names, texts } = await page.evaluate<{ names: string[]; texts: string[] }>(
        'Promise.all(downloads.texts).then((texts) => ({ names: downloads.names, texts }))',
      );
      expect(names).toEqual([
        expect.stringMatching(/^memory-[-\dT]+\.json$/),
        expect.stringMatching(/^memory-[-\dT]+\.heapsnapshot$/),
      ]);
      expect(parseRecording(texts[0] ?? '').marks).toHaveLength(2);
      const { snapshot } = JSON.parse(texts[1] ?? '');
      expect(snapshot.node_count).toBeGreaterThan(1000);
      expect(await text('.note')).toBe(`Saved ${names[1]}.`);
    });

    it('offers a garbage collection where there is one', async () => {
      expect(await page.evaluate('Boolean(button("GC"))')).toBe(
        await page.evaluate('typeof gc === "function"'),
      );
      // A stand-in: no engine is started with one here.
      await page.evaluate(`void (globalThis.gc = () => { globalThis.collected = true; })`);
      await page.evaluate(`memoryProfiler.showPanel().then(() => {})`);
      await click('GC');
      expect(await page.evaluate('collected')).toBe(true);
    });

    it('tells of a leak as it is found, with the line', async () => {
      await page.evaluate('void loseColor()');
      expect(await page.collectGarbage()).toBe(true);
      await page.waitFor(`inPanel('.findings [data-severity=error]')`, 20_000);
      expect(await text('.findings .message')).toMatch(/^1 of the colors was garbage-collected/);
      expect(await text('[role=status]')).toBe(await text('.findings .message'));
      expect(await text('.findings .frames li')).toMatch(
        /^loseColor \(panel\/application\.js:\d+:\d+\)$/,
      );
      await page.waitFor(`textOf('.summary').endsWith('| 1 leak')`);
      await page.waitFor(`textOf('[data-count=colors] + .lost') === '1 lost'`);
    });

    it('is unmoved by the style of the page', async () => {
      const style = await page.evaluate<Record<string, string>>(`(() => {
        const { fontSize, fontStyle, letterSpacing, visibility } = getComputedStyle(inPanel('.panel'));
        return { fontSize, fontStyle, letterSpacing, visibility };
      })()`);
      expect(style).toEqual({
        fontSize: '12px',
        fontStyle: 'normal',
        letterSpacing: 'normal',
        visibility: 'visible',
      });
      const { width, right, bottom } = await page.evaluate<DOMRect>(
        'inPanel(".panel").getBoundingClientRect().toJSON()',
      );
      expect(width).toBe(400);
      expect([right, bottom]).toEqual(
        await page.evaluate('[document.documentElement.clientWidth - 12, innerHeight - 12]'),
      );
    });

    it('is reached by the keyboard, all of it, and collapses by Escape', async () => {
      const nameOf =
        '({ ariaLabel, className, textContent }) => ariaLabel || className || textContent';
      const names = await page.evaluate<string[]>(
        `allInPanel('button:enabled, input').filter((control) => control.checkVisibility()).map(${nameOf})`,
      );
      expect(names).toHaveLength(11);
      const missing = new Set(names);
      await page.evaluate(`void inPanel('.toggle').focus()`);
      // No further than the last one: Firefox goes on outside of the page.
      for (let count = 0; missing.size > 0 && count < 40; count += 1) {
        missing.delete(
          await page.evaluate<string>(`(${nameOf})(panel().shadowRoot.activeElement)`),
        );
        await page.press('Tab');
      }
      expect([...missing]).toEqual([]);

      await page.evaluate(`void button('Export').focus()`);
      await page.press('Escape');
      expect(
        await page.evaluate(
          '[panel().hasAttribute("collapsed"), inPanel(".body").checkVisibility()]',
        ),
      ).toEqual([true, false]);
      expect(await page.evaluate(`panel().shadowRoot.activeElement === inPanel('.toggle')`)).toBe(
        true,
      );
      await page.press('Enter');
      await page.waitFor('!panel().hasAttribute("collapsed")');
      expect(await page.evaluate(`inPanel('.toggle').ariaExpanded`)).toBe('true');

      const size =
        '(({ width, height }) => [width, height])(inPanel(".panel").getBoundingClientRect())';
      const [width, height] = await page.evaluate<[number, number]>(size);
      await page.evaluate(`void inPanel('.resize').focus()`);
      for (const key of ['ArrowLeft', 'ArrowDown', 'ArrowDown'] as const) await page.press(key);
      expect(await page.evaluate(size)).toEqual([width + 24, height - 48]);
      const positions: unknown[] = [];
      for (let count = 0; count < 3; count += 1) {
        await page.evaluate(`void inPanel('[aria-label^="Move"]').focus()`);
        await page.press('Enter');
        positions.push(await page.evaluate('panel().getAttribute("position")'));
      }
      expect(positions).toEqual(['left', 'bottom', 'right']);
    });

    it('draws nothing while it can not be seen', async () => {
      const drawn = async () => {
        const before = await page.evaluate<number>('strokes');
        const samples = await page.evaluate<number>('memoryProfiler.snapshots.length');
        await page.waitFor(`memoryProfiler.snapshots.length >= ${samples + 5}`);
        return (await page.evaluate<number>('strokes')) - before;
      };
      /** What was under way when it was hidden is over. */
      const settle = () => page.evaluate('new Promise((done) => setTimeout(done, 300))');
      expect(await drawn()).toBeGreaterThan(0);
      await page.evaluate('void panel().setAttribute("collapsed", "")');
      await settle();
      expect(await drawn()).toBe(0);
      expect(await text('.summary')).toMatch(/^live .+ of .+ \| 1 leak$/);
      await page.evaluate('void (panel().removeAttribute("collapsed"), panel().hidden = true)');
      await settle();
      expect(await drawn()).toBe(0);
      // A stand-in: no engine hides a page when it is told to.
      await page.evaluate(
        `void (panel().hidden = false, Object.defineProperty(document, 'hidden', { value: true, configurable: true }))`,
      );
      await settle();
      expect(await drawn()).toBe(0);
      await page.evaluate(
        `void (delete document.hidden, document.dispatchEvent(new Event('visibilitychange')))`,
      );
      expect(await drawn()).toBeGreaterThan(0);
    });

    it.each(['light', 'dark'] as const)(
      'is accessible and has its picture taken in %s',
      async (scheme) => {
        // Where the engine can't be told what the reader prefers, the page says it.
        const isTold = await page.preferColorScheme(scheme);
        expect(isTold).toBe(name !== 'webkit');
        await page.evaluate(
          `void ${isTold ? 'panel().removeAttribute("theme")' : `panel().setAttribute("theme", "${scheme}")`}`,
        );
        const color = 'getComputedStyle(inPanel(".panel")).backgroundColor';
        const shows = (theme: 'light' | 'dark') =>
          page.waitFor(
            `${color} === '${theme === 'dark' ? 'rgb(27, 32, 39)' : 'rgb(255, 255, 255)'}'`,
          );
        const other = scheme === 'dark' ? 'light' : 'dark';
        await shows(scheme);
        if (isTold) {
          await page.evaluate(`void panel().setAttribute("theme", "${other}")`);
          await shows(other);
          await page.evaluate('void panel().removeAttribute("theme")');
          await shows(scheme);
        }
        await page.evaluate(
          `void allInPanel('.findings details').forEach((details) => { details.open = true; })`,
        );
        await page.evaluate(`import('/axe/axe.min.js').then(() => {})`);
        const { violations, passes } = await page.evaluate<AxeResults>(
          `axe.run('gegl-memory-panel', { resultTypes: ['violations'] }).then(({ violations, passes }) => ({ violations, passes }))`,
        );
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(passes.map(({ id }) => id)).toEqual(
          expect.arrayContaining(['color-contrast', 'button-name']),
        );
        await page.screenshot(`${PICTURES}/${name}-${scheme}.png`);
        expect((await readFile(`${PICTURES}/${name}-${scheme}.png`)).length).toBeGreaterThan(
          10_000,
        );
      },
    );

    it('goes on when a report fails, and says so once', async () => {
      await page.evaluate(
        `void Object.defineProperty(memoryProfiler, 'getReport', { value: () => { throw new Error('planted'); }, configurable: true })`,
      );
      const { length } = await page.evaluate<Snapshot[]>('memoryProfiler.snapshots');
      await click('Snapshot');
      await click('Snapshot');
      await page.waitFor(`memoryProfiler.snapshots.length > ${length + 3}`);
      await page.evaluate('void delete memoryProfiler.getReport');
      const told = (await page.consoleMessages()).filter((message) =>
        message.text.includes('the panel failed'),
      );
      expect(told.map(({ type }) => type)).toEqual([expect.stringMatching(/^warn/)]);
    });

    it('leaves nothing behind when it is closed, fifty times', async () => {
      await click('Stop');
      await page.evaluate('void (memoryProfiler.hidePanel(), globalThis.first = null)');
      const before = await page.evaluate('openAndClose().then(() => [listeners, timers.size])');
      const weak = 'globalThis.panels';
      await page.evaluate(`(async () => {
        ${weak} = [];
        for (let count = 0; count < 50; count++) ${weak}.push(await openAndClose());
      })()`);
      expect(await page.evaluate('[listeners, timers.size]')).toEqual(before);
      expect(await page.evaluate('document.querySelectorAll("gegl-memory-panel").length')).toBe(0);
      // A stale word on the stack may hold the last ones.
      const alive = `${weak}.filter((panel) => panel.deref()).length`;
      const areGone = async () => {
        await page.collectGarbage();
        return (await page.evaluate<number>(alive)) <= 2;
      };
      expect(await becomesTrue(areGone, 10_000)).toBe(true);
    });

    it('does nothing that the policy of the page forbids, and throws nothing', async () => {
      expect(await page.evaluate('violations')).toEqual([]);
      expect(await page.pageErrors()).toEqual([]);
    });

    it('names the file when it is not there', async () => {
      const alone = await open(server.url('/alone.html'));
      expect(
        await alone.evaluate(
          'memoryProfiler.showPanel().catch(({ name, code, message }) => ({ name, code, message }))',
        ),
      ).toEqual({
        name: 'ProfilerError',
        code: 'PANEL_UNAVAILABLE',
        message: expect.stringContaining('memory-panel.js'),
      });
      await alone.close();
    });

    it('stands in the page before its module, which sets the profiler; one that nobody sets is missed', async () => {
      const early = await open(server.url('/element.html'));
      const BUTTON = `document.querySelector('gegl-memory-panel').shadowRoot?.querySelector('button')`;
      const missed = async () =>
        (await early.consoleMessages()).filter(({ text }) => text.includes('no profiler to show'));
      await early.waitFor(`${BUTTON} !== undefined`);
      expect(await missed()).toEqual([]);
      await early.evaluate(
        `void document.body.append(document.createElement('gegl-memory-panel'))`,
      );
      expect(await becomesTrue(async () => (await missed()).length === 1, 5_000)).toBe(true);
      await early.close();
    });

    it('is loaded by modules, too', async () => {
      const modules = await open(server.url('/panel/module.html'));
      await modules.waitFor('globalThis.memoryProfiler');
      expect(
        await modules.evaluate(
          'memoryProfiler.showPanel().then(({ shadowRoot }) => shadowRoot.querySelectorAll("button").length)',
        ),
      ).toBeGreaterThan(8);
      expect(await modules.pageErrors()).toEqual([]);
      await modules.close();
    });
  });
}

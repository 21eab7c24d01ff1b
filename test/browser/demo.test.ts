// The demo page in three browsers, under its strict CSP, by its own buttons.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDemoServer } from '../../examples/demo/server.mjs';
import type { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import type { SelfTestResult } from '../../src/profiler/self-test.ts';
import { type BrowserPage, ENGINE_NAMES } from './harness/engines.ts';
import { retryOf, useEngine } from './harness/use-engine.ts';

let server: Awaited<ReturnType<typeof startDemoServer>>;

beforeAll(async () => {
  server = await startDemoServer();
});
afterAll(() => server.close());

describe('the demo server', () => {
  it('forbids eval and inline scripts', async () => {
    const { headers } = await fetch(server.url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toMatch(/'unsafe-(eval|inline)'/);
  });

  it('loads the profiler, which tracks what loads after it, GEGL and the wrapper by three script tags', async () => {
    const html = await (await fetch(server.url)).text();
    expect(html.match(/<script src=[^>]+>/g)).toEqual([
      '<script src="js/memory-profiler.js" data-track="sampled">',
      '<script src="gegl.js">',
      '<script src="js/gegl-wrapper.js">',
    ]);
  });

  it.each(['/../package.json', '/%2e%2e/%2e%2e/package.json', '/js/..%2f..%2fpackage.json', '/%'])(
    'serves nothing from outside its folders (%s)',
    async (path) => {
      expect((await fetch(server.url + path.slice(1))).status).toBe(404);
    },
  );
});

// WebKit's process may die; then the test gets a new one, once.
describe.each(ENGINE_NAMES.map((name) => ({ name, ...retryOf(name) })))(
  'the demo page in $name',
  ({ name, retry }) => {
    const { open, prepare } = useEngine(name);
    let page: BrowserPage;
    let isOpen = false;

    beforeEach(async () => {
      if (isOpen) return;
      await prepare(async () => {
        page = await open(server.url);
        await page.waitFor(statusIs('Ready.'), 30_000);
      });
      isOpen = true;
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') isOpen = false;
    });

    async function startProfiling(): Promise<void> {
      if (!(await page.evaluate('memoryProfiler.isProfiling'))) await click('profile');
    }

    /** Clicks a button and waits until the page is done with it. */
    async function click(action: string): Promise<void> {
      const button = `document.querySelector('[data-action="${action}"]')`;
      await page.waitFor(`!${button}.matches(':disabled')`);
      await page.evaluate(`${button}.click()`);
      await page.waitFor(`!${button}.closest('fieldset').disabled`, 30_000);
    }
    const counts = () =>
      page.evaluate<MemoryProfiler['objectCounts']>('memoryProfiler.objectCounts');

    it('edits a picture by its buttons and leaks nothing', { retry }, async () => {
      await startProfiling();
      for (const action of ['colors', 'blur', 'sharpen', 'vignette', 'brush', 'sticker', 'crop']) {
        await click(action);
      }
      await click('undo');
      for (const action of ['export-png', 'export-jpeg']) await click(action);
      expect(await page.evaluate('document.querySelector("#exported a").download')).toBe(
        'picture.jpeg',
      );
      await click('close');
      expect(await counts()).toEqual({ buffers: 0, nodes: 0, processors: 0, colors: 0 });
      await page.waitFor(
        '/^[0-9.]+ MB$/.test(document.querySelector("[data-figure=heapUsed]").textContent)',
      );
    });

    it('leaks by its buttons, and reports where', { retry }, async () => {
      await startProfiling();
      await click('open');
      const kinds = ['buffers', 'nodes', 'processors', 'colors'];
      for (const kind of kinds) await click(`leak-${kind}`);
      await click('close');
      expect(await page.collectGarbage()).toBe(true);
      await page.waitFor(
        'Object.values(memoryProfiler.getReport().objects.totals).every(({ collected }) => collected > 0)',
        20_000,
      );
      await click('report');
      const text = await page.evaluate<string>('document.getElementById("output").textContent');
      for (const made of ['keepUndoStep', 'renderPreview', 'sharpenInSteps', 'paintBrushStroke']) {
        expect(text).toMatch(new RegExp(`at .*${made} \\(photo-editor/editor\\.mjs:\\d+:\\d+\\)`));
      }
      expect(text.match(/error collected_handle/g)).toHaveLength(4);
      await click('profile');
      expect(await page.evaluate('memoryProfiler.isProfiling')).toBe(false);
    });

    it('shows the panel, with the figures of the page', { retry }, async () => {
      await startProfiling();
      await click('panel');
      await page.waitFor('document.querySelector("gegl-memory-panel")');
      const panel = 'document.querySelector("gegl-memory-panel").shadowRoot';
      await page.waitFor(
        `/^live [0-9.]+ MB of [0-9.]+ MB \\| \\d+ leaks?$/.test(${panel}.querySelector('.summary').textContent)`,
      );
      await page.waitFor(`${panel}.querySelector('canvas')?.clientWidth > 300`);
      await page.evaluate('memoryProfiler.hidePanel()');
      await click('profile');
    });

    it('runs testMemoryProfiler(), which finds what it planted and cleans up', {
      retry,
    }, async () => {
      const before = await page.evaluate('liveObjects().size');
      const { result, account } = await page.evaluate<{ result: SelfTestResult; account: string }>(
        `(async () => {
        const { log } = console;
        const account = [];
        console.log = (...texts) => account.push(...texts);
        try {
          return { result: await testMemoryProfiler(), account: account.join(' ') };
        } finally {
          console.log = log;
        }
      })()`,
      );
      const { planted, found, missed, passed } = result;
      expect(found).toEqual(planted);
      expect(missed).toEqual({ buffers: 0, nodes: 0, processors: 0, colors: 0 });
      expect(passed).toBe(true);
      expect(await page.evaluate('liveObjects().size')).toBe(before);
      expect(account).toMatch(/passed: found is what was planted\.$/);
    });

    // WebKit's driver tells of errors only on pages of the harness's own server.
    if (name !== 'webkit') {
      it('has no error, and nothing that its CSP forbids', async () => {
        expect(await page.pageErrors()).toEqual([]);
      });
    }
  },
);

function statusIs(text: string): string {
  return `document.getElementById('status').textContent === ${JSON.stringify(text)}`;
}

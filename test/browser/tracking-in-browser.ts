// Modules that are tracked as they load, on real pages; the same for each engine.

import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrowserPage, EngineName } from './harness/engines.ts';
import {
  CROSS_ORIGIN_ISOLATED,
  STRICT_CSP,
  startServer,
  type TestServer,
} from './harness/server.ts';
import { retryOf, useEngine } from './harness/use-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** libvips makes functions of text, here and in its threads; all else is as strict as in `STRICT_CSP`. */
const EVAL_CSP = {
  'content-security-policy': STRICT_CSP['content-security-policy'].replace(
    "'wasm-unsafe-eval'",
    "'unsafe-eval'",
  ),
};

/** Folders with the same pages and scripts, each under headers of its own. */
const HEADERS = {
  '/tracking/': {},
  '/strict/': STRICT_CSP,
  '/isolated/': CROSS_ORIGIN_ISOLATED,
  '/both/': { ...CROSS_ORIGIN_ISOLATED, ...EVAL_CSP },
  // Our script comes without what an isolated page wants of its workers.
  '/partly/': {},
  '/partly/threads.html': CROSS_ORIGIN_ISOLATED,
  '/partly/vips/': CROSS_ORIGIN_ISOLATED,
};

function serve(): Promise<TestServer> {
  const pages = fileURLToPath(new URL('pages/tracking', import.meta.url));
  const mounts: Record<string, string> = {
    '/profiler': fileURLToPath(new URL('pages/profiler', import.meta.url)),
    '/native': `${repository}native/out`,
    '/dist': `${repository}dist`,
    // The worker of /profiler.
    '/js': `${repository}js`,
  };
  for (const folder of Object.keys(HEADERS).filter((path) => path.endsWith('/'))) {
    mounts[folder] ??= pages;
    mounts[`${folder}js`] = `${repository}js`;
    mounts[`${folder}dist`] = `${repository}dist`;
    mounts[`${folder}vips`] = `${repository}node_modules/wasm-vips/lib`;
  }
  return startServer({ mounts, headers: HEADERS });
}

/** As figures.js gives them. */
interface Figures {
  readonly liveBytes: number;
  readonly liveBlocks: number;
  readonly peakBytes: number;
  readonly allocatedBlocks: number;
  readonly unknownFrees: number;
  readonly duplicateAllocations: number;
  readonly mode: string;
  readonly source: string;
  readonly confidence: string;
  readonly url: string | null;
  readonly names: number;
  readonly heapSize: number;
  readonly isShared: boolean;
  readonly stacks: readonly string[];
}

const PICTURE = 300 * 200 * 16;

/** What the allocator says is in use is what is tracked, and a header of 4 to 16 bytes for each block. */
function checkAgainstAllocator(figures: Figures | undefined, used: number): void {
  expect(figures).toMatchObject({
    unknownFrees: 0,
    duplicateAllocations: 0,
    confidence: 'certain',
  });
  const { liveBytes, liveBlocks } = figures ?? { liveBytes: Number.NaN, liveBlocks: Number.NaN };
  expect(liveBytes).toBeGreaterThan(PICTURE);
  expect((used - liveBytes) / liveBlocks).toBeGreaterThan(4);
  expect((used - liveBytes) / liveBlocks).toBeLessThan(16);
}

export function describeTrackingInBrowser(name: EngineName): void {
  /** What is the same code in all engines runs in all its forms in one of them. */
  const inForms = <Form>(forms: readonly Form[], others: number): readonly Form[] =>
    name === 'chromium' ? forms : forms.slice(0, others);

  describe(`tracking in ${name}`, retryOf(name), () => {
    const { open: openPage } = useEngine(name);
    let server: TestServer;

    beforeAll(async () => {
      server = await serve();
    });
    afterAll(() => server?.close());

    /** Opens a page in which the module runs. */
    async function open(path: string): Promise<BrowserPage> {
      const page = await openPage(server.url(path));
      await page.waitFor('globalThis.ready && globalThis.heapFigures');
      await page.evaluate('ready');
      return page;
    }

    async function measure(page: BrowserPage): Promise<{ heaps: Figures[]; used: number }> {
      return page.evaluate('(openPicture(), { heaps: heapFigures(), used: bytesInUse() })');
    }

    it.each([
      ['in a page of classic scripts', '/tracking/classic.html'],
      ['under a CSP without eval and inline scripts', '/strict/classic.html'],
      ['in an isolated page', '/isolated/classic.html'],
      ['in a page of ES modules', '/tracking/module.html'],
    ])('counts what GEGL has allocated, %s', async (_, path) => {
      const page = await open(path);
      const { heaps, used } = await measure(page);
      expect(heaps).toHaveLength(1);
      const [heap] = heaps;
      checkAgainstAllocator(heap, used);
      expect(heap).toMatchObject({ mode: 'sampled', source: 'export', isShared: false });
      expect(heap?.names).toBeGreaterThan(10_000);
      // One of streaming, the other of bytes; either way the module has come from there.
      expect(heap?.url ?? server.url('/native/gegl.wasm')).toBe(server.url('/native/gegl.wasm'));
      expect(heap?.stacks.length).toBeGreaterThan(0);
      expect(await page.evaluate('loadWarnings()')).toEqual([]);
      expect(await page.pageErrors()).toEqual([]);
      await page.close();
    });

    const strippedPages = [
      ['in a page', '/tracking/stripped.html'],
      ['under a CSP', '/strict/stripped.html'],
    ] as const;
    it.each(inForms(strippedPages, 1))(
      'finds the allocator of a minified module by its glue script, %s',
      async (_, path) => {
        const page = await open(path);
        const { heaps, used } = await measure(page);
        checkAgainstAllocator(heaps[0], used);
        expect(heaps[0]).toMatchObject({ mode: 'counts', source: 'glue', names: 0 });
        expect(await page.pageErrors()).toEqual([]);
        await page.close();
      },
    );

    const queries = [
      ['?memprof=all', 'all'],
      ['', null],
      ['?memprof=counts', 'counts'],
      ['?memprof=off', null],
      ['?memprof=bad', null],
    ] as const;
    it.each(inForms(queries, 2))(
      'follows the address %s where the page allows it',
      async (query, mode) => {
        const page = await open(`/tracking/query.html${query}`);
        const { heaps, used } = await measure(page);
        expect(heaps.map((heap) => heap.mode)).toEqual(mode === null ? [] : [mode]);
        if (mode) checkAgainstAllocator(heaps[0], used);
        const stacks = heaps[0]?.stacks ?? [];
        expect(stacks.some((stack) => /openPicture/.test(stack))).toBe(mode === 'all');
        await page.close();
      },
    );

    it('replaces nothing and tracks nothing where nobody asks, whatever the address says', async () => {
      const page = await open('/tracking/plain.html?memprof=sampled');
      expect((await measure(page)).heaps).toEqual([]);
      expect(await page.evaluate('replaced()')).toEqual([]);
      await page.close();
    });

    it('works in a worker, beside the GEGL that runs there', async () => {
      const page = await openPage(server.url('/tracking/worker.html'));
      const { figures, used } = await page.evaluate<{ figures: Figures[]; used: number }>(
        'askWorker()',
      );
      checkAgainstAllocator(figures[0], used);
      await page.close();
    });

    describe('with threads', () => {
      /** By path: what two tests look at is done once. */
      const blurred = new Map<string, Awaited<ReturnType<typeof blurAnew>>>();
      async function blur(path: string) {
        const known = blurred.get(path) ?? (await blurAnew(path));
        blurred.set(path, known);
        return known;
      }
      async function blurAnew(path: string) {
        const page = await open(path);
        const sums = [await page.evaluate<number>('blur()'), await page.evaluate<number>('blur()')];
        const [heap] = await page.evaluate<Figures[]>('heapFigures()');
        const errors = await page.pageErrors();
        const warnings = await page.evaluate<object[]>('loadWarnings()');
        await page.close();
        return { sums, heap, errors, warnings };
      }

      const threadPages = [
        ['that are classic workers, under a CSP', '/both/threads.html'],
        ['that are module workers', '/isolated/threads-module.html'],
        ['that are classic workers', '/isolated/threads.html'],
        ['of an imported profiler', '/isolated/threads-imported.html'],
        ['of an imported profiler, as classic workers', '/isolated/threads-imported.html?classic'],
      ] as const;
      it.each(inForms(threadPages, 2))(
        'counts what all of them allocate and release, %s',
        async (_, path) => {
          const { sums, heap, errors, warnings } = await blur(path);
          expect(sums[0]).toBe(sums[1]);
          expect(heap).toMatchObject({
            isShared: true,
            confidence: 'certain',
            unknownFrees: 0,
            duplicateAllocations: 0,
            mode: 'sampled',
          });
          expect(heap?.allocatedBlocks).toBeGreaterThan(1000);
          expect(heap?.stacks.length).toBeGreaterThan(0);
          expect([errors, warnings]).toEqual([[], []]);
        },
      );

      it('leaves them alone, with one warning, where they could not start by our script', async () => {
        const { sums, warnings } = await blur('/partly/threads.html');
        expect(sums[0]).toBe(sums[1]);
        expect(warnings).toMatchObject([{ code: 'thread-untracked' }]);
      });

      it.runIf(name === 'chromium')(
        'would not count what threads do that have not joined',
        async () => {
          const all = await blur('/isolated/threads.html');
          const { sums, heap } = await blur('/isolated/threads-alone.html');
          expect(sums).toEqual(all.sums);
          expect(heap?.allocatedBlocks).toBeLessThan(all.heap?.allocatedBlocks ?? 0);
        },
      );
    });

    describe('a worker that starts by our script', () => {
      let page: BrowserPage;

      beforeEach(async () => {
        page = await openPage(server.url('/tracking/workers.html'));
      });
      afterEach(() => page.close());

      it('sees what it would see: a classic worker', async () => {
        const {
          told,
          isWorker,
          name: kind,
        } = await page.evaluate<{
          told: object[];
          isWorker: boolean;
          name: string;
        }>("ask('deep/classic.js', { name: 'my worker' })");
        expect(told).toEqual([
          {
            last: true,
            heard: ['first', 'last'],
            isTrusted: true,
            part: 'part',
            href: server.url('/tracking/deep/classic.js'),
            name: 'my worker',
            text: 'a note',
            request: server.url('/tracking/deep/note.txt'),
            asked: 'a note',
            nested: 'nested',
          },
        ]);
        expect([isWorker, kind]).toEqual([true, 'Worker']);
      });

      it('sees what it would see: a module worker that takes its time to start', async () => {
        const { told } = await page.evaluate<{ told: object[] }>(
          "ask('deep/module.mjs', { type: 'module', name: 'my module' })",
        );
        expect(told).toEqual([
          {
            last: true,
            heard: ['first', 'last'],
            part: 'part',
            href: server.url('/tracking/deep/module.mjs'),
            name: 'my module',
            text: 'a note',
          },
        ]);
      });

      it('may be of a subclass, and given a URL', async () => {
        const { isWorker, name: kind } = await page.evaluate<{ isWorker: boolean; name: string }>(
          "ask(new URL('deep/classic.js', location.href), undefined, MyWorker)",
        );
        expect([isWorker, kind]).toEqual([true, 'MyWorker']);
      });

      it.each([
        ["'deep/throws.js'", /onerror: .*from the worker/],
        ["'deep/absent.js'", /onerror/],
        ["'deep/absent.mjs', { type: 'module' }", /onerror/],
      ])('tells of its failure to start: %s', async (call, message) => {
        const answer = page.evaluate(`ask(${call}).catch(({ message }) => message)`);
        await expect(answer).resolves.toMatch(message);
      });

      it('is left alone where it is a blob, with one warning', async () => {
        const answer = await page.evaluate(`(async () => {
          const script = "onmessage = ({ data }) => data === 'last' && postMessage({ last: true, href: location.protocol })";
          const { told } = await ask(URL.createObjectURL(new Blob([script])));
          return [told, loadWarnings().map(({ code }) => code)];
        })()`);
        expect(answer).toEqual([[{ last: true, href: 'blob:' }], ['thread-untracked']]);
      });

      it('is refused as before where it is of another origin, or no address', async () => {
        const errors = await page.evaluate<
          string[]
        >(`['https://example.org/worker.js', 'http://['].map((url) => {
          try { new Worker(url); } catch (error) { return error.name; }
        })`);
        const before = await page.evaluate<
          string[]
        >(`['https://example.org/worker.js', 'http://['].map((url) => {
          try { new before.Worker(url); } catch (error) { return error.name; }
        })`);
        expect(errors).toEqual(before);
      });
    });
  });
}

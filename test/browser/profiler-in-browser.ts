// The profiler's tests on real pages, the same for each engine.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/profiler/index.ts';
import { parseRecording } from '../../src/recording/parse.ts';
import type { BrowserPage, EngineName } from './harness/engines.ts';
import {
  CROSS_ORIGIN_ISOLATED,
  STRICT_CSP,
  startServer,
  type TestServer,
} from './harness/server.ts';
import { retryOf, useEngine } from './harness/use-engine.ts';
import { becomesTrue } from './harness/waiting.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

function serve(): Promise<TestServer> {
  const pages = fileURLToPath(new URL('pages/profiler', import.meta.url));
  return startServer({
    mounts: {
      '/profiler': pages,
      // The same pages under other headers.
      '/strict': pages,
      '/isolated': pages,
      '/native': `${repository}native/out`,
      '/js': `${repository}js`,
      '/dist': `${repository}dist`,
    },
    headers: { '/strict/': STRICT_CSP, '/isolated/': CROSS_ORIGIN_ISOLATED },
  });
}

const NO_SOURCE = {
  usedJSHeapSize: null,
  totalJSHeapSize: null,
  jsHeapSizeLimit: null,
  jsMemorySource: 'none',
};

/** What an engine tells of JavaScript's memory in a page. */
const JS_MEMORY = {
  chromium: {
    usedJSHeapSize: expect.any(Number),
    totalJSHeapSize: expect.any(Number),
    jsHeapSizeLimit: expect.any(Number),
    jsMemorySource: 'performance.memory',
  },
  firefox: NO_SOURCE,
  webkit: NO_SOURCE,
};

export function describeProfilerInBrowser(name: EngineName): void {
  describe(`the profiler in ${name}`, retryOf(name), () => {
    const { open: openPage } = useEngine(name);
    let server: TestServer;

    beforeAll(async () => {
      server = await serve();
    });
    afterAll(() => server?.close());

    /** Opens a page in which GEGL runs. */
    async function open(path: string): Promise<BrowserPage> {
      const page = await openPage(server.url(path));
      await page.waitFor('globalThis.ready');
      await page.evaluate('ready');
      return page;
    }

    /** A session in a page: something lost, something kept, sampled by the timer. */
    async function session(page: BrowserPage): Promise<{ report: Report; text: string }> {
      await page.evaluate('void memoryProfiler.start({ sampleInterval: 20 })');
      await page.evaluate('void (openPicture(), loseColor())');
      const isLost = async () => {
        await page.collectGarbage();
        return page.evaluate<boolean>(
          'memoryProfiler.snapshots.length > 1 && memoryProfiler.getReport().objects.totals.colors.collected === 1',
        );
      };
      expect(await becomesTrue(isLost, 10_000)).toBe(true);
      return page.evaluate(`(() => {
        memoryProfiler.stop();
        return { report: memoryProfiler.getReport(), text: memoryProfiler.exportData() };
      })()`);
    }

    function checkSession({ report, text }: { report: Report; text: string }): void {
      const { current, history, objects, leaks, recording } = report;
      expect(current?.jsMemory).toEqual(JS_MEMORY[name]);
      expect(current?.objectCounts).toEqual({ buffers: 1, nodes: 2, processors: 0, colors: 0 });
      expect(current?.wasmMemory).toMatchObject({ heapUsedSource: 'mallinfo' });
      expect(current?.wasmMemory.heapUsed).toBeGreaterThan(300 * 200 * 16);
      expect(current?.gegl?.tileCacheLimit).toBeGreaterThan(0);
      expect(history.length).toBeGreaterThan(2);
      expect(objects.totals.colors).toEqual({ created: 1, destroyed: 0, live: 0, collected: 1 });
      expect(objects.biggest[0]).toMatchObject({ kind: 'buffers', bytes: 300 * 200 * 16 });
      expect(leaks[0]).toMatchObject({ type: 'collected_handle', severity: 'error' });
      expect(recording.environment.gegl?.gegl).toMatch(/^0\.4\./);
      const parsed = parseRecording(text);
      expect(parsed.snapshots.elapsed).toHaveLength(history.length);
      expect(parsed.sources).toEqual(recording.sources);
    }

    describe('in a page of classic scripts', () => {
      let page: BrowserPage;
      let result: { report: Report; text: string };

      beforeAll(async () => {
        page = await open('/profiler/classic.html?secret=1#part');
        result = await session(page);
      });

      it('counts, measures, and finds what was lost', async () => {
        checkSession(result);
        expect(await page.pageErrors()).toEqual([]);
      });

      it("takes heapUsed from the allocator, as the page's own question shows", async () => {
        const [used, wanted] = await page.evaluate<[number, number]>(`(() => {
          memoryProfiler.start({ sampleInterval: 1e6 });
          const used = memoryProfiler.takeSnapshot().wasmMemory.heapUsed;
          memoryProfiler.stop();
          return [used, bytesInUse()];
        })()`);
        expect(used).toBe(wanted);
      });

      it("names the line of the page's script that created an object, above all own frames", () => {
        const { collected, biggest } = result.report.objects;
        const top = (stack: string | null | undefined) => stack?.split('\n')[0];
        expect(top(collected[0]?.stack)).toMatch(/loseColor.*\/profiler\/application\.js:\d+:\d+/);
        expect(top(biggest[0]?.stack)).toMatch(/openPicture.*\/profiler\/application\.js:\d+:\d+/);
        for (const { stack } of [...collected, ...biggest]) {
          expect(stack).not.toMatch(/memory-profiler\.js|gegl-wrapper\.js/);
        }
      });

      it('says where it was made, without query and fragment', () => {
        const { environment } = result.report.recording;
        expect(environment).toMatchObject({
          runtime: 'page',
          page: server.url('/profiler/classic.html'),
          crossOriginIsolated: false,
          userAgent: expect.stringContaining('Mozilla/5.0'),
        });
      });

      it('reads its own export back, and refuses another', async () => {
        const [same, code] = await page.evaluate<[boolean, string]>(`(() => {
          const text = memoryProfiler.exportData();
          const same = MemoryProfiler.fromExport(text).exportData() === text;
          try { MemoryProfiler.fromExport('{}'); } catch (error) { return [same, error.code]; }
        })()`);
        expect([same, code]).toEqual([true, 'FOREIGN']);
      });

      it('shows samples, marks and leaks as measures where it is asked to, and keeps none', async () => {
        const { seen, kept, warnings } = await page.evaluate<{
          seen: string[];
          kept: number;
          warnings: object[];
        }>(`(async () => {
          const seen = [];
          const observer = new PerformanceObserver((list) => {
            for (const { name } of list.getEntries()) seen.push(name);
          });
          observer.observe({ entryTypes: ['measure'] });
          const profiler = new MemoryProfiler();
          profiler.start({ sampleInterval: 1e6 });
          profiler.stop();
          profiler.start({ sampleInterval: 1e6, performanceMarkers: true });
          profiler.mark('picture opened');
          profiler.stop();
          // What it would be told of in a task of its own, which a busy browser puts off.
          for (const { name } of observer.takeRecords()) seen.push(name);
          observer.disconnect();
          const kept = performance.getEntriesByType('measure').length;
          return { seen, kept, warnings: profiler.getReport().warnings };
        })()`);
        const sample = expect.stringMatching(/^[\d.]+ [KM]B in use$/);
        // The color that the session above has lost: checks take tasks of their own, and stop() leaves none behind.
        const leak = 'error: collected_handle';
        expect(seen).toEqual([sample, sample, 'picture opened', sample, leak]);
        expect([kept, warnings]).toEqual([0, []]);
      });

      it('leaves no listener and no timer behind after stop(), and adds none before start()', async () => {
        const counts = await page.evaluate<number[]>(`(() => {
          let open = 0;
          const patched = [[globalThis, 'addEventListener', 1], [globalThis, 'removeEventListener', -1],
            [document, 'addEventListener', 1], [document, 'removeEventListener', -1],
            [globalThis, 'setInterval', 1], [globalThis, 'clearInterval', -1]];
          const undo = patched.map(([holder, name, change]) => {
            const original = holder[name];
            holder[name] = function (...parameters) { open += change; return original.apply(this ?? holder, parameters); };
            return () => { holder[name] = original; };
          });
          const profiler = new MemoryProfiler();
          const counts = [open];
          profiler.start({ sampleInterval: 1000 });
          counts.push(open);
          profiler.stop();
          counts.push(open);
          for (const step of undo) step();
          return counts;
        })()`);
        expect(counts).toEqual([0, 3, 0]);
      });
    });

    it('works in a page of ES modules', async () => {
      const page = await open('/profiler/module.html');
      const result = await session(page);
      checkSession(result);
      const [lost] = result.report.objects.collected;
      expect(lost?.stack?.split('\n')[0]).toMatch(/loseColor.*application\.js/);
      await page.close();
    });

    it('works under a CSP without eval and inline scripts', async () => {
      const page = await open('/strict/classic.html');
      checkSession(await session(page));
      // Firefox counts violations among the errors.
      expect(await page.pageErrors()).toEqual([]);
      await page.close();
    });

    it('works in a worker, beside the GEGL that runs there', async () => {
      const page = await openPage(server.url('/profiler/worker.html'));
      const { report, text, used } = await page.evaluate<{
        report: Report;
        text: string;
        used: number;
      }>('askWorker()');
      expect(report.recording.environment).toMatchObject({ runtime: 'worker', page: null });
      expect(report.current?.wasmMemory.heapUsed).toBe(used);
      expect(report.current?.objectCounts).toEqual({
        buffers: 1,
        nodes: 2,
        processors: 0,
        colors: 0,
      });
      expect(report.history.length).toBeGreaterThan(2);
      expect(report.objects.biggest[0]?.stack?.split('\n')[0]).toMatch(
        /openPicture.*application\.js/,
      );
      const { jsMemorySource, usedJSHeapSize } = report.current?.jsMemory ?? {};
      expect(usedJSHeapSize === null).toBe(jsMemorySource === 'none');
      parseRecording(text);
      await page.close();
    });

    it(
      name === 'chromium'
        ? 'has the breakdown of measureUserAgentSpecificMemory() in an isolated page'
        : 'has no source of JavaScript memory in an isolated page either, and says so',
      async () => {
        const page = await open('/isolated/classic.html');
        await page.evaluate('void memoryProfiler.start({ sampleInterval: 50 })');
        const hasBreakdown = async () => {
          await page.collectGarbage();
          return page.evaluate<boolean>('memoryProfiler.getReport().jsMemoryBreakdown !== null');
        };
        const found = name === 'chromium' ? await becomesTrue(hasBreakdown, 20_000) : false;
        const report = await page.evaluate<Report>('memoryProfiler.getReport()');
        expect(report.recording.environment.crossOriginIsolated).toBe(true);
        expect(report.current?.jsMemory).toEqual(JS_MEMORY[name]);
        expect(found).toBe(name === 'chromium');
        if (name === 'chromium') {
          const bytes = report.jsMemoryBreakdown?.reduce((sum, entry) => sum + entry.bytes, 0);
          expect(bytes).toBeGreaterThan(100_000);
        } else {
          expect(report.jsMemoryBreakdown).toBeNull();
        }
        expect(report.warnings).toEqual([]);
        await page.close();
      },
    );

    describe('when the page is left', () => {
      /** Leaves for the next page, and waits until it is there. */
      async function leave(page: BrowserPage): Promise<void> {
        await page.evaluate("void setTimeout(() => { location.href = '/profiler/next.html'; }, 0)");
        const hasArrived = async () => {
          try {
            return await page.evaluate<boolean>(
              "location.pathname === '/profiler/next.html' && document.readyState === 'complete'",
            );
          } catch {
            // Asked while one page went and the other came.
            return false;
          }
        };
        expect(await becomesTrue(hasArrived, 10_000)).toBe(true);
      }

      it('the recording is in sessionStorage, where the next page can read it', async () => {
        const page = await open('/profiler/classic.html');
        await page.evaluate('void (memoryProfiler.start({ sampleInterval: 1e6 }), openPicture())');
        await leave(page);
        const { history, counts } = await page.evaluate<{
          history: number;
          counts: object;
        }>(`(() => {
          const text = sessionStorage.getItem(MemoryProfiler.storageKey);
          const { history, current } = MemoryProfiler.fromExport(text).getReport();
          return { history: history.length, counts: current.objectCounts };
        })()`);
        // One sample at the start, and a last one.
        expect(history).toBe(2);
        expect(counts).toEqual({ buffers: 1, nodes: 2, processors: 0, colors: 0 });
        await page.close();
      });

      it('the recording goes to onUnload where there is one, and not to sessionStorage', async () => {
        const page = await open('/profiler/classic.html');
        await page.evaluate(`void (sessionStorage.clear(), memoryProfiler.start({
          onUnload: (text) => localStorage.setItem('kept', text),
        }))`);
        await leave(page);
        const [kept, stored] = await page.evaluate<[string, string | null]>(
          "[localStorage.getItem('kept'), sessionStorage.getItem(MemoryProfiler.storageKey)]",
        );
        expect(parseRecording(kept).snapshots.elapsed).toHaveLength(2);
        expect(stored).toBeNull();
        await page.close();
      });

      it('nothing is kept by a profiler that was stopped', async () => {
        const page = await open('/profiler/classic.html');
        await page.evaluate(
          'void (sessionStorage.clear(), memoryProfiler.start(), memoryProfiler.stop())',
        );
        await leave(page);
        expect(await page.evaluate('sessionStorage.length')).toBe(0);
        await page.close();
      });
    });
  });
}

// Heap snapshots on a page with a strict policy: they find what was dropped, and do not hold the page up. The same, and
// findLeaks(), from ES modules; and where the file that does it is missing.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineName } from './harness/engines.ts';
import { STRICT_CSP, startServer, type TestServer } from './harness/server.ts';
import { useEngine } from './harness/use-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

interface Taken {
  readonly longest: number;
  readonly time: number;
  readonly pauseMs: number;
  readonly blocks: number;
  readonly groups: number;
  readonly found: number;
  readonly stack: string;
  readonly path: readonly string[];
  readonly explained: number;
  readonly file: number;
  readonly workers: readonly string[];
}

interface Hunted {
  readonly groups: readonly boolean[];
  readonly clean: readonly string[];
  readonly keptByClean: number;
  readonly leaking: readonly string[];
}

interface Held {
  readonly unreachable: readonly unknown[];
  readonly path: readonly string[];
  readonly held: number;
}

/** @param blocks that the page allocates. */
export function describeHeapSnapshotIn(name: EngineName, blocks: number): void {
  describe(`a heap snapshot in ${name}`, () => {
    const { open, prepare } = useEngine(name);
    let server: TestServer;
    let taken: Taken;
    let errors: readonly string[];
    let found: Hunted;
    let failure: { readonly code: string; readonly message: string };
    let goesOn: boolean;
    let held: readonly Held[];

    beforeAll(async () => {
      const mounts = {
        '/heap-snapshot': fileURLToPath(new URL('pages/heap-snapshot', import.meta.url)),
        '/embind': fileURLToPath(new URL('pages/embind', import.meta.url)),
        '/libheif': `${repository}node_modules/libheif-js/libheif-wasm`,
        '/native': `${repository}native/out`,
        '/js': `${repository}js`,
        '/dist': `${repository}dist`,
      };
      const files = {
        '/alone/index.html': '<!doctype html><script src="memory-profiler.js"></script>',
        '/alone/memory-profiler.js': readFileSync(`${repository}js/memory-profiler.js`),
      };
      server = await startServer({ mounts, files, headers: { '/heap-snapshot/': STRICT_CSP } });
      await prepare(async () => {
        const page = await open(server.url('/heap-snapshot/strict-csp.html'));
        await page.waitFor('globalThis.ready');
        await page.evaluate('ready');
        taken = await page.evaluate(`snapshotWith(${blocks})`);
        errors = await page.pageErrors();
        const modules = await open(server.url('/heap-snapshot/module.html'));
        await modules.waitFor('globalThis.ready');
        await modules.evaluate('ready');
        found = await modules.evaluate('snapshotAndHunt()');
        const embind = await open(server.url('/embind/index.html'));
        await embind.waitFor('globalThis.holdInWorker');
        held = [await embind.evaluate('holdObjects()'), await embind.evaluate('holdInWorker()')];
        const alone = await open(server.url('/alone/index.html'));
        await alone.waitFor('globalThis.memoryProfiler');
        failure = await alone.evaluate(
          'memoryProfiler.findLeaks(() => {}).catch(({ code, message }) => ({ code, message }))',
        );
        goesOn = await alone.evaluate(
          'memoryProfiler.start() && memoryProfiler.takeSnapshot() !== null && (memoryProfiler.stop(), true)',
        );
      });
    });
    afterAll(() => server?.close());

    it('finds the block that was dropped, with the line that dropped it', () => {
      expect(taken).toMatchObject({ groups: 1, found: 7000 });
      expect(taken.stack).toContain('snapshotWith');
      expect(taken.blocks).toBeGreaterThan(blocks);
      expect(taken.path).toEqual(['handle buffer 64 x 64 RGBA float', 'block GeglBuffer']);
      expect(taken.explained).toBeGreaterThan(0.9);
      expect(taken.file).toBeGreaterThan(taken.blocks * 10);
      expect(errors).toEqual([]);
    });

    it('makes its graph in a worker of our own script, and holds the page up but for a moment', () => {
      expect(taken.workers).toEqual(
        Array(2).fill(`${server.origin}/js/memory-profiler-analysis.js#memprof-heap-graph`),
      );
      expect(taken.pauseMs).toBe(0);
      console.log(`${name}: ${taken.blocks} blocks, ${taken.time} ms, held up ${taken.longest} ms`);
      // By far not for the whole time; how long in milliseconds is up to what else the machine does.
      expect(taken.longest).toBeLessThan(Math.max(200, taken.time / 3));
    });

    it('does the same from ES modules, and hunts leaks of an action', () => {
      expect(found).toMatchObject({ groups: [true], clean: [], keptByClean: 0 });
      expect(found.leaking).toHaveLength(1);
      expect(found.leaking[0]).toMatch(/1 more buffers[\s\S]*keepBuffer/);
    });

    it('knows what handles of embind hold, in a page and in a worker', () => {
      for (const { unreachable, path, held: count } of held) {
        expect(path[0]).toBe('handle heif_context (JavaScript handle)');
        expect({ unreachable, count }).toEqual({ unreachable: [], count: 4 });
      }
      expect(held).toHaveLength(2);
    });

    it('says which file is missing where the analysis can not be loaded, and goes on', () => {
      expect(failure.code).toBe('ANALYSIS_UNAVAILABLE');
      expect(failure.message).toContain('serve memory-profiler-analysis.js');
      expect(goesOn).toBe(true);
    });
  });
}

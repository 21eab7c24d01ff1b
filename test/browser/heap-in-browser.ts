// Allocation sites on real pages: each engine writes stacks of its own form, with wasm in the middle.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/profiler/index.ts';
import type { EngineName } from './harness/engines.ts';
import { startServer, type TestServer } from './harness/server.ts';
import { useEngine } from './harness/use-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Where an engine shows the byte offset of a wasm frame. */
const HAS_OFFSETS = { chromium: true, firefox: true, webkit: false };

export function describeHeapInBrowser(name: EngineName): void {
  describe(`a tracked heap in ${name}`, () => {
    const { open, prepare } = useEngine(name);
    let server: TestServer;
    let report: Report;

    beforeAll(async () => {
      const mounts = {
        '/heap': fileURLToPath(new URL('pages/heap', import.meta.url)),
        '/native': `${repository}native/out`,
        '/js': `${repository}js`,
      };
      server = await startServer({ mounts });
      report = await prepare(async () => {
        const page = await open(server.url('/heap/classic.html'));
        await page.waitFor('globalThis.ready');
        await page.evaluate('ready');
        return page.evaluate('reportPicture()');
      });
    });
    afterAll(() => server?.close());

    it('is exact, and the allocator agrees', () => {
      expect(report.heap).toMatchObject({
        module: { allocator: 'dlmalloc', hasNames: true, confidence: 'certain' },
        accounting: {
          unknownFrees: 0,
          duplicateAllocations: 0,
          verified: true,
          verifiedBy: 'mallinfo',
        },
      });
      expect(report.current?.wasmMemory).toMatchObject({
        heapUsed: report.heap?.totals.live.bytes,
        heapUsedSource: 'tracker',
      });
      expect(report.warnings).toEqual([]);
    });

    it('has sites that lead from the allocation to the line of the application', () => {
      const site = report.sites?.find(({ frames }) =>
        frames.some((frame) => frame.name === 'paintPicture'),
      );
      const names = site?.frames.map((frame) => frame.name) ?? [];
      expect(site?.title).toMatch(/^paintPicture \(.*\/heap\/application\.js:\d+:\d+\)$/);
      expect(names[0]).toMatch(/^g/);
      const order = ['gegl_operation_process', 'gegl_wasm_node_blit_buffer', 'paintPicture'].map(
        (function_) => names.indexOf(function_),
      );
      expect(order[0]).toBeGreaterThan(0);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(names.join(' ')).not.toMatch(/fpcast|memprof|\bg?_?malloc\b/);
      const kinds = new Set(site?.frames.map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual(
        expect.arrayContaining(['application', 'profiler', 'wasm']),
      );
      const wasm = site?.frames.filter(({ kind }) => kind === 'wasm') ?? [];
      expect(wasm.every(({ index }) => index !== null)).toBe(true);
      expect(wasm.slice(1).every(({ offset }) => (offset !== null) === HAS_OFFSETS[name])).toBe(
        true,
      );
    });

    it('knows objects and operations by name', () => {
      expect(report.instances?.find(({ type }) => type === 'GeglBuffer')).toMatchObject({
        live: expect.any(Number),
        chargedBytes: expect.any(Number),
      });
      const color = report.operations?.find((operation) => operation.name === 'gegl:color');
      expect(color?.runs).toBe(1);
      expect(color?.totalBytes).toBeGreaterThan(0);
    });
  });
}

// What becomes of cases that pass, fail and hang, and of pages that do not load: shown with stand-ins for GEGL and its wrapper.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserEngine } from './engines.ts';
import { CONFORMANCE_PAGES, followRun, serveCases } from './run-cases.ts';
import type { TestServer } from './server.ts';
import { takeEngine } from './use-engine.ts';

const module = new URL('fixtures/cases.ts', import.meta.url);

const WRAPPER = `
  class GeglEngine { async init(options) { return this; } exit() {} }
  class GeglError extends Error {}
  const Gegl = new GeglEngine();`;

const STAND_INS = {
  '/native/gegl.js': 'var createGegl = async () => ({});',
  '/native/gegl.mjs': 'export default async () => ({});',
  '/js/gegl-wrapper.js': `${WRAPPER} Object.assign(globalThis, { Gegl, GeglEngine, GeglError });`,
  '/dist/esm/gegl.js': `${WRAPPER} export { Gegl, GeglEngine, GeglError };`,
};

describe('a run of cases', () => {
  let engine: BrowserEngine;
  let server: TestServer | undefined;

  beforeAll(async () => {
    engine = await takeEngine('chromium');
  });
  afterAll(() => engine?.close());
  afterEach(() => server?.close());

  async function run(path: string, { files = {}, exportName = 'cases', timeoutMs = 10_000 } = {}) {
    server = await serveCases({ module, exportName }, { ...STAND_INS, ...files });
    return followRun(await engine.open(server.url(path)), timeoutMs);
  }

  it('goes on after a failure, and tells what the page threw', async () => {
    expect(await run('/conformance/classic.html')).toMatchObject({
      state: 'finished',
      results: [
        { index: 0, name: 'passes', ok: true },
        {
          index: 1,
          ok: false,
          error: { name: 'RangeError', message: 'as it should', stack: expect.any(String) },
        },
        { index: 2, ok: true },
      ],
    });
  });

  it.each(CONFORMANCE_PAGES)('ends in $name', async ({ path }) => {
    const { state, results, failure } = await run(path);
    expect({ state, failure }).toEqual({ state: 'finished', failure: undefined });
    expect(results.map(({ name }) => name)).toHaveLength(path.endsWith('?smoke') ? 1 : 3);
  });

  it('is given up when a case occupies the page', async () => {
    expect(
      await run('/conformance/classic.html', { exportName: 'hangingCases', timeoutMs: 3_000 }),
    ).toMatchObject({ state: 'failed', failure: expect.stringContaining('did not end') });
  });

  it('is given up, with its case named, when a worker hangs', async () => {
    expect(
      await run('/conformance/classic-worker.html', {
        exportName: 'hangingCases',
        timeoutMs: 3_000,
      }),
    ).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('never ends'),
      results: [{ name: 'passes', ok: true }],
    });
  });

  it.each([
    {
      path: '/conformance/classic.html',
      broken: '/js/gegl-wrapper.js',
      failure: 'gegl-wrapper.js made no global Gegl',
    },
    {
      path: '/conformance/module.html',
      broken: '/dist/esm/gegl.js',
      failure: "does not provide an export named 'Gegl'",
    },
    { path: '/conformance/module-worker.html', broken: '/dist/esm/gegl.js', failure: 'worker' },
  ])('says at once what is wrong when $broken is, in $path', async ({ path, broken, failure }) => {
    const outcome = await run(path, { files: { [broken]: '' } });
    expect(outcome).toMatchObject({ state: 'failed', failure: expect.stringContaining(failure) });
    expect(outcome.failure).not.toContain('did not end');
  });
});

// Runs the conformance cases in the pages and workers of a browser, and reports one vitest test a case.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ConformanceCase } from '../../gegl/conformance/case.ts';
import type { BrowserEngine, BrowserPage, EngineName } from './engines.ts';
import { PageError } from './errors.ts';
import { type CaseRun, newRun, RUN_GLOBAL } from './in-page/case-run.ts';
import { STRICT_CSP, startServer, type TestServer } from './server.ts';
import { giveBack, takeEngine } from './use-engine.ts';
import { becomesTrue } from './waiting.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const inPage = fileURLToPath(new URL('in-page', import.meta.url));

/** The ways to load the wrapper, a page each. One runs all cases, the others the smoke set. */
export const CONFORMANCE_PAGES = [
  { name: 'a page of classic scripts', path: '/conformance/classic.html' },
  { name: 'a page of ES modules', path: '/conformance/module.html?smoke' },
  { name: 'a classic worker', path: '/conformance/classic-worker.html?smoke' },
  { name: 'a module worker', path: '/conformance/module-worker.html?smoke' },
  { name: 'a page with a strict CSP', path: '/conformance/strict-csp.html?smoke' },
] as const;

export interface CaseSource {
  /** The module, a path or file URL, that exports the cases. It is bundled for the browser. */
  readonly module: string | URL;
  /** The name under which it exports them. */
  readonly exportName: string;
}

/** Starts the server of the conformance pages. `files` replace what is served at their paths. */
export async function serveCases(
  { module, exportName }: CaseSource,
  files: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const casesPath = module instanceof URL ? fileURLToPath(module) : module;
  const cases = `import { ${exportName} as cases } from ${JSON.stringify(casesPath)};`;
  const [host, classic, esModule] = await Promise.all([
    bundle("import './host.ts';", 'iife'),
    bundle(
      `${cases} import { runInPage, wrapperFromGlobals } from './run.ts';
      runInPage(cases, wrapperFromGlobals);`,
      'iife',
    ),
    bundle(
      `${cases} import { runInPage } from './run.ts';
      import { Gegl, GeglEngine, GeglError } from '/dist/esm/gegl.js';
      import createGegl from '/native/gegl.mjs';
      runInPage(cases, () => ({
        Gegl, GeglEngine, GeglError, createModule: createGegl, initOptions: { module: createGegl },
      }));`,
      'esm',
    ),
  ]);
  return startServer({
    mounts: {
      '/': fileURLToPath(new URL('../pages', import.meta.url)),
      '/native': `${repository}native/out`,
      '/js': `${repository}js`,
      '/dist': `${repository}dist`,
    },
    files: {
      '/bundles/host.js': host,
      '/bundles/cases.js': classic,
      '/bundles/cases.mjs': esModule,
      ...files,
    },
    headers: { '/conformance/strict-csp.html': STRICT_CSP },
  });
}

async function bundle(contents: string, format: 'iife' | 'esm'): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: inPage, loader: 'ts' },
    bundle: true,
    write: false,
    format,
    platform: 'browser',
    target: 'es2022',
    // Served as they are: they are what is tested.
    external: ['/dist/*', '/native/*'],
    logLevel: 'warning',
  });
  const [output] = result.outputFiles;
  if (!output) throw new Error('esbuild wrote no bundle');
  return output.text;
}

/** Follows the run in a page to its end. Never throws: what goes wrong is the run's `failure`. */
export async function followRun(page: BrowserPage, timeoutMs: number): Promise<CaseRun> {
  let run = newRun();
  try {
    const hasEnded = async () => {
      run = await page.evaluate<CaseRun>(RUN_GLOBAL);
      return run.state === 'finished' || run.state === 'failed';
    };
    if (!(await becomesTrue(hasEnded, timeoutMs, 100))) {
      run.state = 'failed';
      run.failure = `the run did not end within ${timeoutMs} ms; the last case known to have started: ${run.current ?? 'none'}`;
    }
  } catch (error) {
    run.state = 'failed';
    run.failure = `the page could not be asked: ${error}`;
  }
  return run;
}

/** What the drivers say when the process that shows a page is gone. */
const BROWSER_CRASHED =
  /page crash|NoSuchSession|Could not parse script result|Target closed|Session closed/;
const ATTEMPTS = 6;

/**
 * Runs pages one after the other. WebKit's have a browser of their own each, which may die; Chromium and Firefox show all
 * pages in one.
 */
class PageRuns {
  readonly #engineName: EngineName;
  #engine: BrowserEngine | undefined;

  constructor(engineName: EngineName) {
    this.#engineName = engineName;
  }

  /** Never throws: what goes wrong is the run's `failure`. */
  async run(url: string): Promise<CaseRun> {
    let run = newRun();
    try {
      this.#engine ??= await takeEngine(this.#engineName);
      const page = await this.#engine.open(url);
      run = await followRun(page, 180_000);
      if (run.state === 'finished') await page.close().catch(() => this.close());
    } catch (error) {
      run.state = 'failed';
      run.failure = String(error);
    }
    // After a failure the next begins anew.
    if (run.state === 'failed' || this.#engineName === 'webkit') await this.close();
    return run;
  }

  /** When all pages are closed. */
  async end(): Promise<void> {
    if (this.#engine) await giveBack(this.#engine);
    this.#engine = undefined;
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close();
  }
}

/**
 * Declares the tests of one engine: a group for each of `CONFORMANCE_PAGES`, a test for each case that runs there.
 * Cases run once, before the tests, which only report. Whatever fails, fails in a test of its own.
 */
export function describeCasesInBrowser(
  engineName: EngineName,
  cases: readonly ConformanceCase[],
  source: CaseSource,
): void {
  describe(`in ${engineName}`, () => {
    let server: TestServer | undefined;
    let launchFailure: unknown;
    const runs = new PageRuns(engineName);

    beforeAll(async () => {
      // A hook that throws would leave the tests unrun, and so uncounted.
      try {
        server = await serveCases(source);
      } catch (error) {
        launchFailure = error;
      }
    });
    afterAll(() => Promise.all([server?.close(), runs.end()]));

    describe.each(CONFORMANCE_PAGES)('in $name', ({ path }) => {
      let run = newRun();

      beforeAll(async () => {
        if (!server) return;
        // WebKitGTK's web process dies in about one of 25 pages, in another case each time. What a case does
        // wrong is wrong in the next run, too.
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
          run = await runs.run(server.url(path));
          if (!BROWSER_CRASHED.test(run.failure ?? '')) break;
          console.warn(`${engineName} died in ${path}, attempt ${attempt}: ${run.failure}`);
        }
      }, 600_000);

      it('loads, runs its cases to the end, and exits', () => {
        if (launchFailure) throw launchFailure;
        if (run.state !== 'finished') throw new Error(run.failure ?? `the run is ${run.state}`);
      });

      cases.forEach(({ name, smoke }, index) => {
        if (path.endsWith('?smoke') && !smoke) return;
        it(name, () => {
          if (launchFailure) throw launchFailure;
          const result = run.results.find((candidate) => candidate.index === index);
          if (!result) throw new Error(`this case was not run to its end: ${run.failure}`);
          if (result.error) {
            const { name: errorName, message, stack } = result.error;
            throw new PageError(errorName, message, stack);
          }
        });
      });
    });
  });
}

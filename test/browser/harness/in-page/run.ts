// Runs conformance cases inside a page or a worker, one after the other, and reports each as it ends.

import type { ConformanceCase, Environment } from '../../../gegl/conformance/case.ts';
import type { CaseResult, RunUpdate } from './case-run.ts';

/** The wrapper as this page or worker loaded it, and what its `init()` needs here. */
export interface LoadedWrapper extends Omit<Environment, 'name'> {
  readonly initOptions: Parameters<Environment['Gegl']['init']>[0];
}

const isWorker = typeof document === 'undefined';
const CASE_TIMEOUT_MS = 30_000;

/** Runs all cases, or where the URL says `?smoke` the short set. */
export async function runInPage(
  cases: readonly ConformanceCase[],
  loadWrapper: () => LoadedWrapper,
): Promise<void> {
  const smokeOnly = new URLSearchParams(location.search).has('smoke');
  await untilOpened();
  try {
    const { initOptions, ...api } = loadWrapper();
    await api.Gegl.init({ license: 'GPL3', ...initOptions });
    const environment: Environment = { ...api, name: isWorker ? 'worker' : 'page' };
    for (const [index, { name, smoke, run }] of cases.entries()) {
      if (smokeOnly && !smoke) continue;
      report({ type: 'case-started', name });
      // So that whoever watches hears of it before the case occupies the thread.
      await new Promise((resume) => setTimeout(resume));
      report({
        type: 'case-finished',
        result: { index, name, ...(await outcomeOf(() => run(environment))) },
      });
    }
    api.Gegl.exit();
    report({ type: 'finished' });
  } catch (error) {
    const { name, message, stack } = describeError(error);
    report({ type: 'failed', failure: `${name}: ${message}\n${stack}` });
  }
}

/** How long a driver may take to look at a page that it has opened, in milliseconds. */
const OPENING_MS = 250;

/** A page whose thread is occupied as it loads can't be opened by any driver, and so not be given up either. */
async function untilOpened(): Promise<void> {
  if (isWorker) return;
  if (document.readyState !== 'complete') {
    await new Promise((resume) => addEventListener('load', resume, { once: true }));
  }
  await new Promise((resume) => setTimeout(resume, OPENING_MS));
}

/** The wrapper of classic scripts, which stands in globals. */
export function wrapperFromGlobals(): LoadedWrapper {
  const { Gegl, GeglEngine, GeglError } = globalThis as Partial<LoadedWrapper>;
  const { createGegl } = globalThis as {
    createGegl?: (overrides?: object) => Promise<unknown>;
  };
  if (!Gegl || !GeglEngine || !GeglError) throw new Error('gegl-wrapper.js made no global Gegl');
  if (!createGegl) throw new Error('gegl.js made no global createGegl');
  if (!isWorker) return { Gegl, GeglEngine, GeglError, createModule: createGegl, initOptions: {} };

  // A script that importScripts() loads can't tell where it came from.
  const wasmUrl = new URL('/native/gegl.wasm', location.href).href;
  const createModule = (overrides?: object) =>
    createGegl({ locateFile: () => wasmUrl, ...overrides });
  return { Gegl, GeglEngine, GeglError, createModule, initOptions: { wasmUrl } };
}

function report(update: RunUpdate): void {
  if (isWorker) {
    postMessage(update);
    return;
  }
  const { reportConformance } = globalThis as { reportConformance?: (update: RunUpdate) => void };
  if (!reportConformance) throw new Error('host.js must be the first script of the page');
  reportConformance(update);
}

async function outcomeOf(
  run: () => void | Promise<void>,
): Promise<Pick<CaseResult, 'ok' | 'error' | 'durationMs'>> {
  const start = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the case took more than ${CASE_TIMEOUT_MS} ms`)),
      CASE_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([run(), timeout]);
    return { ok: true, durationMs: performance.now() - start };
  } catch (error) {
    return { ok: false, error: describeError(error), durationMs: performance.now() - start };
  } finally {
    clearTimeout(timer);
  }
}

function describeError(error: unknown): { name: string; message: string; stack: string } {
  if (!(error instanceof Error)) return { name: 'Thrown', message: String(error), stack: '' };
  return { name: error.name, message: error.message, stack: error.stack ?? '' };
}

// The first script of a conformance page: holds the state of the run, notes scripts that fail to load, and starts the worker
// where its own tag asks for one: `<script src="host.js" data-worker="worker.js" data-worker-type="classic">`.

import { applyUpdate, newRun, RUN_GLOBAL, type RunUpdate } from './case-run.ts';

const run = newRun();
const report = (update: RunUpdate) => applyUpdate(run, update);
Object.assign(globalThis, { [RUN_GLOBAL]: run, reportConformance: report });

/** Until the first case runs, any error means that none ever will. */
function failWhileLoading(failure: string): void {
  if (run.state === 'loading') report({ type: 'failed', failure });
}

addEventListener(
  'error',
  (event) => {
    const { target } = event;
    if (target instanceof HTMLScriptElement) failWhileLoading(`${target.src} could not be loaded`);
    else failWhileLoading(event.message);
  },
  // Errors of script elements don't bubble.
  { capture: true },
);

const { worker: workerUrl, workerType } = document.currentScript?.dataset ?? {};
if (workerUrl) {
  const worker = new Worker(workerUrl + location.search, {
    type: workerType === 'module' ? 'module' : 'classic',
  });
  worker.onmessage = ({ data }: MessageEvent<RunUpdate>) => report(data);
  worker.onerror = (event) => {
    failWhileLoading(`the worker failed: ${event.message || `${workerUrl} could not be loaded`}`);
  };
}

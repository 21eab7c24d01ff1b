// installWorkerHook(): while it is installed, workers that may be threads of a module start by our script, which
// joins them and then loads theirs. The application sees its worker, and none of our messages.

import { replace } from './replace.ts';
import { THREAD_MESSAGE, threadAddress } from './thread-start.ts';
import type { Installed, OnLoadWarning } from './types.ts';

export interface WorkerHookOptions {
  /** Our script: one for classic workers, one for module workers; null where that is not known. */
  readonly script: (isModule: boolean) => string | null;
  /** Whether a worker shall start by our script. */
  readonly matches: (url: URL, name: string) => boolean;
  /** What a worker is told before everything else. */
  readonly greet: () => unknown;
  readonly onWarning?: OnLoadWarning;
}

export interface InstalledWorkerHook extends Installed {
  /** Tells all workers that were started by our script and live. */
  tell(message: () => unknown): void;
}

/** Wraps `globalThis.Worker`; where there is none, as in Node, nothing. */
export function installWorkerHook(options: WorkerHookOptions): InstalledWorkerHook {
  const { Worker: original } = globalThis;
  if (typeof original !== 'function') return { uninstall() {}, tell() {} };
  const workers = new Set<WeakRef<Worker>>();
  let isActive = true;

  const post = (worker: Worker, message: () => unknown) => {
    try {
      original.prototype.postMessage.call(worker, { [THREAD_MESSAGE]: message() });
    } catch (error) {
      options.onWarning?.(
        'thread-untracked',
        `What a worker allocates is not seen, since nothing can be shared with it: ${String(error)}`,
      );
    }
  };

  const proxy: typeof Worker = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const construct = (all: readonly unknown[]) =>
        Reflect.construct(target, all, newTarget === proxy ? target : newTarget);
      const address = isActive ? startAddress(parameters, options) : null;
      if (address === null) return construct(parameters);
      let worker: Worker;
      try {
        worker = construct([address, ...parameters.slice(1)]);
      } catch {
        // The page's policy may want a typed address, or forbid ours.
        return construct(parameters);
      }
      post(worker, options.greet);
      workers.add(new WeakRef(worker));
      return worker;
    },
  });
  const undo = [
    replace(globalThis, 'Worker', proxy),
    replace(original.prototype, 'constructor', proxy),
  ];
  return {
    uninstall() {
      isActive = false;
      for (const step of undo) step?.();
    },
    tell(message) {
      for (const reference of workers) {
        const worker = reference.deref();
        if (worker) post(worker, message);
        else workers.delete(reference);
      }
    },
  };
}

/** Null where the worker shall start as it is. */
function startAddress(
  [address, settings]: readonly unknown[],
  { script, matches, onWarning }: WorkerHookOptions,
): string | null {
  try {
    const { name = '', type = 'classic' } = (settings ?? {}) as WorkerOptions;
    const base = typeof document === 'object' ? document.baseURI : location.href;
    const url = new URL(String(address), base);
    if (!matches(url, String(name))) return null;
    const isModule = type === 'module';
    const own = script(isModule);
    if (own && url.origin === location.origin && /^https?:$/.test(url.protocol)) {
      return threadAddress(own, { url: url.href, isModule });
    }
    onWarning?.(
      'thread-untracked',
      own
        ? `The worker ${url.href.slice(0, 200)} starts as it is, so what it allocates is not seen: it must be a file of this origin.`
        : 'A worker starts as it is, so what it allocates is not seen: js/memory-profiler.js must be a file of its own, of this origin, ' +
            'with the headers that workers of this page need; its address can be passed as workerScript.',
    );
    return null;
  } catch {
    // What is no address is refused by whom it always was.
    return null;
  }
}

// Gives every module that loads a tracker, and every thread that it runs in.

import { ADDED_EXPORTS } from '../../instrument/abi.ts';
import {
  installLoadHook,
  installWorkerHook,
  isShared,
  type LoadedInstance,
  pointerBitsOf,
} from '../../instrument/load/index.ts';
import { Tracker } from '../../tracker/index.ts';
import { BindingHandles } from './binding-handles.ts';
import { instrumentOptions } from './instrument-options.ts';
import { ownScript } from './own-script.ts';
import { addHeap, addLoadWarning, registry, trackedHeaps } from './registry.ts';
import { type Greeting, JoinedTrackers, SharedTrackers } from './threads.ts';
import type { ThreadHost, ThreadSettings, TrackOptions } from './track-options.ts';

export class LoadTracker {
  readonly #options: TrackOptions;
  readonly #settings: ThreadSettings;
  readonly #shared: SharedTrackers;
  readonly #joined = new JoinedTrackers((memory, settings) =>
    Tracker.create({ ...settings, shared: true, memory }),
  );
  readonly #hooks: { uninstall(): void }[] = [];

  constructor(options: TrackOptions, { greeting, onGreeting }: ThreadHost = {}) {
    const {
      mode = 'sampled',
      budget,
      mean,
      scrub,
      match,
      workers = 'threads',
      workerScript,
    } = options;
    this.#options = options;
    this.#settings = {
      mode,
      ...(budget !== undefined && { budget }),
      ...(mean !== undefined && { mean }),
      ...(scrub !== undefined && { scrub }),
    };
    if (greeting) this.hear(greeting);
    const state = registry();
    state.handles ??= new BindingHandles();
    state.handles.install();
    this.#hooks.push(state.handles);
    const hook =
      workers === 'none'
        ? null
        : installWorkerHook({
            matches: (url, name) => workers === 'all' || this.#mayBeThread(url, name),
            script: (isModule) => scriptForWorkers(isModule, workerScript),
            greet: () => this.#greeting(),
            onWarning: addLoadWarning,
          });
    if (hook) this.#hooks.push(hook);
    const onChange = () => {
      hook?.tell(() => this.#greeting());
      onGreeting?.(this.#greeting());
    };
    this.#shared = new SharedTrackers(() => this.#create(true), onChange);
    onGreeting?.(this.#greeting());
    this.#hooks.push(
      installLoadHook({
        instrument: instrumentOptions(options),
        ...(match && { match }),
        nameThreads: () => this.#shared.name(),
        onInstance: (loaded) => this.#track(loaded),
        onWarning: addLoadWarning,
      }),
    );
  }

  /** What this thread shall know of others. */
  hear(greeting: Greeting): void {
    this.#joined.hear(greeting);
  }

  uninstall(): void {
    for (const hook of this.#hooks) hook.uninstall();
  }

  #greeting(): Greeting {
    return { settings: this.#settings, memories: canShare() ? this.#shared.memories() : [] };
  }

  #mayBeThread({ pathname }: URL, name: string): boolean {
    return (
      canShare() &&
      (/^em-(pthread|ww)/.test(name) || /\.worker\.m?js$/.test(pathname) || this.#shared.isUsed)
    );
  }

  #create(shared: boolean): Tracker {
    const { seed, onEvent } = this.#options;
    const tracker: Tracker = Tracker.create({
      ...this.#settings,
      shared,
      ...(seed !== undefined && { seed }),
      ...(onEvent && {
        onEvent(...event: [number, number, number]) {
          const heap = trackedHeaps().find((candidate) => candidate.tracker === tracker);
          if (heap) onEvent(heap, ...event);
        },
      }),
    });
    return tracker;
  }

  #track({ instance, report, threadId, names, url }: LoadedInstance): void {
    const exported = instance.exports[ADDED_EXPORTS.memory];
    const memory = exported instanceof WebAssembly.Memory ? exported : null;
    const pointerBits = report?.pointerBits ?? (memory ? pointerBitsOf(memory) : 32);
    const hasThreads = report?.sharedMemory ?? isShared(memory);
    const known = hasThreads ? this.#knownTracker(threadId, memory) : null;
    if (known) {
      known.attach(instance.exports, pointerBits);
      return;
    }
    const tracker = hasThreads ? this.#shared.take(threadId) : this.#create(false);
    if (!tracker) {
      addLoadWarning(
        'thread-untracked',
        this.#shared.knows(threadId)
          ? 'A compiled module with shared memory is used with a second memory, which is not tracked, as its threads look like those of the first: compile it anew for each.'
          : 'A thread of a module with shared memory is not tracked, since it was not told of its tracker.',
      );
      return;
    }
    if (hasThreads && report?.allocator.allocator === 'dlmalloc') tracker.expectSpace();
    tracker.attach(instance.exports, pointerBits);
    const loadedAt = performance.now();
    addHeap({
      ...{ tracker, report, pointerBits, names, instance, memory, url, loadedAt },
      initialData: copyInitialData(memory),
    });
  }

  /** Of a module that another thread has loaded, or this one before. */
  #knownTracker(threadId: string | null, memory: WebAssembly.Memory | null): Tracker | null {
    return (
      this.#joined.find(threadId) ??
      trackedHeaps().find((heap) => heap.memory === memory)?.tracker ??
      null
    );
  }
}

/** Whether memory can be sent to workers: pages must be isolated for it, and some engines never can. */
function canShare(): boolean {
  return 'SharedArrayBuffer' in globalThis && globalThis.crossOriginIsolated !== false;
}

/** More static data than this is not looked for, nor kept. */
const MOST_INITIAL_DATA = 16 * 1024 * 1024;
/** A page of memory, and one of the processor's, in words. */
const PAGE = (64 * 1024) >> 2;
const LOOKED_AT = 4096 >> 2;

function copyInitialData(memory: WebAssembly.Memory | null): Uint8Array {
  const bytes = memory?.buffer.byteLength ?? 0;
  if (!memory || isShared(memory)) return new Uint8Array();
  const words = new Uint32Array(memory.buffer, 0, Math.min(bytes, MOST_INITIAL_DATA) >> 2);
  // Memory that nobody has touched costs most to read, while the module that loads waits: of each page a little is
  // looked at. Data that is missed counts as variables, which may point into the heap.
  let end = words.length;
  while (end > 0 && words.subarray(end - LOOKED_AT, end).every((word) => word === 0)) end -= PAGE;
  end = Math.min(words.length, end + PAGE);
  while (end > 0 && words[end - 1] === 0) end -= 1;
  return new Uint8Array(memory.buffer, 0, end * 4).slice();
}

/** Our own script, where it is one that is nothing else; a bundle would start the application. */
function scriptForWorkers(isModule: boolean, given: string | URL | undefined): string | null {
  // js/memory-profiler.js can be loaded as either.
  const script = ownScript('memory-profiler');
  const own = script && (isModule || script.type === 'classic') ? script.url : null;
  const address = given ?? own;
  if (address === null) return null;
  const { href } = new URL(address, globalThis.document?.baseURI ?? location.href);
  if (!workerScripts.has(href)) workerScripts.set(href, canStartWorkers(href));
  return workerScripts.get(href) ? href : null;
}

const workerScripts = new Map<string, boolean>();

/**
 * Whether a worker of this page may start by the script: it must be there, of this origin, and come with the
 * same embedder policy as the page, else the worker would not start at all. Asked at once, since a worker is
 * made at once.
 */
function canStartWorkers(href: string): boolean {
  if (new URL(href).origin !== location.origin) return false;
  try {
    const request = new XMLHttpRequest();
    request.open('HEAD', href, false);
    request.send();
    const policy = request.getResponseHeader('cross-origin-embedder-policy') ?? 'unsafe-none';
    return request.status === 200 && (policy !== 'unsafe-none') === crossOriginIsolated;
  } catch {
    return false;
  }
}

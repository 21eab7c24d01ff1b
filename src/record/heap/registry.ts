// Tracked heaps, where scripts that were loaded apart meet: the hook that was installed first and the profiler
// that reads. It holds heaps weakly; a heap lives as long as its module does.

import type { InstrumentReport } from '../../instrument/index.ts';
import type { LoadWarningCode } from '../../instrument/load/index.ts';
import type { Tracker } from '../../tracker/index.ts';
import type { BindingHandles } from './binding-handles.ts';

/** A module instance whose heap is tracked. */
export interface TrackedHeap {
  readonly tracker: Tracker;
  /** Null where the module was instrumented ahead of time. */
  readonly report: InstrumentReport | null;
  readonly pointerBits: 32 | 64;
  /** By function index in the rewritten module; read when first asked for. Empty where there are none. */
  readonly names: () => ReadonlyMap<number, string>;
  readonly instance: WebAssembly.Instance;
  /** Memory 0 of the module; null where it has none. */
  readonly memory: WebAssembly.Memory | null;
  /**
   * The memory from address 0 on as it was instantiated, up to its last byte that is not zero: constants, and
   * variables before their first change. None of it points into the heap, which was not there yet.
   */
  readonly initialData: Uint8Array;
  /** Where the module came from, where that is known. */
  readonly url: string | null;
  /** `performance.now()` when it was instantiated. */
  readonly loadedAt: number;
}

export interface LoadWarning {
  readonly code: LoadWarningCode;
  readonly message: string;
}

export type HeapListener = (heap: TrackedHeap) => void;

/** What is on in this page, worker or process. */
export interface Tracking {
  /** Modules that load from now on are left as they are; those that are tracked stay so. */
  stop(): void;
}

interface Registry {
  readonly heaps: Set<WeakRef<TrackedHeap>>;
  /** Keeps a heap as long as its module. */
  readonly byInstance: WeakMap<WebAssembly.Instance, TrackedHeap>;
  readonly listeners: Set<HeapListener>;
  readonly warnings: LoadWarning[];
  /** Why modules were left as they are. */
  readonly untracked: Set<string>;
  tracking: Tracking | null;
  /** Those that were made since tracking went on, here. */
  handles: BindingHandles | null;
}

const REGISTRY_KEY = Symbol.for('gegl-memory-profiler/heaps@1');

export function registry(): Registry {
  const holder = globalThis as { [REGISTRY_KEY]?: Registry };
  holder[REGISTRY_KEY] ??= {
    heaps: new Set(),
    byInstance: new WeakMap(),
    listeners: new Set(),
    warnings: [],
    untracked: new Set(),
    tracking: null,
    handles: null,
  };
  return holder[REGISTRY_KEY];
}

/** Heaps that are tracked now, in the order of loading; a module that the application dropped is gone. */
export function trackedHeaps(): readonly TrackedHeap[] {
  const { heaps } = registry();
  const found: TrackedHeap[] = [];
  for (const reference of heaps) {
    const heap = reference.deref();
    if (heap) found.push(heap);
    else heaps.delete(reference);
  }
  return found;
}

/** Told of every heap from now on, before the application has its module. @returns ends that. */
export function onTrackedHeap(listener: HeapListener): () => void {
  const { listeners } = registry();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What could not be tracked, and why; the console has been told, too. */
export function loadWarnings(): readonly LoadWarning[] {
  return registry().warnings;
}

export function addHeap(heap: TrackedHeap): void {
  const { heaps, byInstance, listeners } = registry();
  heaps.add(new WeakRef(heap));
  byInstance.set(heap.instance, heap);
  for (const listener of listeners) {
    try {
      listener(heap);
    } catch (error) {
      listeners.delete(listener);
      console.error('gegl-memory-profiler: a listener of heaps failed and was dropped', error);
    }
  }
}

/** The same is told once: a module may start many workers. */
export function addLoadWarning(code: LoadWarningCode, message: string): void {
  const { warnings, untracked } = registry();
  // Many modules have no allocator, and nothing is amiss: no page's console is told.
  if (code === 'no-allocator') {
    untracked.add(message);
    return;
  }
  if (warnings.some((known) => known.message === message)) return;
  warnings.push({ code, message });
  console.warn(`gegl-memory-profiler: ${message}`);
}

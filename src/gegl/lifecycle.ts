// The one place where objects and engines announce themselves. The registry hangs on the global
// object, so that scripts loaded apart (the wrapper, the profiler, an ES module and a CommonJS
// copy of either) meet in it. It holds objects, their owners and engines weakly: it never keeps a lost handle alive, nor a
// module that the application has dropped.

import { registerUnseen } from '../originals.ts';
import type { ObjectKind } from '../recording/types.ts';

/** What the registry needs to know of an object. */
export interface TrackedObject {
  readonly id: number;
  readonly kind: ObjectKind;
  /** What the object is, for a reader: an operation, a size and format. */
  describe(): string;
  /** The bytes of its pixels, from extent and format; null where the kind has none. */
  readonly pixelBytes: number | null;
  /** With whose end this object ends, too. */
  readonly owner?: object;
}

/** What the registry needs to know of a running engine. */
export interface TrackedEngine {
  /** The Emscripten module. */
  readonly module: object;
  readonly versions: Readonly<Record<string, string>>;
  stats(): object;
  readonly config: object;
}

export type LifecycleEvent =
  | { readonly type: 'created'; readonly object: TrackedObject; readonly handle: object }
  | { readonly type: 'destroyed'; readonly object: TrackedObject }
  /** Objects that were alive when their engine ended: their memory went with the module. */
  | { readonly type: 'ended'; readonly ids: readonly number[]; readonly how: EngineEnd }
  | { readonly type: 'engine-started' | 'engine-exited'; readonly engine: TrackedEngine };

/** It exited in good order, aborted, or was collected with its module, as nobody held either any more. */
export type EngineEnd = 'exit' | 'abort' | 'collected';

export type LifecycleListener = (event: LifecycleEvent) => void;

/** An object that was made and not destroyed; its handle may be gone. */
export interface LiveEntry {
  readonly kind: ObjectKind;
  readonly description: string;
  readonly pixelBytes: number | null;
  readonly handle: WeakRef<object>;
  readonly owner: WeakRef<object> | null;
}

interface Registry {
  nextId: number;
  readonly listeners: Set<LifecycleListener>;
  readonly live: Map<number, LiveEntry>;
  readonly engines: Set<WeakRef<TrackedEngine>>;
  readonly owners: WeakMap<object, WeakRef<object>>;
  /** Addresses of this project's own scripts, whose frames stand on top of every creation stack. */
  readonly scripts: Set<string>;
}

const REGISTRY_KEY = Symbol.for('gegl-memory-profiler/lifecycle@2');

function registry(): Registry {
  const holder = globalThis as { [REGISTRY_KEY]?: Registry };
  holder[REGISTRY_KEY] ??= {
    nextId: 1,
    listeners: new Set(),
    live: new Map(),
    engines: new Set(),
    owners: new WeakMap(),
    scripts: new Set(),
  };
  return holder[REGISTRY_KEY];
}

/**
 * Calls `listener` for every object created or destroyed and every engine started or exited,
 * synchronously, inside the call that does it. A listener that throws is dropped after one
 * message on the console; the application is not disturbed.
 *
 * @returns a function that ends the subscription.
 */
export function onLifecycle(listener: LifecycleListener): () => void {
  const { listeners } = registry();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Objects created and not destroyed so far, by id; those whose handle was collected among them. */
export function liveObjects(): ReadonlyMap<number, LiveEntry> {
  return registry().live;
}

/** The engines that are running now, in the order of their starts. */
export function runningEngines(): ReadonlySet<TrackedEngine> {
  return new Set([...registry().engines].flatMap((engine) => engine.deref() ?? []));
}

/** To be called by each script once, as it loads. */
export function registerScript(): void {
  const address = /([^\s(@]+):\d+:\d+\)?$/m.exec(new Error().stack ?? '')?.[1] ?? '';
  // In a bundle with the application, the application's frames can't be told from this project's.
  // Where the package is installed, or its sources run unbundled, the folder stands for all of them. Bundlers
  // put a hash behind the name of what loads on demand.
  const [own] =
    /.*\/(src\/(?=gegl\/)|gegl-memory-profiler\/(dist|js)\/)|.*(memory-(profiler(-analysis)?|panel)|gegl-wrapper|[/_]gegl)(-[\w-]{8})?\.[cm]?js(?=\?|$)/.exec(
      address,
    ) ?? [];
  // Some tools name files without the scheme.
  if (own) registry().scripts.add(own.replace('file://', ''));
}

/** Addresses, or their beginnings, of this project's own scripts. */
export function ownScripts(): ReadonlySet<string> {
  return registry().scripts;
}

export function nextObjectId(): number {
  return registry().nextId++;
}

/** @param handle what the application holds; its garbage collection is the loss of the object. */
export function announceCreated(object: TrackedObject, handle: object = object): void {
  registry().live.set(object.id, {
    kind: object.kind,
    description: object.describe(),
    pixelBytes: object.pixelBytes,
    handle: new WeakRef(handle),
    owner: object.owner ? ownerReference(object.owner) : null,
  });
  announce({ type: 'created', object, handle });
}

export function announceDestroyed(object: TrackedObject): void {
  registry().live.delete(object.id);
  announce({ type: 'destroyed', object });
}

/**
 * Ends every object of `owner`. Listeners find them in `liveObjects()` for the last time.
 *
 * @returns what was alive, those with a lost handle included.
 */
export function announceEnd(owner: object, how: EngineEnd = 'abort'): readonly LiveEntry[] {
  return endObjects(how, (entry) => entry.owner?.deref() === owner);
}

function endObjects(how: EngineEnd, isEnded: (entry: LiveEntry) => boolean): LiveEntry[] {
  const { live } = registry();
  const ended = [...live].filter(([, entry]) => isEnded(entry));
  if (ended.length > 0) announce({ type: 'ended', ids: ended.map(([id]) => id), how });
  for (const [id] of ended) live.delete(id);
  return ended.map(([, entry]) => entry);
}

/** Whether what the object belonged to is gone, and its memory with it. */
export function isOrphaned({ owner }: LiveEntry): boolean {
  return owner !== null && owner.deref() === undefined;
}

const lostOwners = new FinalizationRegistry<void>(() => {
  endObjects('collected', isOrphaned);
});

/** One for all of its objects. */
function ownerReference(owner: object): WeakRef<object> {
  const { owners } = registry();
  let reference = owners.get(owner);
  if (!reference) {
    reference = new WeakRef(owner);
    owners.set(owner, reference);
    registerUnseen(lostOwners, owner, undefined);
  }
  return reference;
}

export function announceEngine(
  type: 'engine-started' | 'engine-exited',
  engine: TrackedEngine,
): void {
  const { engines } = registry();
  // Last is the one started last, even if it aborted before and starts anew.
  for (const known of engines) {
    const other = known.deref();
    if (!other || other === engine) engines.delete(known);
  }
  if (type === 'engine-started') engines.add(new WeakRef(engine));
  announce({ type, engine });
}

function announce(event: LifecycleEvent): void {
  const { listeners } = registry();
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      listeners.delete(listener);
      console.error('gegl-memory-profiler: a lifecycle listener failed and was dropped', error);
    }
  }
}

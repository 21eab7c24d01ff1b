// Objects of other GEGL bindings: embind-style constructors on the module, with `.delete()`. They
// are wrapped so that they announce themselves as the wrapper's own objects do, and are put back.

import {
  announceCreated,
  announceDestroyed,
  nextObjectId,
  type TrackedObject,
} from '../gegl/lifecycle.ts';
import type { ObjectKind } from '../recording/types.ts';

const CONSTRUCTORS: readonly [name: string, kind: ObjectKind][] = [
  ['GeglBuffer', 'buffers'],
  ['GeglNode', 'nodes'],
  ['GeglProcessor', 'processors'],
  ['GeglColor', 'colors'],
];

const described = (id: number, kind: ObjectKind, name: string): TrackedObject => ({
  id,
  kind,
  describe: () => `${name} (embind)`,
  pixelBytes: null,
});

type Constructor = new (...parameters: never[]) => object;
type Holder = Record<string, unknown>;

/** Wraps the constructors that `module` has. @returns puts everything back; null if it has none. */
export function wrapConstructors(module: object): (() => void) | null {
  const undo = CONSTRUCTORS.flatMap(([name, kind]) => {
    const original = (module as Holder)[name];
    return isEmbindClass(original) ? wrapConstructor(module as Holder, name, kind, original) : [];
  });
  if (undo.length === 0) return null;
  return () => {
    for (const step of undo) step();
  };
}

function isEmbindClass(value: unknown): value is Constructor {
  return typeof value === 'function' && typeof value.prototype?.delete === 'function';
}

function wrapConstructor(
  holder: Holder,
  name: string,
  kind: ObjectKind,
  original: Constructor,
): (() => void)[] {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  // A module may have been frozen; then its constructors stay as they are.
  if (!descriptor?.configurable && !descriptor?.writable) return [];
  const ids = new WeakMap<object, number>();
  const wrapped: Constructor = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const object = Reflect.construct(
        target,
        parameters,
        newTarget === wrapped ? target : newTarget,
      );
      const id = nextObjectId();
      ids.set(object, id);
      announceCreated(described(id, kind, name), object);
      return object;
    },
  });
  holder[name] = wrapped;

  const prototype: Holder = original.prototype;
  const own = Object.getOwnPropertyDescriptor(prototype, 'delete');
  const release = prototype.delete as (...parameters: unknown[]) => unknown;
  function deleteAndAnnounce(this: object, ...parameters: unknown[]): unknown {
    const result = release.apply(this, parameters);
    const id = ids.get(this);
    if (id !== undefined && ids.delete(this)) {
      announceDestroyed(described(id, kind, name));
    }
    return result;
  }
  Object.defineProperty(prototype, 'delete', {
    configurable: true,
    writable: true,
    value: deleteAndAnnounce,
  });
  return [
    () => {
      // What somebody wrapped after us is left alone: it calls ours, which calls the original.
      if (holder[name] === wrapped) Object.defineProperty(holder, name, descriptor);
      if (prototype.delete !== deleteAndAnnounce) return;
      if (own) Object.defineProperty(prototype, 'delete', own);
      else delete prototype.delete;
    },
  ];
}

// Objects of other GEGL bindings: embind-style constructors on the module, with `.delete()`. They
// are wrapped so that they announce themselves as the wrapper's own objects do, and are put back.

import {
  announceCreated,
  announceDestroyed,
  announceEnd,
  nextObjectId,
  type TrackedObject,
} from '../gegl/lifecycle.ts';
import { replace } from '../instrument/load/replace.ts';
import type { ObjectKind } from '../recording/types.ts';

const CONSTRUCTORS: readonly [name: string, kind: ObjectKind][] = [
  ['GeglBuffer', 'buffers'],
  ['GeglNode', 'nodes'],
  ['GeglProcessor', 'processors'],
  ['GeglColor', 'colors'],
];

/** What releases an object. Newer embinds have a second name for it, for `using`. */
const RELEASES: readonly PropertyKey[] = Symbol.dispose ? ['delete', Symbol.dispose] : ['delete'];

type Constructor = new (...parameters: never[]) => object;
type Holder = Record<PropertyKey, unknown>;

/** Several profilers share one wrapping, lest each object be counted once for each of them. */
interface Wrapping {
  users: number;
  readonly undo: () => void;
}
const wrappings = new WeakMap<object, Wrapping>();

/** Wraps the constructors that `module` has. @returns puts everything back; null if it has none. */
export function wrapConstructors(module: object): (() => void) | null {
  const wrapping = wrappings.get(module) ?? wrap(module);
  if (!wrapping) return null;
  wrapping.users += 1;
  return () => {
    wrapping.users -= 1;
    if (wrapping.users > 0) return;
    wrappings.delete(module);
    wrapping.undo();
  };
}

function wrap(module: object): Wrapping | null {
  const owner = { isActive: true };
  const steps = CONSTRUCTORS.flatMap(([name, kind]) =>
    wrapConstructor(module as Holder, name, kind, owner),
  );
  if (steps.length === 0) return null;
  const undo = () => {
    owner.isActive = false;
    for (const step of steps) step();
    // Their release can't be seen any more, so that their loss would prove nothing.
    announceEnd(owner);
  };
  const wrapping = { users: 0, undo };
  wrappings.set(module, wrapping);
  return wrapping;
}

function isEmbindClass(value: unknown): value is Constructor {
  return typeof value === 'function' && typeof value.prototype?.delete === 'function';
}

function wrapConstructor(
  holder: Holder,
  name: string,
  kind: ObjectKind,
  owner: { readonly isActive: boolean },
): (() => void)[] {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = descriptor?.value;
  if (!descriptor || !isEmbindClass(original)) return [];
  // A module may have been frozen; then its constructors stay as they are.
  const isFixed = !descriptor.configurable && !descriptor.writable;
  if (isFixed || !Object.isExtensible(original.prototype)) return [];

  const objects = new WeakMap<object, TrackedObject>();
  const wrapped: Constructor = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const object = Reflect.construct(
        target,
        parameters,
        newTarget === wrapped ? target : newTarget,
      );
      // Subclasses that were made of it outlast the wrapping.
      if (owner.isActive) {
        const describe = () => `${name} (embind)`;
        const tracked = { id: nextObjectId(), kind, describe, pixelBytes: null, owner };
        objects.set(object, tracked);
        announceCreated(tracked, object);
      }
      return object;
    },
  });
  const steps = RELEASES.flatMap((key) => {
    const release = original.prototype[key];
    if (typeof release !== 'function') return [];
    const releaseAndTell = function (this: object, ...parameters: unknown[]) {
      const result = Reflect.apply(release, this, parameters);
      const tracked = objects.get(this);
      if (owner.isActive && tracked && objects.delete(this)) announceDestroyed(tracked);
      return result;
    };
    return replace(original.prototype, key, releaseAndTell) ?? [];
  });
  return [...steps, replace(holder, name, wrapped) ?? []].flat();
}

// Objects by which bindings of others hold what is in a module: embind makes all of its handles by Object.create(),
// wasm-bindgen and bindings that people write register theirs for finalization, with the pointer. While they are
// watched, it is known which there are; nothing of them is kept alive, and no getter of the page is asked.

import { replace } from '../../instrument/load/replace.ts';
import { showingOriginal } from '../../originals.ts';

/** A handle that was neither collected nor unregistered. */
export interface BindingHandle {
  /** Its numbers, as if they were such: the pointer is among them. */
  readonly addresses: readonly number[];
  /** With that of its class. */
  readonly name: () => string;
}

interface Known {
  readonly handle: WeakRef<object>;
  /** Where its numbers are; an object is kept by whom it was registered with. */
  readonly source: number | WeakRef<object>;
}

type Told = (registry: object, parameters: readonly unknown[]) => void;

/** When there are so many, those that were collected are dropped. */
const FIRST_SWEEP = 1024;
/** Properties of an object that are looked at. */
const MOST_PROPERTIES = 32;

export class BindingHandles {
  readonly #known = new Set<Known>();
  readonly #byToken = new WeakMap<object, WeakMap<object, Known[]>>();
  readonly #undo: ((() => void) | null)[] = [];
  #isActive = false;
  #sweepAt = FIRST_SWEEP;

  install(): void {
    this.#isActive = true;
    const { prototype } = globalThis.FinalizationRegistry ?? {};
    this.#watch(prototype, 'register', (registry, parameters) => {
      const handle = parameters[0];
      const token = parameters[2];
      const known = isObject(handle) && this.#add(handle, parameters[1]);
      if (!known || !isObject(token)) return;
      const tokens = this.#byToken.get(registry) ?? new WeakMap<object, Known[]>();
      this.#byToken.set(registry, tokens);
      const others = tokens.get(token);
      if (others) others.push(known);
      else tokens.set(token, [known]);
    });
    this.#watch(prototype, 'unregister', (registry, parameters) => {
      const token = parameters[0];
      if (!isObject(token)) return;
      // The entry stays: to delete one of many costs V8 a tenth of a millisecond.
      const all = this.#byToken.get(registry)?.get(token) ?? [];
      for (const known of all.splice(0)) this.#known.delete(known);
    });
    this.#watchCreate();
  }

  /** Puts back what was there; those that are known stay so. */
  uninstall(): void {
    this.#isActive = false;
    for (const step of this.#undo.splice(0)) step?.();
  }

  /** In no order; those that are gone are left out. */
  *[Symbol.iterator](): Generator<BindingHandle, void> {
    for (const { handle, source } of this.#known) {
      const target = handle.deref();
      if (!target) continue;
      const value = typeof source === 'number' ? source : source.deref();
      yield { addresses: [...addressesIn(value)], name: () => nameOf(target) };
    }
  }

  #watch(holder: object | undefined, name: string, told: Told): void {
    const original: unknown = holder && Reflect.get(holder, name);
    if (!holder || typeof original !== 'function') return;
    const proxy = new Proxy(original, {
      ...showingOriginal(),
      apply: (target, self, parameters) => {
        const result: unknown = Reflect.apply(target, self, parameters);
        if (this.#isActive) told(self, parameters);
        return result;
      },
    });
    this.#undo.push(replace(holder, name, proxy));
  }

  /** What all of a page calls: a proxy would take ten times as long. */
  #watchCreate(): void {
    const original = Object.create;
    const create = (prototype: object | null, properties?: PropertyDescriptorMap) => {
      if (properties === undefined) return Reflect.apply(original, Object, [prototype]);
      const made: unknown = Reflect.apply(original, Object, [prototype, properties]);
      if (this.#isActive && isObject(made) && isOfEmbind(made)) this.#add(made, made);
      return made;
    };
    this.#undo.push(replace(Object, 'create', create));
  }

  /** @param held a pointer, or what has it; a function, as a destructor, hides it: then the handle may have it. */
  #add(handle: object, held: unknown): Known | null {
    const source =
      typeof held === 'function' ? handle : typeof held === 'bigint' ? Number(held) : held;
    if (!isObject(source) && typeof source !== 'number') return null;
    const known = {
      handle: new WeakRef(handle),
      source: isObject(source) ? new WeakRef(source) : source,
    };
    this.#known.add(known);
    if (this.#known.size > this.#sweepAt) {
      for (const each of this.#known) if (!each.handle.deref()) this.#known.delete(each);
      this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#known.size);
    }
    return known;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether it has a record of embind's, under whatever name, and nothing else. */
function isOfEmbind(made: object): boolean {
  const [name, other] = namesOf(made);
  if (name === undefined || other !== undefined) return false;
  return typeof own(own(own(made, name), 'count'), 'value') === 'number';
}

/** Of a number, of the properties of an object, and of objects in these. */
function* addressesIn(value: unknown, depth = 2): Generator<number, void> {
  // A pointer of the upper half may be a negative number.
  if (typeof value === 'number') yield value < 0 ? value + 2 ** 32 : value;
  else if (typeof value === 'bigint') yield Number(value);
  else if (isObject(value) && depth > 0 && !ArrayBuffer.isView(value)) {
    for (const each of valuesOf(value)) yield* addressesIn(each, depth - 1);
  }
}

function valuesOf(holder: object): unknown[] {
  const names = namesOf(holder).slice(0, MOST_PROPERTIES);
  return names.map((name) => own(holder, name));
}

function namesOf(holder: object): readonly string[] {
  return unlessItThrows(() => Object.getOwnPropertyNames(holder)) ?? [];
}

function own(holder: unknown, name: string): unknown {
  if (!isObject(holder)) return undefined;
  return unlessItThrows(() => Object.getOwnPropertyDescriptor(holder, name)?.value);
}

function nameOf(handle: object): string {
  const prototype = unlessItThrows(() => Object.getPrototypeOf(handle));
  const name = own(own(prototype, 'constructor'), 'name');
  return `${typeof name === 'string' ? name : 'object'} (JavaScript handle)`;
}

/** As a proxy may that was revoked. */
function unlessItThrows<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

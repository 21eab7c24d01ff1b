// What is wrapped of the page shows what was there before, so that our own small modules and registries pass by it.

const ORIGINAL = Symbol.for('gegl-memory-profiler/original@1');

/** For the handler of a proxy. */
export function showingOriginal<Wrapped extends object>(): ProxyHandler<Wrapped> {
  return {
    get: (target, key, receiver) =>
      key === ORIGINAL ? target : Reflect.get(target, key, receiver),
  };
}

/** What stands behind a wrapper of this project's, also where somebody else's proxy stands before it. */
export function originalOf<Given extends object>(given: Given): Given {
  return (given as { [ORIGINAL]?: Given })[ORIGINAL] ?? given;
}

/** As `registry.register(target, held)`; who watches the handles of bindings is not told. */
export function registerUnseen<Held>(
  registry: FinalizationRegistry<Held>,
  target: WeakKey,
  held: Held,
): void {
  Reflect.apply(originalOf(registry.register), registry, [target, held]);
}

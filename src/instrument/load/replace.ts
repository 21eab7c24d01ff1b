// Replaces a property of somebody else's object, so that it can be put back.

/**
 * The property keeps its attributes.
 *
 * @returns puts back what was there, unless somebody has replaced ours: theirs calls it. Null where the
 *   property can't be replaced.
 */
export function replace(holder: object, key: PropertyKey, value: unknown): (() => void) | null {
  const own = Object.getOwnPropertyDescriptor(holder, key);
  const { get: _get, set: _set, ...attributes } = own ?? {};
  const replaced = Reflect.defineProperty(holder, key, {
    configurable: true,
    writable: true,
    ...attributes,
    value,
  });
  if (!replaced) return null;
  return () => {
    if (Reflect.get(holder, key) !== value) return;
    // What was frozen since can't be: then ours stays.
    if (own) Reflect.defineProperty(holder, key, own);
    else Reflect.deleteProperty(holder, key);
  };
}

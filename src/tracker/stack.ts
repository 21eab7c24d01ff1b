// The stack at hand as text, as the engine writes it.

/** '' where it can't be told. The topmost frame is this function's. */
export function stackText(depth: number): string {
  const { stackTraceLimit } = Error;
  // A page's own may be slow, and need not give text.
  const ownFormat: unknown = Reflect.get(Error, 'prepareStackTrace');
  // Reflect, as a page may have frozen it.
  Reflect.set(Error, 'stackTraceLimit', depth);
  if (ownFormat) Reflect.set(Error, 'prepareStackTrace', undefined);
  const { stack } = new Error();
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  if (ownFormat) Reflect.set(Error, 'prepareStackTrace', ownFormat);
  return stack ?? '';
}

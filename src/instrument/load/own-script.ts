// Where this script was loaded from. In a classic script of a worker nothing but a stack says it.

/** Script addresses of a stack, topmost first, each once. */
export function scriptsOf(stack: unknown): string[] {
  const found = new Set<string>();
  // A page's Error.prepareStackTrace may make anything of a stack.
  for (const line of typeof stack === 'string' ? stack.split('\n') : []) {
    const script = /((?:https?|file|blob):\S*?|(?<=\(|\bat (?:async )?)(?:\/|[A-Z]:\\).*?):\d+:\d+/;
    const [, address] = script.exec(line) ?? [];
    if (address) found.add(address);
  }
  return [...found];
}

/** The whole stack of the caller. */
export function longStack(): unknown {
  const { stackTraceLimit } = Error;
  // It may not exist, and not be writable.
  if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', 50);
  const { stack } = new Error();
  if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  return stack;
}

/** The script that this code is part of, which may be somebody's bundle; null where it can't be told. */
export const OWN_SCRIPT: string | null = scriptsOf(new Error().stack)[0] ?? null;

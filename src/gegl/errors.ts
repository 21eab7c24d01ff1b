// The one error class of the wrapper, its codes, and "did you mean" suggestions.

/** Why a call was refused. Stable: programs may switch on these. */
export type GeglErrorCode =
  /** A method was called before `Gegl.init()` had finished, or after `Gegl.exit()`. */
  | 'NOT_INITIALIZED'
  /** `Gegl.init()` was called on a running engine, or with a module that was used before. */
  | 'ALREADY_INITIALIZED'
  /** No GEGL module was found, or it could not be fetched, compiled or started. */
  | 'MODULE_LOAD_FAILED'
  /** The module stopped for good; start a new one with `init()`. */
  | 'MODULE_ABORTED'
  /** The object was used, or destroyed again, after `destroy()` or `Gegl.exit()`. */
  | 'DESTROYED'
  /** Memory could not be had. The module goes on working. */
  | 'OUT_OF_MEMORY'
  | 'UNKNOWN_OPERATION'
  | 'UNKNOWN_PROPERTY'
  | 'UNKNOWN_PAD'
  | 'UNKNOWN_FORMAT'
  /** A color string that GEGL cannot parse, or components that are no finite numbers. */
  | 'INVALID_COLOR'
  /** A property value of the wrong type, out of range, or not among the allowed names. */
  | 'INVALID_VALUE'
  /** A rectangle whose size is zero, negative, no integer, or larger than memory can be. */
  | 'INVALID_RECTANGLE'
  /** A pixel array whose length does not match rectangle and format. */
  | 'WRONG_LENGTH'
  /** The connection would make a node depend on itself. */
  | 'CYCLE'
  /** A node on the way has nothing connected to an input that it needs. */
  | 'DISCONNECTED_INPUT'
  /** The node's result is an infinite plane; say which rectangle is wanted. */
  | 'INFINITE_EXTENT'
  /** The bytes are no picture of a supported format, or are damaged. */
  | 'INVALID_FILE'
  /** An object of another engine, or an argument of the wrong type. */
  | 'INVALID_ARGUMENT'
  /** GEGL refused, for the reason that it gave in `glibMessage`. */
  | 'GEGL_FAILED';

/** A message of GLib, GEGL or babl, or a line that they printed. */
export interface GeglMessage {
  readonly level: 'error' | 'critical' | 'warning' | 'message' | 'info' | 'debug' | 'print';
  /** `'GEGL'`, `'GLib-GObject'`, ...; `'stdout'` and `'stderr'` for printed lines. */
  readonly domain: string;
  readonly text: string;
}

export interface GeglErrorDetails {
  /** The nearest right names, best first; empty where there are none. */
  readonly suggestions?: readonly string[];
  /** The last message that GLib, GEGL or babl gave during the failed call. */
  readonly glibMessage?: GeglMessage | null;
  readonly cause?: unknown;
}

export class GeglError extends Error {
  override readonly name = 'GeglError';
  readonly code: GeglErrorCode;
  readonly suggestions: readonly string[];
  readonly glibMessage: GeglMessage | null;

  constructor(code: GeglErrorCode, message: string, details: GeglErrorDetails = {}) {
    const { suggestions = [], glibMessage = null, cause } = details;
    const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(', ')}?` : '';
    const said = glibMessage ? ` (${glibMessage.domain}: ${glibMessage.text.trim()})` : '';
    super(message + hint + said, cause === undefined ? undefined : { cause });
    this.code = code;
    this.suggestions = suggestions;
    this.glibMessage = glibMessage;
  }
}

/** The up to `limit` names nearest to `wanted`, best first; none that is not near at all. */
export function nearestNames(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const target = wanted.toLowerCase();
  const ranked: { name: string; distance: number }[] = [];
  for (const name of names) {
    const distance = editDistance(target, name.toLowerCase());
    const contains = target.length > 2 && name.toLowerCase().includes(target);
    const longest = Math.max(target.length, name.length);
    if (contains || distance <= Math.max(longest * 0.4, longest > 2 ? 2 : 0)) {
      ranked.push({ name, distance: contains ? Math.min(distance, 2) : distance });
    }
  }
  ranked.sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name));
  return ranked.slice(0, limit).map((entry) => entry.name);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

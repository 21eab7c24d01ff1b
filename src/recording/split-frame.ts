// A line of a stack, as any engine or this profiler writes it: where its function ends and its place begins. Names of C++
// have parentheses of their own. In one pass, since a recording may come from a stranger.

/** What engines say where there is no file, and how else a place ends: `:2` of `a.js:1:2`, `:0x1f` of a module. */
const PLACE = /^(native|<anonymous>|index \d+|:(\d+|0x[\da-f]+))$/;
/** `<?>.wasm-function[NAME]` of WebKit. */
const IN_WASM = 'wasm-function[';

const OPEN = '('.charCodeAt(0);
const CLOSE = ')'.charCodeAt(0);

export interface SplitFrame {
  /** Empty where it has none. */
  readonly name: string;
  /** Empty where it has none, as functions of a module. */
  readonly place: string;
}

/** Of `at f (place)`, `at async f (place)`, `at place`, `f (place)`, `f@place`, `place` and `f`. */
export function splitFrame(line: string): SplitFrame {
  const trimmed = line.trim();
  const isV8 = trimmed.startsWith('at ');
  const text = isV8 ? trimmed.replace(/^at (async )?/, '') : trimmed;
  const open = openOf(text);
  const inner = text.slice(open + 1, -1);
  if (open >= 0 && isPlace(inner)) return { name: text.slice(0, open).trimEnd(), place: inner };
  const at = isV8 ? -1 : text.indexOf('@');
  // Addresses have it, too: `/@scope/a.js:1:2`, `https://cdn.test/lib@1.0/a.js:1:2`.
  if (at >= 0 && text[at - 1] !== '/' && text.lastIndexOf('://', at) < 0) {
    return { name: unwrapped(text.slice(0, at)), place: text.slice(at + 1) };
  }
  return isPlace(text) ? { name: '', place: text } : { name: text, place: '' };
}

function isPlace(text: string): boolean {
  return PLACE.test(text.slice(Math.max(text.lastIndexOf(':'), 0)));
}

/** Of the parenthesis that the last character closes; -1: it closes none. */
function openOf(text: string): number {
  if (!text.endsWith(')')) return -1;
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at);
    if (code === CLOSE) depth++;
    else if (code === OPEN && --depth === 0) return at;
  }
  return -1;
}

function unwrapped(name: string): string {
  const at = name.indexOf(IN_WASM);
  return at >= 0 && name.endsWith(']') ? name.slice(at + IN_WASM.length, -1) : name;
}

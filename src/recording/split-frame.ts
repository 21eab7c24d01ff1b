// A line of a stack, as any engine or this profiler writes it: where its function ends and its place begins. Names of C++
// have parentheses of their own. In one pass, since a recording may come from a stranger.

/** `a.js:1:2`, `a.wasm:wasm-function[3]:0x1f`, and what engines say where there is no file. */
const PLACE = /(^native|^<anonymous>|^index \d+|:(\d+|0x[\da-f]+))$/;
/** `<?>.wasm-function[NAME]` of WebKit. */
const IN_WASM = 'wasm-function[';

export interface SplitFrame {
  /** Empty where it has none. */
  readonly name: string;
  /** Empty where it has none, as functions of a module. */
  readonly place: string;
}

/** Of `at f (place)`, `at async f (place)`, `at place`, `f (place)`, `f@place`, `place` and `f`. */
export function splitFrame(line: string): SplitFrame {
  const trimmed = line.trim();
  const text = trimmed.replace(/^at (async )?/, '');
  const open = text.endsWith(')') ? openOf(text) : -1;
  const inner = text.slice(open + 1, -1);
  if (open >= 0 && PLACE.test(inner)) return { name: text.slice(0, open).trimEnd(), place: inner };
  const [name = '', ...rest] = text === trimmed ? text.split('@') : [];
  // Addresses have it, too: `/@scope/a.js:1:2`, `https://cdn.test/lib@1.0/a.js:1:2`.
  if (rest.length > 0 && !/\/$|:\/\//.test(name)) {
    return { name: unwrapped(name), place: rest.join('@') };
  }
  return PLACE.test(text) ? { name: '', place: text } : { name: text, place: '' };
}

/** Of the parenthesis that the last one closes; -1: there is none. */
function openOf(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(' && --depth === 0) return at;
  }
  return -1;
}

function unwrapped(name: string): string {
  const at = name.indexOf(IN_WASM);
  return at >= 0 && name.endsWith(']') ? name.slice(at + IN_WASM.length, -1) : name;
}

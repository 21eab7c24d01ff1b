// Stacks as engines write them, with frames of JavaScript and wasm, taken apart.

import { splitFrame } from '../../recording/split-frame.ts';

/** A frame as its engine shows it: of wasm where `index` or a name without a place is known. */
export interface ParsedFrame {
  /** Null where it has none. */
  readonly name: string | null;
  /** Of the script or module; null where there is none. */
  readonly url: string | null;
  readonly isWasm: boolean;
  /** Function index. */
  readonly index: number | null;
  /** Byte offset in the module. */
  readonly offset: number | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** `wasm://wasm/1a2b:wasm-function[244]:0x112e0`; WebKit knows no offset. */
const WASM_PLACE = /^(?<url>.*?):?wasm-function\[(?<index>\d+)\](?::0x(?<offset>[0-9a-f]+))?$/;
const SCRIPT_PLACE = /^(?<url>.*?)(?::(?<line>\d+))?(?::(?<column>\d+))?$/;
/** What the platform shows without a place of its own. */
const NOWHERE = /^(native|<anonymous>|\[native code\]|\[wasm code\]|index \d+|)$/;
const HEADING = /^\w*Error(:|$)/;

/** Takes stacks apart, each of their lines once: the same line is the same object. */
export class FrameParser {
  readonly #frames = new Map<string, ParsedFrame | null>();

  /** Innermost first. Lines that are no frames are left out. */
  parse(stack: string): ParsedFrame[] {
    return stack.split('\n').flatMap((line) => {
      let frame = this.#frames.get(line);
      if (frame === undefined) {
        frame = parseFrame(line.trim());
        this.#frames.set(line, frame);
      }
      return frame ?? [];
    });
  }
}

function parseFrame(line: string): ParsedFrame | null {
  if (line === '' || HEADING.test(line)) return null;
  const { name, place } = splitFrame(line);
  if (place === '') return null;
  return (
    wasmFrame(name, place, line.includes('wasm-function[')) ??
    scriptFrame(name.replace(/ \[as [^[\]]*\]$/, ''), place)
  );
}

/** @param isWasm where its place does not tell, as in WebKit. */
function wasmFrame(name: string, place: string, isWasm: boolean): ParsedFrame | null {
  const at = WASM_PLACE.exec(place)?.groups;
  if (!at && !(isWasm && NOWHERE.test(place))) return null;
  const index = at?.index ?? (/^\d+$/.test(name) ? name : undefined);
  return {
    name: name === index ? null : name || null,
    url: at?.url || null,
    isWasm: true,
    index: index === undefined ? null : Number(index),
    offset: at?.offset === undefined ? null : Number.parseInt(at.offset, 16),
    line: null,
    column: null,
  };
}

function scriptFrame(name: string, place: string): ParsedFrame {
  const { url = '', line, column } = SCRIPT_PLACE.exec(place)?.groups ?? {};
  return {
    // SpiderMonkey says by what it was called later: `async*`, `setTimeout handler*`.
    name: name.slice(name.lastIndexOf('*') + 1) || null,
    url: NOWHERE.test(url) ? null : url,
    isWasm: false,
    index: null,
    offset: null,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
  };
}

// Stacks of sites as text: which line of the application they pass through, and which functions they come from.

import { splitFrame } from '../recording/split-frame.ts';

/** `paint (src/brush.js:12:7)`, `src/brush.js:12:7`; functions of a module have no column. */
const SCRIPT = /:\d+:\d+\)?$/;

/** Frames from the allocation on in which a cache must show. */
const DEPTH = 6;

/** Whether a stack's blocks are kept on purpose by one of these functions. */
export function isBelow(functions: RegExp, stack: readonly string[]): boolean {
  return stack.slice(0, DEPTH).some((frame) => functions.test(nameIn(frame)));
}

/** `f` of `f`, `f (file:1)` and `f (file:1:2)`. */
export function nameIn(frame: string): string {
  return splitFrame(frame).name || frame;
}

/** Whether a frame is a line of a script, which a person wrote and can change. */
export function isScriptLine(frame: string): boolean {
  return SCRIPT.test(frame);
}

/** The innermost line of a script; the whole stack where there is none. */
export function applicationLine(stack: readonly string[]): string {
  return stack.find(isScriptLine) ?? stack.join('\n');
}

/** The function of a frame with its file, without the line. */
export function functionWithFile(frame: string): string {
  return frame
    .replace(/^at (async )?/, '')
    .replace('file://', '')
    .replace(/:\d+:\d+\)?$/, '');
}

/** `a.js:1:2` of `at f (a.js:1:2)`, `f (a.js:1:2)`, `f@a.js:1:2`; scripts of files with or without their scheme. */
export function placeIn(frame: string): string {
  const { name, place } = splitFrame(frame);
  return (place || name).replace(/^file:\/\//, '');
}

/** As a finding tells it. */
export function stackText(stack: readonly string[]): string {
  return stack.map((frame) => `at ${frame}`).join('\n');
}

/** Without servers and schemes, which differ from run to run: `/src/brush.js:12:7` of `http://127.0.0.1:8080/src/brush.js:12:7`. */
export function anyOrigin(text: string): string {
  return text.replace(/\b[a-z][a-z\d+.-]{0,20}:\/\/[^/\s)]*\//g, '/');
}

/** Without lines and columns, which move when a file is edited: `paint (brush.js)` of `paint (brush.js:12:7)`. */
export function anyLine(text: string): string {
  return text.replace(/:\d+(:\d+)?(?=\)?$)/gm, '');
}

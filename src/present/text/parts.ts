// What the sections of a report are made with.

import { formatBytes } from '../../analyze/figures.ts';
import { type Paint, painter, wrap } from './layout.ts';

export interface FormatOptions {
  /** Columns of text; 80 when left out, at least 60. */
  readonly width?: number;
  /** Whether to color by ANSI codes. False when left out. */
  readonly color?: boolean;
  /** A folder, file URL or origin: paths in stacks are shown relative to it. */
  readonly root?: string;
}

const MIN_WIDTH = 60;

export interface Context {
  readonly width: number;
  readonly paint: Paint;
  readonly root: string;
}

export function contextOf({ width = 80, color = false, root = '' }: FormatOptions): Context {
  return { width: Math.max(width, MIN_WIDTH), paint: painter(color), root };
}

/** What steers a terminal, but for the codes of `painter()`. */
const CONTROL = /\p{Cc}\[(?:1|22?|3[1369])m|[^\P{Cc}\n]/gu;
const ESCAPE = '\u001b';

/** Sections with an empty line between them. A recording may come from a stranger, so nothing in it reaches the terminal but text. */
export function textOf(sections: readonly (readonly string[])[]): string {
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  const keep = (code: string) => (code.length > 1 && code.startsWith(ESCAPE) ? code : '');
  return `${text.replace(CONTROL, keep)}\n`;
}

export function bytes(value: number | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : formatBytes(value);
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => ' '.repeat(by) + line);
}

export function explain(text: string, width: number, paint: Paint): string[] {
  return indent(wrap(text, width - 2).map((line) => paint('dim', line)));
}

/** Paths relative to the application’s folder, or to an origin. */
export function withoutRoot(text: string, root: string): string {
  if (root === '') return text;
  const path = root.replace(/^file:\/\//, '').replace(/\/$/, '');
  return text.replace('file://', '').replace(`${path}/`, '');
}

export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** The application's line, and by which functions it came from there to the allocation, innermost first. */
export function sitePath(
  { title, frames }: { readonly title: string; readonly frames: readonly string[] },
  most: number,
  { paint, width, root }: Context,
): string[] {
  const short = (text: string) => clip(withoutRoot(text, root), width - 9);
  const callees = frames.slice(0, Math.max(frames.indexOf(title), 0)).slice(0, most);
  return [
    paint('cyan', `  at ${short(title)}`),
    ...callees.map((frame) => paint('dim', `    by ${short(frame)}`)),
  ];
}

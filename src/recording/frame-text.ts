// A frame of an allocation site as text.

import type { SiteFrame, SiteFunction } from './site-tables.ts';

/** `gegl_tile_alloc`, `wasm-function[244]`, `paint (src/brush.js:12:7)`. */
export function frameText(frame: SiteFrame): string {
  const { name, url, kind, line, column } = frame;
  if (kind === 'wasm') {
    const called = functionName(frame);
    return line === null ? called : `${called} (${url}:${line})`;
  }
  const place = [url ?? 'native', line, column].filter((part) => part !== null).join(':');
  return name === null ? place : `${name} (${place})`;
}

/** `gegl_tile_alloc`, `wasm-function[244]`, `(anonymous)`. */
export function functionName({ name, kind, index }: SiteFunction): string {
  return name ?? (kind === 'wasm' ? `wasm-function[${index}]` : '(anonymous)');
}

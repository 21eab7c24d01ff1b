// A frame of an allocation site as text.

import type { SiteFrame } from './site-tables.ts';

/** `gegl_tile_alloc`, `wasm-function[244]`, `paint (src/brush.js:12:7)`. */
export function frameText({ name, url, kind, index, line, column }: SiteFrame): string {
  if (kind === 'wasm') {
    const called = name ?? `wasm-function[${index}]`;
    return line === null ? called : `${called} (${url}:${line})`;
  }
  const place = [url ?? 'native', line, column].filter((part) => part !== null).join(':');
  return name === null ? place : `${name} (${place})`;
}

// A font, from the package of one.

import { readPackageFile, requireFresh } from './packages.ts';

export interface Woff2Binding {
  onRuntimeInitialized(): void;
  compress?(font: Uint8Array): Uint8Array | false;
  decompress?(font: Uint8Array): Uint8Array | false;
}

export function loadWoff2(which: 'compress' | 'decompress'): Promise<Woff2Binding> {
  const binding = requireFresh<Woff2Binding>(`wawoff2/build/${which}_binding.js`);
  return new Promise((resolve) => {
    binding.onRuntimeInitialized = () =>
      resolve({ [which]: binding[which], onRuntimeInitialized() {} });
  });
}

export const compressedFont = readPackageFile(
  '@fontsource/dejavu-mono/files/dejavu-mono-latin-400-normal.woff2',
);

/** As TrueType. */
export async function readFont(): Promise<Uint8Array> {
  const font = (await loadWoff2('decompress')).decompress?.(compressedFont);
  if (!font) throw new Error('the font could not be decompressed');
  return font.slice();
}

/** A smaller font, of some of the tables of another. */
export function withTables(font: Uint8Array, tags: readonly string[]): Uint8Array {
  const view = new DataView(font.buffer, font.byteOffset, font.length);
  const tables = Array.from({ length: view.getUint16(4) }, (_, at) => {
    const entry = 12 + 16 * at;
    const tag = String.fromCharCode(...font.subarray(entry, entry + 4));
    return { tag, entry, start: view.getUint32(entry + 8), length: view.getUint32(entry + 12) };
  }).filter(({ tag }) => tags.includes(tag));
  const header = 12 + 16 * tables.length;
  const padded = (length: number) => Math.ceil(length / 4) * 4;
  const bytes = new Uint8Array(tables.reduce((sum, table) => sum + padded(table.length), header));
  const made = new DataView(bytes.buffer);
  bytes.set(font.subarray(0, 12));
  made.setUint16(4, tables.length);
  let place = header;
  for (const [at, { entry, start, length }] of tables.entries()) {
    bytes.set(font.subarray(entry, entry + 16), 12 + 16 * at);
    made.setUint32(12 + 16 * at + 8, place);
    bytes.set(font.subarray(start, start + length), place);
    place += padded(length);
  }
  return bytes;
}

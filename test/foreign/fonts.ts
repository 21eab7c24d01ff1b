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

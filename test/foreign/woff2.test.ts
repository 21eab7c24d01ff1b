import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { compressedFont, loadWoff2 } from './fonts.ts';

describeForeign({
  name: 'woff2 (and brotli): decompressor and compressor',
  modules: [
    { source: 'glue', allocator: 'dlmalloc', blocks: 100 },
    { source: 'glue', allocator: 'dlmalloc', blocks: 100 },
  ],
  async run() {
    const { decompress } = await loadWoff2('decompress');
    const { compress } = await loadWoff2('compress');
    const font = decompress?.(compressedFont);
    const compressed = font && compress?.(font);
    const again = compressed && decompress?.(compressed);
    return { font, compressed, again, refused: decompress?.(new Uint8Array(100)) };
  },
  check({ font, again, refused }) {
    expect(again).toEqual(font);
    expect(refused).toBe(false);
  },
});

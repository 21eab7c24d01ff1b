import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { compressedFont, loadWoff2, withTables } from './fonts.ts';

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
    // To compress all of it takes seconds.
    const small =
      font && withTables(font, ['head', 'hhea', 'hmtx', 'maxp', 'cmap', 'name', 'GPOS']);
    const compressed = small && compress?.(small);
    const again = compressed && decompress?.(compressed);
    return { font, small, compressed, again, refused: decompress?.(new Uint8Array(100)) };
  },
  check({ small, again, refused }) {
    // Checksums are made anew; the last table stays as it was.
    expect((again as Uint8Array).slice(-1000)).toEqual((small as Uint8Array).slice(-1000));
    expect((again as Uint8Array).length).toBe((small as Uint8Array).length);
    expect(refused).toBe(false);
  },
});

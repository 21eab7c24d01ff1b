import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { readFont } from './fonts.ts';
import { importFresh } from './packages.ts';

type Harfbuzz = typeof import('harfbuzzjs');

const font = await readFont();
const TEXT = 'Quick brown foxes, 0123456789: jump (over) 25 lazy dogs! ';

describeForeign({
  name: 'harfbuzz',
  modules: [{ source: 'export', allocator: 'dlmalloc', blocks: 200 }],
  async run() {
    const hb = await importFresh<Harfbuzz>('harfbuzzjs/dist/index.mjs');
    const shaper = new hb.Font(new hb.Face(new hb.Blob(font.slice().buffer)));
    const lines: unknown[] = [];
    const paths: string[] = [];
    for (let line = 1; line <= 40; line++) {
      const buffer = new hb.Buffer();
      buffer.addText(TEXT.repeat(line % 7 || 1).slice(line));
      buffer.guessSegmentProperties();
      hb.shape(shaper, buffer);
      const glyphs = buffer.getGlyphInfos().map(({ codepoint, cluster }) => [codepoint, cluster]);
      lines.push(glyphs, buffer.getGlyphPositions());
      for (const [glyph = 0] of glyphs) paths.push(shaper.glyphToPath(glyph));
    }
    return { lines: JSON.stringify(lines), paths: paths.join('\n') };
  },
  check({ lines, paths }) {
    const [glyphs] = JSON.parse(String(lines)) as number[][][];
    expect(glyphs?.map(([, cluster]) => cluster)).toEqual([...TEXT.slice(1)].map((_, at) => at));
    expect(String(paths)).toMatch(/^M[\d.,-]+[LQ]/);
  },
});

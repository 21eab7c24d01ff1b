// Stacks of a real bundle are shown by the lines that were written.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { loadFiles, resolveSourceMaps } from '../../src/present/source-maps/index.ts';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import { FrameParser } from '../../src/record/heap/stack-frames.ts';
import { type SiteRow, SiteTables } from '../../src/recording/site-tables.ts';
import type { Recording } from '../../src/recording/types.ts';
import { buildRecording } from '../analyze/build-recording.ts';
import { HEAP } from '../recording/heap-part.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-maps-'));
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'brush.ts'),
  `// A comment that is not in the bundle.
interface Stroke { readonly width: number }

export function paint(stroke: Stroke): string {
  return new Error(String(stroke.width)).stack ?? '';
}
`,
);
writeFileSync(
  join(folder, 'main.ts'),
  `import { paint } from './brush.ts';
function ccall(): string {
  return paint({ width: 3 });
}
console.log(ccall());
`,
);

/** The stack that a bundle prints when it runs. */
async function stackOf(name: string, sourcemap: 'linked' | 'inline' | false): Promise<string> {
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(folder, 'main.ts')],
    outfile,
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'iife',
    sourcemap,
  });
  return execFileSync(process.execPath, [outfile], { encoding: 'utf8' });
}

const ROW = Object.fromEntries(
  Object.keys(HEAP.sites?.figures ?? {}).map((name) => [name, 1]),
) as SiteRow;

function recordingOf(stack: string): Recording {
  const tables = new SiteTables();
  const frames = new FrameParser().parse(stack).map(({ isWasm: _, ...frame }) => frame);
  tables.add(
    frames.map((frame) => ({
      ...frame,
      kind: frame.url?.startsWith(folder) ? 'glue' : 'platform',
    })),
    ROW,
  );
  const sites = tables.build({ mean: 1, captures: 1, time: 0 });
  return { ...buildRecording({ stacks: [stack] }), heap: { ...HEAP, sites } };
}

function sitesOf(recording: Recording) {
  return MemoryProfiler.fromExport(JSON.stringify(recording)).getReport().sites ?? [];
}

describe('source maps', () => {
  it.each(['linked', 'inline'] as const)('lead to the line that was written (%s)', async (kind) => {
    const stack = await stackOf(`${kind}.js`, kind);
    expect(stack).not.toContain('brush.ts');
    const recording = recordingOf(stack);
    const text = JSON.stringify(recording);
    const resolved = await resolveSourceMaps(recording, { load: loadFiles({ [folder]: folder }) });
    expect(JSON.stringify(recording)).toBe(text);

    const [shown = ''] = resolved.objects.stacks;
    expect(shown).toContain(`${join(folder, 'brush.ts')}:5:10`);
    expect(shown).toContain(`${join(folder, 'main.ts')}:3:10`);
    // Frames of the platform stay.
    expect(shown.match(/node:internal.*/)?.[0]).toBe(stack.match(/node:internal.*/)?.[0]);

    const [site] = sitesOf(resolved);
    expect(site?.title).toBe(`paint (${join(folder, 'brush.ts')}:5:10)`);
    // The bundle was glue as a whole; of its sources, only the one with the glue is.
    expect(site?.frames.slice(0, 2).map((frame) => frame.kind)).toEqual(['application', 'glue']);
  });

  it('are found for a site whose files lie in a folder, and never outside of it', async () => {
    const stack = (await stackOf('site.js', 'linked')).replaceAll(
      `${folder}/site.js`,
      'https://app.test/assets/site.js',
    );
    const folders = { 'https://app.test/assets/': folder };
    const load = loadFiles(folders);
    const resolved = await resolveSourceMaps(recordingOf(stack), { load });
    expect(resolved.objects.stacks[0]).toContain('https://app.test/assets/brush.ts:5:10');
    expect(await load('https://app.test/assets/..%2fpackage.json')).toBeNull();
    expect(await load('https://elsewhere.test/site.js')).toBeNull();
    expect(await load('https://app.test/assets/site.js?v=2')).toBe(
      readFileSync(join(folder, 'site.js'), 'utf8'),
    );
  });

  it('are found for scripts with spaces and parentheses in their address', async () => {
    const stack = (await stackOf('spaced.js', 'linked')).replaceAll(
      `${folder}/spaced.js`,
      'https://app.test/my (old) files/spaced.js',
    );
    const load = (address: string) => {
      const name = address.split('/').at(-1) ?? '';
      return readFileSync(join(folder, decodeURIComponent(name)), 'utf8');
    };
    const resolved = await resolveSourceMaps(recordingOf(stack), { load });
    expect(resolved.objects.stacks[0]).toMatch(/at paint \(https:.*brush\.ts:5:10\)\n/);
    expect(resolved.objects.stacks[0]).not.toContain('spaced.js');
  });

  it('change nothing where there are none, or broken ones', async () => {
    const recording = recordingOf(await stackOf('plain.js', false));
    const load = loadFiles({ [folder]: folder });
    expect(await resolveSourceMaps(recording, { load })).toEqual(recording);
    for (const map of ['{', '{}', 'null', '{"version":3,"sources":[],"mappings":"!"}']) {
      const broken = (address: string) =>
        address.endsWith('.map') ? map : '//# sourceMappingURL=plain.js.map';
      expect(await resolveSourceMaps(recording, { load: broken })).toEqual(recording);
    }
    const failing = () => {
      throw new Error('not there');
    };
    expect(await resolveSourceMaps(recording, { load: failing })).toEqual(recording);
  });

  it('of the module lead to its own sources', async () => {
    const recording = { ...buildRecording(), heap: HEAP };
    // From byte 0 on line 1 of the first source, from byte 70,000 on line 11.
    const wasmSourceMap = JSON.stringify({
      version: 3,
      sources: ['gegl/buffer/gegl-tile-alloc.c'],
      names: [],
      mappings: 'AAAA,g3oEAUA',
    });
    const resolved = await resolveSourceMaps(recording, { load: () => null, wasmSourceMap });
    const [site] = sitesOf(resolved);
    expect(site?.allocatedBy).toBe(
      'gegl_tile_alloc (https://app.test/gegl/buffer/gegl-tile-alloc.c:11)',
    );
    expect(site?.frames[0]).toMatchObject({ kind: 'wasm', offset: 70_368, index: 244 });
  });
});

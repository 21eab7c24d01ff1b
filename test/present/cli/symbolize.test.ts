// Names and source lines into recordings of real GEGL and of a real bundle.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listSites } from '../../../src/analyze/sites.ts';
import { readSymbols } from '../../../src/instrument/index.ts';
import { customSection, parseModule } from '../../../src/instrument/module.ts';
import { parseRecording } from '../../../src/recording/parse.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { buildRecording } from '../../analyze/build-recording.ts';
import { assemble } from '../../instrument/assemble.ts';
import { recordTrackedSession } from '../formats/tracked-session.ts';
import { makeFolder, type } from './command-line.ts';

const file = makeFolder();
const here = process.cwd();
afterEach(() => process.chdir(here));
const GEGL = new URL('../../../native/out/gegl.wasm', import.meta.url);

function sitesOf({ heap }: Recording) {
  return heap?.sites ? listSites(heap.sites, Number.POSITIVE_INFINITY) : [];
}

describe('symbolize --symbols', () => {
  const bytes = readFileSync(GEGL);
  let plain: Recording;
  let input: string;

  beforeAll(async () => {
    const section = customSection(parseModule(bytes), 'name');
    if (!section) throw new Error('gegl.wasm has no names');
    const nameless = [bytes.subarray(0, section.start), bytes.subarray(section.end)];
    plain = await recordTrackedSession(Buffer.concat(nameless));
    input = file('plain.json', JSON.stringify(plain));
  });

  const symbolized = async (symbols: string) => {
    const output = file('named.json');
    const { code, err } = await type('symbolize', input, '--symbols', symbols, '-o', output);
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/named\.json: (\d+) of \1 functions without a name were named\n$/),
    ]);
    return parseRecording(readFileSync(output, 'utf8'));
  };

  it('names the functions by the twin that was not stripped, or by a symbol map', async () => {
    expect(sitesOf(plain)[0]?.allocatedBy).toMatch(/^wasm-function\[\d+\]$/);
    const named = await symbolized(file('twin.wasm', bytes));
    expect(sitesOf(named)[0]?.allocatedBy).toBe('gegl_tile_alloc');
    // What only passes allocations on is left out, as where the names were known from the start.
    expect(sitesOf(named).map(({ allocatedBy }) => allocatedBy)).not.toContain('g_malloc');
    const lines = [...readSymbols(bytes)].map(([index, name]) => `${index}:${name}\n`);
    expect(await symbolized(file('gegl.js.symbols', lines.join('')))).toEqual(named);
  });

  it('refuses names of another build', async () => {
    const other = assemble('(module (func $one) (func $two))');
    for (const symbols of [file('other.wasm', other), file('other.symbols', '0:one\n1:two\n')]) {
      const output = file('none.json');
      const { code, err } = await type('symbolize', input, '--symbols', symbols, '-o', output);
      expect([code, err]).toEqual([1, expect.stringMatching(/belongs to another build/)]);
    }
  });
});

describe('symbolize --source-maps', () => {
  const SCRIPT = 'https://app.test/editor/assets/app.js';

  /** A recording of an object that was made in a bundle. */
  async function bundled(): Promise<string> {
    file('brush.ts', '// Not in the bundle.\nexport const paint = () => new Error("x").stack;\n');
    const main = file('main.ts', 'import { paint } from "./brush.ts";\nconsole.log(paint());\n');
    await build({
      entryPoints: [main],
      outfile: file('app.js'),
      bundle: true,
      minify: true,
      format: 'iife',
      sourcemap: 'linked',
    });
    return execFileSync(process.execPath, [file('app.js')], { encoding: 'utf8' });
  }

  it('shows lines of the sources, by a folder that has what the site has, or as they lie', async () => {
    const stack = await bundled();
    const made = (url: string) =>
      file(
        'bundled.json',
        JSON.stringify(buildRecording({ stacks: [stack.replaceAll(file('app.js'), url)] })),
      );
    const stacksBy = async (url: string, sourceMaps: string) => {
      const output = file('lines.json');
      const ran = await type('symbolize', made(url), '--source-maps', sourceMaps, '-o', output);
      expect(ran.code).toBe(0);
      return [ran.err, parseRecording(readFileSync(output, 'utf8')).objects.stacks[0]] as const;
    };
    const [err, fromSite] = await stacksBy(SCRIPT, dirname(file('app.js')));
    expect(err).toMatch(/lines\.json: [1-9]\d* places are lines of sources now/);
    expect(fromSite).toContain('https://app.test/editor/assets/brush.ts:2:');
    expect(fromSite).toContain('https://app.test/editor/assets/main.ts:2:');
    process.chdir(dirname(file('app.js')));
    // As it is typed: from where one stands.
    expect(await stacksBy(SCRIPT, '.')).toEqual([err, fromSite]);
    process.chdir('..');
    expect(await stacksBy(SCRIPT, basename(dirname(file('app.js'))))).toEqual([err, fromSite]);
    process.chdir(dirname(file('app.js')));
    const [, asItLies] = await stacksBy(file('app.js'), 'auto');
    expect(asItLies).toContain(`${file('brush.ts')}:2:`);
    const [nothing, same] = await stacksBy(SCRIPT, 'auto');
    expect(nothing).toMatch(/ 0 places are lines of sources now/);
    expect(same).toContain(`${SCRIPT}:1:`);
  });

  it('auto reads nothing outside of the working directory, by path, map or link', async () => {
    const stack = await bundled();
    mkdirSync(file('project'));
    symlinkSync(file('app.js'), file('project/link.js'));
    file('project/mapped.js', '//# sourceMappingURL=../app.js.map\n');
    execFileSync('mkfifo', [file('project/pipe.js')]);
    process.chdir(file('project'));
    for (const named of ['app.js', 'project/link.js', 'project/mapped.js', 'project/pipe.js']) {
      const stacks = [stack.replaceAll(file('app.js'), file(named))];
      const input = file('foreign.json', JSON.stringify(buildRecording({ stacks })));
      const output = file('copy.json');
      const { code, err } = await type('symbolize', input, '--source-maps', 'auto', '-o', output);
      expect(code).toBe(0);
      expect(err).toMatch(/ 0 places .*"auto" reads files below \S+project only/);
      expect(parseRecording(readFileSync(output, 'utf8')).objects.stacks, named).toEqual(stacks);
    }
  });

  it('reads nothing outside of its folder', async () => {
    const recording = buildRecording({ stacks: [`at f (https://a.test/..%2f..%2fapp.js:1:1)`] });
    const input = file('escaping.json', JSON.stringify(recording));
    const output = file('escaped.json');
    const { code } = await type('symbolize', input, '--source-maps', dirname(input), '-o', output);
    expect(code).toBe(0);
    expect(parseRecording(readFileSync(output, 'utf8')).objects).toEqual(recording.objects);
  });
});

describe('symbolize refuses', () => {
  const input = file('empty.json', JSON.stringify(buildRecording()));
  const output = file('unused.json');

  it.each([
    ['nothing to do', [], 2, /give --symbols, --source-maps/],
    ['a recording without a tracked heap', ['--symbols', input], 1, /empty\.json has no functions/],
    ['what is no folder', ['--source-maps', input], 1, /empty\.json is no folder/],
    ['what is no source map', ['--wasm-source-map', input], 1, /empty\.json is no source map/],
    ['a file that is not there', ['--wasm-source-map', 'none.map'], 1, /none\.map could not be/],
  ] as const)('%s', async (_what, options, code, message) => {
    const ran = await type('symbolize', input, ...options, '-o', output);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(message);
  });
});

// `-o -`: what a command writes goes to stdout, and what it says of it to stderr. Scripts run in the built parts.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRecording } from '../../../src/recording/parse.ts';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { ALLOCATING } from '../../instrument/load/modules.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { COMMAND, makeFolder, type } from './command-line.ts';

const file = makeFolder();
const recording = { ...buildRecording({ heapUsed: [MB, 2 * MB] }), heap: HEAP };
const input = file('recording.json', JSON.stringify(recording));
const module = file('in.wasm', ALLOCATING);
const script = file('script.mjs', "console.log('the script speaks');\n");

const here = process.cwd();
mkdirSync(file('empty'));
process.chdir(file('empty'));
afterAll(() => process.chdir(here));

describe('-o - writes to stdout', () => {
  it.each([
    ['convert', [input, '--to', 'csv'], ''],
    ['convert', [input, '--to', 'pprof'], ''],
    ['report', [input], 'stdout: '],
    ['symbolize', [input, '--source-maps', '.'], 'stdout: 0 places are lines of sources now\n'],
    ['instrument', [module], `${module} -> stdout: `],
  ])('%s', async (command, args, said) => {
    const kept = file('kept');
    expect((await type(command, ...args, '-o', kept)).code).toBe(0);
    const { code, out, err } = await type(command, ...args, '-o', '-');
    expect([code, existsSync('-')]).toEqual([0, false]);
    expect(Buffer.from(out, /^[\0-\xff]*$/.test(out) ? 'latin1' : 'utf8')).toEqual(
      readFileSync(kept),
    );
    expect(err.startsWith(said)).toBe(true);
  });

  it('run: nothing but the recording, whatever the script prints', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'run', script, '-o', '-'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(parseRecording(stdout).snapshots.elapsed.length).toBeGreaterThan(0);
    expect(stderr).toMatch(/^the script speaks\n/);
    expect(stderr).toMatch(/The recording is in stdout\.\n$/);
    expect(existsSync('-')).toBe(false);
  });

  it('run: findings are for people, so that they go to stderr', async () => {
    const leaking = file(
      'leaking.mjs',
      `import { Gegl } from ${JSON.stringify(new URL('../../../dist/esm/gegl.js', import.meta.url).href)};
await Gegl.init();
const kept = [];
export const leak = () => kept.push(Gegl.createBuffer({ width: 50, height: 50 }));
`,
    );
    const scenario = file('leak.mjs', 'export const action = (module) => module.leak();\n');
    const { code, out, err } = await type('run', leaking, '--scenario', scenario, '-o', '-');
    expect(code).toBe(1);
    expect(parseRecording(out).objects.totals.buffers.created).toBeGreaterThan(6);
    expect(err).toMatch(/^1 leak in 7 runs\n/);
  });

  it.each([
    ['instrument', [module]],
    ['run', [script]],
  ])('%s: refuses --json beside it', async (command, args) => {
    const { code, out, err } = await type(command, ...args, '-o', '-', '--json');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/--json prints to stdout, which "-o -" takes/);
  });

  it('and ./- is a file of that name', async () => {
    expect((await type('convert', input, '--to', 'csv', '-o', './-')).code).toBe(0);
    expect(readFileSync('-', 'utf8')).toMatch(/^elapsed/);
  });
});

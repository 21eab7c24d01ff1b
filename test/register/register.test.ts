// node --import gegl-memory-profiler/register: programs that know nothing of it, with their threads.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Figures {
  readonly liveBytes: number;
  readonly liveBlocks: number;
  readonly allocatedBlocks: number;
}

interface Told {
  readonly figures: readonly Figures[];
  readonly warnings: readonly object[];
  readonly used: number;
  readonly sums: readonly number[];
  readonly before: readonly Figures[];
  readonly main: readonly Figures[];
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'register-'));
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/register/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    outfile: join(folder, 'register.mjs'),
  });
});
afterAll(() => rm(folder, { recursive: true }));

async function run(
  program: string,
  { MEMPROF, by = '--import', args = [] }: { MEMPROF?: string; by?: string; args?: string[] } = {},
): Promise<Told & { errors: string }> {
  const register = join(folder, 'register.mjs');
  const { MEMPROF: _, NODE_OPTIONS: __, ...environment } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      ...(by === '--import' ? ['--import', register] : []),
      fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url)),
      ...args,
    ],
    {
      env: {
        ...environment,
        ...(MEMPROF !== undefined && { MEMPROF }),
        ...(by === 'NODE_OPTIONS' && { NODE_OPTIONS: `--import ${register}` }),
      },
    },
  );
  const told: Told = JSON.parse(stdout);
  return { ...told, errors: stderr };
}

/** No more is tracked than is used, and the difference is a header a block. */
function checkAgainstAllocator({ figures: [heap], used }: Told): void {
  const { liveBytes, liveBlocks } = heap ?? { liveBytes: Number.NaN, liveBlocks: Number.NaN };
  expect((used - liveBytes) / liveBlocks).toBeGreaterThan(4);
  expect((used - liveBytes) / liveBlocks).toBeLessThan(16);
}

const EXACT = { unknownFrees: 0, duplicateAllocations: 0, confidence: 'certain' };

describe('a program with a module', () => {
  it.each([
    ['gegl', 'export'],
    ['gegl-stripped', 'glue'],
  ])('is tracked: %s, whose allocator is found by %s', async (name, source) => {
    const told = await run('gegl', { args: [name] });
    expect(told.figures).toMatchObject([{ ...EXACT, mode: 'sampled', source }]);
    checkAgainstAllocator(told);
    expect([told.warnings, told.errors]).toEqual([[], '']);
  });

  it.each(['counts', 'sampled', 'all'])('is tracked as MEMPROF says: %s', async (mode) => {
    const told = await run('gegl', { MEMPROF: mode });
    expect(told.figures).toMatchObject([{ ...EXACT, mode }]);
    checkAgainstAllocator(told);
  });

  it('is left as it is where MEMPROF is off', async () => {
    const told = await run('gegl', { MEMPROF: 'off' });
    expect([told.figures, told.errors]).toEqual([[], '']);
    expect(told.used).toBeGreaterThan(100_000);
  });

  it('is left as it is, with a warning, where MEMPROF is no word that is known', async () => {
    const told = await run('gegl', { MEMPROF: 'everything' });
    expect(told.figures).toEqual([]);
    expect(told.errors).toMatch(/MEMPROF is "everything".*off, counts, sampled, all/);
  });

  it('is tracked where NODE_OPTIONS says so', async () => {
    const told = await run('gegl', { by: 'NODE_OPTIONS' });
    expect(told.figures).toMatchObject([EXACT]);
  });
});

describe('a program with threads', () => {
  let sums: readonly number[];

  beforeAll(async () => {
    ({ sums } = await run('threads', { by: 'nothing' }));
  });

  it.each([
    ['--import', []],
    ['NODE_OPTIONS', []],
    // Whose execArgv would not load us.
    ['--import', ['own']],
  ])('is tracked in all of them, by %s %j', async (by, args) => {
    const { figures, warnings, errors, ...told } = await run('threads', { by, args });
    expect(told.sums).toEqual(sums);
    expect(figures).toMatchObject([EXACT]);
    expect([warnings, errors]).toEqual([[], '']);
    const [{ allocatedBlocks } = { allocatedBlocks: 0 }] = figures;
    expect(allocatedBlocks).toBeGreaterThan(1000);
  });
});

describe('a worker with a module of its own', () => {
  it('is tracked there', async () => {
    const { before, figures, main, warnings, errors } = await run('worker');
    expect(figures).toMatchObject([EXACT]);
    expect(before[0]?.liveBytes).toBeGreaterThan(10_000);
    expect(figures[0]?.liveBytes).toBeLessThan(before[0]?.liveBytes ?? 0);
    expect(main).toEqual([]);
    expect([warnings, errors]).toEqual([[], '']);
  });

  it.each(['off', 'counts'])(
    'is as MEMPROF says, though it has an environment of its own: %s',
    async (mode) => {
      const { figures, errors } = await run('worker', { MEMPROF: mode, args: ['own'] });
      expect(figures).toMatchObject(mode === 'off' ? [] : [{ ...EXACT, mode }]);
      expect(errors).toBe('');
    },
  );
});

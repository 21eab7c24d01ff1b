// libvips: a program with threads, an allocator that is not dlmalloc, and side modules. It runs by itself, with
// and without register.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FoundAllocator } from '../../src/instrument/index.ts';
import type { HeapCounters, TrackMode } from '../../src/tracker/index.ts';

interface Told {
  /** Digests of what each round made. */
  readonly results: readonly (readonly string[])[];
  /** After each round. */
  readonly counters: readonly HeapCounters[];
  readonly heaps: readonly {
    readonly allocator: FoundAllocator;
    readonly sharedMemory: boolean;
    /** Bytes by site, and those of sites in other threads than the main one. */
    readonly siteBytes: number;
    readonly threadBytes: number;
  }[];
  readonly warnings: readonly unknown[];
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vips-'));
  await build({
    entryPoints: {
      register: path('../../src/register/index.ts'),
      'register-every-stack': path('programs/register-every-stack.ts'),
    },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
});
afterAll(() => rm(folder, { recursive: true }));

async function run(mode: TrackMode | null): Promise<Told> {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const script = mode === 'all' ? 'register-every-stack.mjs' : 'register.mjs';
  const register = mode === null ? [] : ['--import', join(folder, script)];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...register, path('programs/vips.mjs')],
    { env: { ...environment, ...(mode && { MEMPROF: mode }) } },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('wasm-vips', () => {
  let wanted: Told;
  beforeAll(async () => {
    wanted = await run(null);
    expect(wanted.heaps).toEqual([]);
    expect(new Set(wanted.results.map((round) => round.join())).size).toBe(1);
  });

  describe.each(['counts', 'sampled', 'all'] as const)('tracked in the mode %s', (mode) => {
    let told: Told;
    beforeAll(async () => {
      told = await run(mode);
    });

    it('does the same as without', () => {
      expect(told.results).toEqual(wanted.results);
      expect(told.warnings).toEqual([]);
    });

    it('has its mimalloc found by exports, and one heap for all of its threads', () => {
      expect(told.heaps).toMatchObject([
        { allocator: { source: 'export', confidence: 'certain' }, sharedMemory: true },
      ]);
    });

    it('is accounted for without a block unknown, whichever thread frees it', () => {
      for (const counters of told.counters) {
        expect(counters).toMatchObject({
          unknownFrees: 0,
          duplicateAllocations: 0,
          misaligned: 0,
          liveBytes: counters.allocatedBytes - counters.freedBytes,
          liveBlocks: counters.allocatedBlocks - counters.freedBlocks,
        });
      }
    });

    it('holds no more after each round of the same', () => {
      const [first, last] = [told.counters[0], told.counters.at(-1)];
      if (!first || !last) throw new Error('nothing was counted');
      const allocated = last.allocatedBytes - first.allocatedBytes;
      expect(allocated).toBeGreaterThan(50e6);
      // What a thread that goes on for a moment holds.
      expect(Math.abs(last.liveBytes - first.liveBytes)).toBeLessThan(allocated / 100);
    });

    if (mode !== 'all') return;
    it('has all its bytes at sites, those of other threads among them', () => {
      const [heap] = told.heaps;
      expect(heap?.siteBytes).toBe(told.counters.at(-1)?.allocatedBytes);
      expect(heap?.threadBytes).toBeGreaterThan(10e6);
      expect(heap?.threadBytes).toBeLessThan(heap?.siteBytes ?? 0);
    });
  });
});

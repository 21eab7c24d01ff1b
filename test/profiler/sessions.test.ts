// Profiling a share of the sessions: decided once a session. Each test is a session of its own, by a
// fresh copy of the modules; sessionStorage is a stand-in, since Node has none.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { afterThisTest } from './real-gegl.ts';

type Start = (sampleRate: number) => boolean;

/** Loads the profiler anew: a new page of the tab, or a new run of a program. */
async function newPage(): Promise<Start> {
  vi.resetModules();
  const { MemoryProfiler } = await import('../../src/profiler/index.ts');
  return (sampleRate) => {
    const profiler = new MemoryProfiler();
    const isProfiled = profiler.start({ sampleRate, sampleInterval: 1_000_000 });
    expect(profiler.isProfiling).toBe(isProfiled);
    expect(profiler.snapshots).toHaveLength(isProfiled ? 1 : 0);
    if (isProfiled) profiler.stop();
    return isProfiled;
  };
}

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
}

const page = globalThis as { sessionStorage?: unknown };

beforeEach(() => {
  afterThisTest(() => {
    vi.restoreAllMocks();
    delete page.sessionStorage;
  });
});

describe('the share of sessions', () => {
  it.each([
    [0, 0],
    [1, 1_000],
  ])('of %d is exact', async (rate, wanted) => {
    let profiled = 0;
    const start = await newPage();
    for (let count = 0; count < 1_000; count += 1) profiled += start(rate) ? 1 : 0;
    expect(profiled).toBe(wanted);
  });

  it('in between is met over many sessions', async () => {
    // A stand-in for chance, by which a share would be met only about: each hundredth comes once.
    const random = vi.spyOn(Math, 'random');
    let profiled = 0;
    for (let count = 0; count < 100; count += 1) {
      random.mockReturnValue(((37 * count) % 100) / 100);
      profiled += (await newPage())(0.2) ? 1 : 0;
    }
    expect(profiled).toBe(20);
  });

  it('is decided once: a session that is out stays out', async () => {
    page.sessionStorage = storage();
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const start = await newPage();
    expect(start(0.4)).toBe(false);
    random.mockReturnValue(0.01);
    expect(start(0.4)).toBe(false);
    // The next page of the same tab.
    expect((await newPage())(0.4)).toBe(false);
    // A new tab.
    page.sessionStorage = storage();
    expect((await newPage())(0.4)).toBe(true);
  });

  it('can be taken back to none and raised to all within a session', async () => {
    page.sessionStorage = storage();
    vi.spyOn(Math, 'random').mockReturnValue(0.3);
    const start = await newPage();
    expect([0.5, 0, 0.2, 0.4, 1].map(start)).toEqual([true, false, false, true, true]);
  });

  it('is decided by each page where storage is forbidden or holds nonsense', async () => {
    Object.defineProperty(globalThis, 'sessionStorage', {
      configurable: true,
      get() {
        throw new Error('SecurityError');
      },
    });
    vi.spyOn(Math, 'random').mockReturnValue(0.3);
    expect((await newPage())(0.5)).toBe(true);
    delete page.sessionStorage;
    for (const nonsense of ['true', '', '-1', '7', 'NaN']) {
      page.sessionStorage = { getItem: () => nonsense, setItem() {} };
      expect((await newPage())(0.5)).toBe(true);
      expect((await newPage())(0.1)).toBe(false);
    }
  });
});

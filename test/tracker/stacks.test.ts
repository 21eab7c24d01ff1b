import { afterEach, describe, expect, it } from 'vitest';
import { track } from './hooks.ts';

const { stackTraceLimit } = Error;
const format = Error.prepareStackTrace;
afterEach(() => {
  Error.stackTraceLimit = stackTraceLimit;
  Error.prepareStackTrace = format;
});

describe('in the mode all', () => {
  it('each stack is a site, with exact figures', () => {
    const { tracker, hooks } = track({ mode: 'all' });
    function onePlace(address: number, size: number) {
      hooks.allocated(address, size, 0);
    }
    function anotherPlace() {
      onePlace(4096, 1000);
    }
    for (let index = 0; index < 3; index++) onePlace(1024 + index * 64, 10);
    anotherPlace();
    hooks.freeing(1024);
    const sites = tracker
      .sites()
      .map(({ site, ...figures }) => ({ text: tracker.stackOf(site), ...figures }));
    const exact = { countVariance: 0, bytesVariance: 0 };
    expect(sites.length).toBe(2);
    expect(sites).toContainEqual({
      text: expect.stringMatching(/onePlace.*\n.*anotherPlace/),
      live: { samples: 1, count: 1, bytes: 1000, ...exact },
      total: { samples: 1, count: 1, bytes: 1000, ...exact },
      peakBytes: 1000,
      peakCount: 1,
    });
    expect(sites).toContainEqual({
      text: expect.not.stringContaining('anotherPlace'),
      live: { samples: 2, count: 2, bytes: 20, ...exact },
      total: { samples: 3, count: 3, bytes: 30, ...exact },
      peakBytes: 30,
      peakCount: 3,
    });
    expect(tracker.captures.count).toBe(4);
    expect(tracker.blockAt(4096)?.site).toBe(
      tracker.sites().find(({ live }) => live.bytes === 1000)?.site,
    );
  });

  it('a calling context is captured once', () => {
    const { tracker, hooks } = track({ mode: 'all' });
    for (let round = 0; round < 3; round++) {
      // Contexts use all 32 bits.
      for (let context = 1; context <= 5000; context++) {
        hooks.allocated(round * 5000 * 16 + context * 16, 8, Math.imul(context, 0x9e3779b1));
      }
    }
    expect(tracker.captures.count).toBe(5000);
    expect(tracker.sites().reduce((sum, { live }) => sum + live.count, 0)).toBe(15_000);
  });

  it('a block is of the size that its allocator gave in the end', () => {
    const { tracker, hooks } = track({ mode: 'all' });
    hooks.composing();
    hooks.allocated(1024, 500, 0);
    hooks.composed(1024, 100, 0);
    hooks.composing();
    hooks.allocated(2048, 500, 0);
    hooks.composed(4096, 10, 0);
    const sites = tracker.sites();
    expect(sites.reduce((sum, { total }) => sum + total.bytes, 0)).toBe(110);
    expect(sites.reduce((sum, { live }) => sum + live.count, 0)).toBe(2);
  });
});

it('leaves no stacks in the mode counts', () => {
  const { tracker, hooks } = track({ mode: 'counts' });
  for (let index = 1; index < 1000; index++) hooks.allocated(index * 1024, 2 ** 30, 7);
  expect(tracker.captures).toEqual({ count: 0, time: 0 });
  expect(tracker.sites()).toEqual([]);
});

it('begins with one frame of its own and then those of its wasm', () => {
  const { tracker, hooks } = track({ mode: 'all' });
  function caller() {
    hooks.allocated(1024, 1, 0);
    hooks.composing();
    hooks.composed(2048, 1, 0);
    hooks.reallocating(0);
    hooks.reallocated(0, 4096, 1, 0);
  }
  caller();
  const stacks = tracker.sites().map(({ site }) => tracker.stackOf(site).split('\n').slice(1));
  expect(stacks.length).toBe(3);
  for (const frames of stacks) {
    const outer = frames.findIndex((frame) => frame.includes('caller'));
    const own = frames.slice(0, outer).map((frame) => frame.includes('wasm://'));
    expect(own[0]).toBe(false);
    expect(own.slice(1)).toEqual(own.slice(1).map(() => true));
    expect(own.length).toBeGreaterThan(1);
  }
});

describe('a page with its own ideas about stacks', () => {
  it('keeps them', () => {
    const own = () => 'formatted by the page';
    Error.prepareStackTrace = own;
    Error.stackTraceLimit = 1;
    const { tracker, hooks } = track({ mode: 'all' });
    function caller() {
      hooks.allocated(1024, 1, 0);
    }
    caller();
    expect(tracker.sites().map(({ site }) => tracker.stackOf(site))).toEqual([
      expect.stringContaining('caller'),
    ]);
    expect(Error.prepareStackTrace).toBe(own);
    expect(Error.stackTraceLimit).toBe(1);
  });

  it('is not let down by a capture that throws', () => {
    const { tracker, hooks } = track({
      mode: 'all',
      now() {
        throw new Error('of the clock');
      },
    });
    expect(() => hooks.allocated(1024, 40, 0)).not.toThrow();
    const [site, ...others] = tracker.sites();
    expect(others).toEqual([]);
    expect(site).toMatchObject({ live: { count: 1, bytes: 40 } });
    expect(tracker.stackOf(site?.site ?? 0)).toBe('');
  });

  it('keeps them when a capture throws on its way', () => {
    const own = () => 'formatted by the page';
    Error.prepareStackTrace = own;
    Error.stackTraceLimit = 1;
    let asked = 0;
    const { hooks } = track({
      mode: 'all',
      now() {
        asked += 1;
        if (asked === 2) throw new Error('of the clock');
        return asked;
      },
    });
    expect(() => hooks.allocated(1024, 40, 0)).not.toThrow();
    expect(asked).toBe(2);
    expect(Error.prepareStackTrace).toBe(own);
    expect(Error.stackTraceLimit).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { ADDED_EXPORTS } from '../../src/instrument/abi.ts';
import { INITIAL_PAGES, SHIFT } from '../../src/tracker/assembly/layout.ts';
import { Tracker, TrackerError } from '../../src/tracker/index.ts';
import { emptyPlaces, hooksOf, track } from './hooks.ts';

const ZERO = { unknownFrees: 0, duplicateAllocations: 0, misaligned: 0 };

describe('connecting a module', () => {
  it('switches its hooks on, and off again when it is detached', () => {
    const { tracker } = track();
    const places = emptyPlaces();
    const enabled = places[ADDED_EXPORTS.enabled];
    tracker.attach(places, 32);
    expect(enabled.value).toBe(1);
    tracker.detach(places);
    expect(enabled.value).toBe(0);
    tracker.mode = 'all';
    expect(enabled.value).toBe(0);
  });

  it('switches its hooks off in the mode off, and tells that its figures are not complete', () => {
    const { tracker } = track();
    const places = emptyPlaces();
    tracker.attach(places, 32);
    expect(tracker.complete).toBe(true);
    tracker.mode = 'off';
    expect(places[ADDED_EXPORTS.enabled].value).toBe(0);
    tracker.mode = 'counts';
    expect(places[ADDED_EXPORTS.enabled].value).toBe(1);
    expect(tracker.complete).toBe(false);
  });

  it('refuses an instance without hooks', () => {
    const { tracker } = track();
    expect(() => tracker.attach({}, 32)).toThrowError(TrackerError);
    expect(() => tracker.attach({}, 32)).toThrowError(
      expect.objectContaining({ code: 'NOT_INSTRUMENTED' }),
    );
  });
});

describe('blocks', () => {
  it('are found by their address only', () => {
    const { tracker, hooks } = track();
    hooks.allocated(1024, 100, 0);
    expect(tracker.blockAt(1024)).toEqual({
      address: 1024,
      size: 100,
      site: 0,
      scope: 0,
      sequence: 1,
    });
    for (const address of [0, 1016, 1028, 1032, -8, 2 ** 40, Number.NaN]) {
      expect(tracker.blockAt(address)).toBeNull();
    }
    hooks.freeing(1024);
    expect(tracker.blockAt(1024)).toBeNull();
  });

  it('come to millions, at the cost of the map alone', () => {
    const { tracker, hooks } = track();
    const count = 3_000_000;
    for (let index = 1; index <= count; index++) hooks.allocated(index * 16, 12, 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, liveBlocks: count, liveBytes: count * 12 });
    let blocks = 0;
    let last = 0;
    tracker.forEachBlock((address) => {
      blocks += 1;
      if (address !== last + 16) throw new Error(`after ${last} came ${address}`);
      last = address;
    });
    expect(blocks).toBe(count);
    // A slot each, and an eighth to grow into.
    expect(tracker.memory.buffer.byteLength).toBeLessThan((count * 8 + 3 * 2 ** 20) * (9 / 8));
    for (let index = count; index > 0; index--) hooks.freeing(index * 16);
    expect(tracker.counters()).toMatchObject({
      ...ZERO,
      liveBlocks: 0,
      liveBytes: 0,
      peakBytes: count * 12,
    });
    const { byteLength } = tracker.memory.buffer;
    for (let index = 1; index <= count; index++) hooks.allocated(index * 16, 12, 0);
    expect(tracker.memory.buffer.byteLength).toBe(byteLength);
  });

  it('are not in the peak with what their allocator took for itself', () => {
    const { tracker, hooks } = track();
    hooks.composing();
    hooks.allocated(1024, 4096, 0);
    hooks.composed(2048, 100, 0);
    expect(tracker.counters()).toMatchObject({
      liveBytes: 100,
      peakBytes: 100,
      allocatedBlocks: 1,
    });
  });

  it('have sizes up to 2^48 with memory64', () => {
    const tracker = Tracker.create({ shared: false, mode: 'counts' });
    const hooks = hooksOf<bigint>(tracker, 64);
    const size = 2n ** 48n - 1n;
    hooks.allocated(2n ** 33n, size, 0);
    expect(tracker.blockAt(2 ** 33)?.size).toBe(Number(size));
    expect(tracker.sizeClasses()).toEqual([
      {
        least: 2 ** 47,
        liveBytes: Number(size),
        liveBlocks: 1,
        allocatedBytes: Number(size),
        allocatedBlocks: 1,
      },
    ]);
  });
});

describe('addresses that the map does not hold', () => {
  it('make it finer, and what was there stays', () => {
    const { tracker, hooks } = track();
    hooks.allocated(8, 1, 0);
    hooks.allocated(0xffff_fff8, 2, 0);
    hooks.composing();
    hooks.allocated(2 ** 20, 30, 0);
    // The function that composes gives away an address inside of what it got.
    hooks.composed(2 ** 20 + 2, 3, 0);
    hooks.reallocating(8);
    hooks.allocated(1001, 4, 0);
    hooks.reallocated(8, 0, 5, 0);
    const blocks: number[][] = [];
    tracker.forEachBlock((address, size) => blocks.push([address, size]));
    expect(blocks).toEqual([
      [8, 1],
      [1001, 4],
      [2 ** 20 + 2, 3],
      [0xffff_fff8, 2],
    ]);
    for (const [address] of blocks) hooks.freeing(address ?? 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, liveBlocks: 0, freedBytes: 10 });
  });

  it.each([8, 4])('make it finer where two blocks begin %i bytes apart', (apart) => {
    const { tracker, hooks } = track();
    const addresses = Array.from({ length: 100 }, (_, index) => 1024 + 4 + index * apart);
    for (const address of [2 ** 20 + 12, ...addresses]) hooks.allocated(address, address, 0);
    const blocks: number[][] = [];
    tracker.forEachBlock((address, size) => blocks.push([address, size]));
    expect(blocks).toEqual([...addresses, 2 ** 20 + 12].map((address) => [address, address]));
    // Those between them are none.
    for (const address of addresses) expect(tracker.blockAt(address + 2)).toBeNull();
    hooks.freeing(2 ** 20 + 4);
    expect(tracker.counters()).toMatchObject({ ...ZERO, unknownFrees: 1, liveBlocks: 101 });
    for (const [address] of blocks) hooks.freeing(address ?? 0);
    expect(tracker.counters()).toMatchObject({ unknownFrees: 1, liveBlocks: 0, liveBytes: 0 });
  });

  it('count as misaligned in a shared memory, of whose blocks no two begin in 16 bytes, where two do', () => {
    const tracker = Tracker.create({ shared: true, mode: 'counts' });
    tracker.expectSpace();
    const other = Tracker.create({ shared: true, memory: tracker.memory, mode: 'counts' });
    const [hooks, others] = [hooksOf(tracker), hooksOf(other)];
    hooks.allocated(1024 + 8, 1, 0);
    others.allocated(2048 + 4, 2, 0);
    others.allocated(1024, 4, 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, misaligned: 1, liveBytes: 3 });
    expect(tracker.blockAt(1024)).toBeNull();
    others.freeing(1024 + 8);
    hooks.freeing(2048 + 4);
    expect(other.counters()).toMatchObject({ ...ZERO, misaligned: 1, liveBlocks: 0 });
    // It is too late now, for whoever asks.
    const granules = ({ memory }: Tracker) => new DataView(memory.buffer).getUint32(SHIFT, true);
    const late = Tracker.create({ shared: true, mode: 'counts' });
    Tracker.create({ shared: true, memory: late.memory, mode: 'counts' }).expectSpace();
    late.expectSpace();
    expect([granules(tracker), granules(late)]).toEqual([4, 2]);
  });

  it('count as misaligned in a shared memory, whose map can not be changed under other threads', () => {
    const tracker = Tracker.create({ shared: true, mode: 'counts' });
    const hooks = hooksOf(tracker);
    hooks.allocated(4, 1, 0);
    hooks.allocated(6, 1, 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, misaligned: 1, liveBlocks: 1 });
  });

  it('count as misaligned where a finer map would not reach them, or the blocks that are there', () => {
    const tracker = Tracker.create({ shared: false, mode: 'counts' });
    const hooks = hooksOf<bigint>(tracker, 64);
    hooks.allocated(2n ** 33n, 1n, 0);
    hooks.allocated(1001n, 1n, 0);
    hooks.allocated(2n ** 34n, 1n, 0);
    hooks.allocated(2n ** 63n, 1n, 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, misaligned: 3, liveBlocks: 1 });
    expect(tracker.blockAt(2 ** 33)?.size).toBe(1);
  });

  it('are unknown when they are freed', () => {
    const { tracker, hooks } = track();
    hooks.freeing(1001);
    hooks.reallocating(1003);
    hooks.reallocated(1003, 1024, 1, 0);
    expect(tracker.counters()).toMatchObject({ ...ZERO, unknownFrees: 2, liveBlocks: 1 });
  });
});

describe('scopes', () => {
  it('are charged with what is allocated while they are the innermost', () => {
    const { tracker, hooks } = track();
    const outer = hooks.scopeOpened(0, 1);
    hooks.allocated(1024, 10, 0);
    const inner = hooks.scopeOpened(1, 0xffff_ffff);
    hooks.allocated(2048, 100, 0);
    hooks.scopeClosed(inner);
    hooks.allocated(4096, 1000, 0);
    hooks.freeing(2048);
    hooks.scopeClosed(outer);
    hooks.allocated(8192, 10_000, 0);
    expect(tracker.scopes()).toEqual([
      {
        id: 1,
        probe: 0,
        key: 1,
        runs: 1,
        allocatedBytes: 1010,
        allocatedBlocks: 2,
        liveBytes: 1010,
        liveBlocks: 2,
        peakBytes: 1110,
      },
      {
        id: 2,
        probe: 1,
        key: 0xffff_ffff,
        runs: 1,
        allocatedBytes: 100,
        allocatedBlocks: 1,
        liveBytes: 0,
        liveBlocks: 0,
        peakBytes: 100,
      },
    ]);
    expect([1024, 4096, 8192].map((address) => tracker.blockAt(address)?.scope)).toEqual([1, 1, 0]);
  });

  it('know their highest run', () => {
    const { tracker, hooks } = track();
    hooks.allocated(1024, 500, 0);
    for (const size of [10, 70, 30]) {
      const token = hooks.scopeOpened(0, 1);
      hooks.allocated(2048, size, 0);
      hooks.freeing(2048);
      hooks.scopeClosed(token);
    }
    expect(tracker.scopes()).toMatchObject([{ runs: 3, peakBytes: 70, liveBytes: 0 }]);
  });

  it('that an exception left open close with the one around them, or when told', () => {
    const { tracker, hooks } = track();
    const outer = hooks.scopeOpened(0, 1);
    hooks.scopeOpened(0, 2);
    hooks.scopeOpened(0, 3);
    hooks.scopeClosed(outer);
    hooks.allocated(1024, 1, 0);
    expect(tracker.blockAt(1024)?.scope).toBe(0);
    hooks.scopeOpened(0, 1);
    tracker.closeScopes();
    hooks.allocated(2048, 1, 0);
    expect(tracker.blockAt(2048)?.scope).toBe(0);
  });

  it('are charged to the 256th when they are deeper', () => {
    const { tracker, hooks } = track();
    const tokens = Array.from({ length: 300 }, (_, key) => hooks.scopeOpened(0, key));
    hooks.allocated(1024, 7, 0);
    expect(tracker.scopes().filter(({ allocatedBytes }) => allocatedBytes > 0)).toMatchObject([
      { key: 255, allocatedBytes: 7 },
    ]);
    for (const token of tokens.reverse()) hooks.scopeClosed(token);
    hooks.allocated(2048, 8, 0);
    expect(tracker.blockAt(2048)?.scope).toBe(0);
    expect(tracker.scopes().map(({ runs }) => runs)).toEqual(Array(300).fill(1));
  });

  it('beyond the 65,534th kind are one', () => {
    const { tracker, hooks } = track();
    for (let key = 0; key < 65_536; key++) {
      const token = hooks.scopeOpened(0, key);
      hooks.allocated(1024 + key * 8, 1, 0);
      hooks.scopeClosed(token);
    }
    const scopes = tracker.scopes();
    expect(scopes.length).toBe(65_535);
    expect(scopes.at(-2)).toMatchObject({ id: 65_534, probe: 0, key: 65_533, allocatedBlocks: 1 });
    expect(scopes.at(-1)).toMatchObject({ id: 65_535, probe: null, runs: 2, allocatedBlocks: 2 });
  });

  it('close once, whatever token comes', () => {
    const { tracker, hooks } = track();
    for (const token of [0, 5, -1, 2 ** 31]) hooks.scopeClosed(token);
    const token = hooks.scopeOpened(0, 1);
    hooks.scopeClosed(token + 1);
    hooks.scopeClosed(-1);
    hooks.allocated(1024, 1, 0);
    expect(tracker.scopes()).toMatchObject([{ allocatedBlocks: 1, runs: 1 }]);
  });
});

describe('events', () => {
  it('reach whoever wants them, who may throw', () => {
    const seen: number[][] = [];
    const { hooks } = track({
      onEvent(...values) {
        seen.push(values);
        throw new Error('of the listener');
      },
    });
    hooks.event(3, 0xffff_ffff, 4);
    expect(seen).toEqual([[3, 0xffff_ffff, 4]]);
  });
});

/** A stand-in for a page that has no memory left: the tracker's may not grow as far as it wants. */
describe('without memory', () => {
  const small = (pages: number) =>
    new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: pages });

  it('stops at once and for good, and its figures stand', () => {
    const { tracker, hooks } = track({ memory: small(INITIAL_PAGES + 6) });
    let blocks = 0;
    while (!tracker.failed) {
      hooks.allocated(1024 + blocks * 16, 12, 0);
      blocks += 1;
    }
    const counters = tracker.counters();
    expect(counters).toMatchObject({ ...ZERO, liveBlocks: blocks - 1 });
    expect(blocks).toBeGreaterThan(5000);
    hooks.freeing(1024);
    hooks.freeing(4);
    hooks.allocated(8, 1, 0);
    hooks.allocated(9, 1, 0);
    hooks.composing();
    hooks.composed(1024, 1, 0);
    hooks.reallocating(1040);
    hooks.reallocated(1040, 2048, 1, 0);
    expect(hooks.scopeOpened(0, 1)).toBe(0);
    hooks.scopeClosed(0);
    hooks.instanceCreated(0, 1024, 1);
    hooks.instanceFreeing(0, 1024, 1);
    expect(tracker.counters()).toEqual(counters);
    expect(tracker.scopes()).toEqual([]);
    expect(tracker.instanceTypes()).toEqual([]);
  });

  it.each(['scopeOpened', 'instanceCreated'] as const)('stops in %s too', (hook) => {
    const { tracker, hooks } = track({ memory: small(INITIAL_PAGES + 1) });
    for (let key = 1; key < 100_000; key++) hooks.scopeClosed(hooks[hook](0, key, key) || 0);
    expect(tracker.failed).toBe(true);
  });

  it('keeps blocks whose stack it has no room for, as of an unknown site', () => {
    const { tracker, hooks } = track({ mode: 'all', memory: small(INITIAL_PAGES + 2) });
    // What is left is not enough for another stack, but for the next records.
    const deep = (depth: number): number =>
      depth === 0 ? hooks.allocated(1024, 5, 0) : deep(depth - 1);
    for (let depth = 0; depth < 60 && !tracker.failed; depth++) deep(depth);
    expect(tracker.sites().reduce((sum, { live }) => sum + live.bytes, 0)).toBe(
      tracker.counters().liveBytes,
    );
  });

  it('can not begin', () => {
    expect(() => track({ memory: small(INITIAL_PAGES) })).not.toThrow();
    const memory = small(INITIAL_PAGES);
    expect(() => Array.from({ length: 20 }, () => track({ memory }))).toThrowError(
      expect.objectContaining({ code: 'TRACKER_MEMORY' }),
    );
  });
});

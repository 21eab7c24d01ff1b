import { describe, expect, it } from 'vitest';
import { track } from './hooks.ts';

const KIB = 1024;
/** Milliseconds that a stack takes on the stand-in clock. */
const COST = 0.03;

/**
 * A stand-in for the clock, as no real one makes time pass by the test's will: stacks take COST, and allocating takes
 * what the test says.
 */
function onStandInClock(options: { budget: number; mean?: number; resolution?: number }) {
  const { resolution = 0 } = options;
  let time = 0;
  let captures = 0;
  const now = () => {
    // A capture looks at the clock when it begins and when it ends.
    captures += 0.5;
    if (captures % 1 === 0) time += COST;
    return resolution === 0 ? time : Math.floor(time / resolution) * resolution;
  };
  const { tracker, hooks } = track({
    mode: 'sampled',
    mean: 64 * KIB,
    stackDepth: 1,
    now,
    ...options,
  });
  /** Returns the share of the time that went into stacks. */
  const allocate = (milliseconds: number, bytesPerMs: number, size = 4 * KIB) => {
    const [start, before] = [time, captures];
    while (time < start + milliseconds) {
      time += size / bytesPerMs;
      hooks.allocated(KIB, size, 0);
      hooks.freeing(KIB);
    }
    return ((captures - before) * COST) / (time - start);
  };
  const wait = (milliseconds: number) => {
    time += milliseconds;
  };
  return { tracker, allocate, wait };
}

describe('the mean between samples', () => {
  it('is 512 KiB at first', () => {
    expect(onStandInClock({ budget: 0.02 }).tracker.mean).toBe(512 * KIB);
  });

  it.each([0.01, 0.02, 0.1])('keeps stacks within a budget of %d', (budget) => {
    const { tracker, allocate } = onStandInClock({ budget });
    const rate = 2_000_000;
    allocate(300, rate);
    const share = allocate(2000, rate);
    expect(share).toBeGreaterThan(budget * 0.7);
    expect(share).toBeLessThan(budget * 1.2);
    const right = (rate * COST) / budget;
    expect(tracker.mean / right).toBeGreaterThan(0.7);
    expect(tracker.mean / right).toBeLessThan(1.5);
  });

  it('does not go below the one that was set', () => {
    const { tracker, allocate } = onStandInClock({ budget: 0.02, mean: 32 * KIB });
    const share = allocate(5000, 20 * KIB);
    expect(tracker.mean).toBe(32 * KIB);
    expect(share).toBeLessThan(0.02);
  });

  it('rises within a few milliseconds when allocating begins all at once', () => {
    const { tracker, allocate, wait } = onStandInClock({ budget: 0.02 });
    allocate(3000, 20 * KIB);
    expect(tracker.mean).toBe(64 * KIB);
    wait(2000);
    // 50 ms at 4 GB/s would be 3,000 stacks.
    expect(allocate(50, 4_000_000)).toBeLessThan(0.05);
    expect(allocate(1000, 4_000_000)).toBeLessThan(0.025);
  });

  it('falls again when less is allocated', () => {
    const { tracker, allocate } = onStandInClock({ budget: 0.02 });
    allocate(1000, 4_000_000);
    expect(tracker.mean).toBeGreaterThan(2000 * KIB);
    allocate(3000, 100_000);
    expect(tracker.mean).toBeLessThan(300 * KIB);
  });

  it('stays within the budget by a clock that shows whole milliseconds', () => {
    const { allocate } = onStandInClock({ budget: 0.02, resolution: 1 });
    allocate(2000, 2_000_000);
    const share = allocate(10_000, 2_000_000);
    expect(share).toBeLessThan(0.03);
    expect(share).toBeGreaterThan(0.005);
  });

  it('does not adapt with a budget of all time', () => {
    const { tracker, allocate } = onStandInClock({ budget: 1, mean: 16 * KIB });
    expect(allocate(50, 4_000_000)).toBeGreaterThan(0.5);
    expect(tracker.mean).toBe(16 * KIB);
  });

  it('can be set meanwhile', () => {
    const { tracker, allocate } = onStandInClock({ budget: 1 });
    tracker.mean = 8 * KIB;
    const before = tracker.captures.count;
    allocate(1000, 80 * KIB);
    const expected = ((1000 - COST * (tracker.captures.count - before)) * 80) / 8;
    // Four standard deviations, and what blocks of half the mean take away: p = 1 - exp(-1/2) for each.
    const sampled = (expected * (1 - Math.exp(-0.5))) / 0.5;
    expect(Math.abs(tracker.captures.count - before - sampled)).toBeLessThan(
      4 * Math.sqrt(sampled),
    );
  });

  it('in the mode all, leaves out stacks only of what has no calling context', () => {
    const { tracker, hooks } = track({
      mode: 'all',
      stackDepth: 1,
      seed: 1,
      budget: 0.1,
      now: costly(),
    });
    const blocks = 20_000;
    for (let block = 1; block <= blocks; block++) hooks.allocated(16 * block, 16, block % 2);
    const { count } = tracker.captures;
    expect(tracker.mean).toBeGreaterThan(16);
    expect(count).toBeLessThan(blocks / 10);
    // Half of them carry a context, and are counted one by one.
    const [live, variance] = tracker
      .sites()
      .reduce(([n, v], site) => [n + site.live.count, v + site.live.countVariance], [0, 0]);
    expect(variance).toBeGreaterThan(0);
    expect(Math.abs(live - blocks)).toBeLessThan(4 * Math.sqrt(variance));
  });

  it('in the mode all, takes each stack while these take less than the budget, however much carries a context', () => {
    let time = 0;
    const now = () => {
      time += COST / 2;
      return time;
    };
    const { tracker, hooks } = track({ mode: 'all', stackDepth: 1, seed: 1, budget: 0.1, now });
    let sites = 0;
    for (let round = 1; round <= 100; round++) {
      time += 5;
      // 50 MB in a second.
      hooks.allocated(2 ** 20 + 16 * round, 250 * KIB, 1);
      hooks.freeing(2 ** 20 + 16 * round);
      hooks.allocated(16 * round, 16, 0);
      sites = tracker.sites().reduce((sum, { live }) => sum + live.samples, 0);
    }
    expect(tracker.mean).toBe(1);
    expect(sites).toBe(100);
  });

  it('in the mode all, takes each stack of a module whose functions carry no context', () => {
    const { tracker, hooks } = track({ mode: 'all', stackDepth: 1, budget: 0.1, now: costly() });
    for (let block = 1; block <= 1000; block++) hooks.allocated(16 * block, 16, 0);
    expect(tracker.captures.count).toBe(1000);
    expect(tracker.mean).toBe(1);
  });
});

/** A stand-in for the clock on which little happens but stacks. */
function costly(): () => number {
  let time = 0;
  return () => {
    time += COST / 2;
    return time;
  };
}

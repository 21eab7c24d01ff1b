import { expect, test } from 'vitest';
import { Pairs } from '../../bench/tracker/pairs.ts';
import { Tracker } from '../../src/tracker/index.ts';

test("bench:tracker's module is one that a tracker attaches to, and calls its hooks", () => {
  const pairs = new Pairs(Pairs.compile(), 64);
  const tracker = Tracker.create({ shared: false, mode: 'counts' });
  tracker.attach(pairs.exports, 32);
  pairs.fill();
  pairs.time(1000, 'at random');
  expect(tracker.counters()).toMatchObject({
    allocatedBlocks: 1064,
    liveBlocks: 64,
    unknownFrees: 0,
    duplicateAllocations: 0,
  });
});

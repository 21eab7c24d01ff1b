import { describe, expect, it } from 'vitest';
import { Tracker } from '../../src/tracker/index.ts';
import { RandomAllocator, type RandomOptions } from './allocator.ts';
import { hooksOf } from './hooks.ts';
import type { HeapModel } from './model.ts';

const GIB = 2 ** 30;

function expectSame(tracker: Tracker, model: HeapModel): void {
  expect(tracker.counters()).toEqual(model.counters);
  expect(tracker.sizeClasses()).toEqual(model.sizeClasses);
  const scopeNames = new Map(tracker.scopes().map(({ id, probe, key }) => [id, `${probe} ${key}`]));
  const modelNames = new Map([...model.scopes].map(([name, scope]) => [scope, name]));
  const blocks: unknown[] = [];
  tracker.forEachBlock((address, size, site, scope, sequence) => {
    blocks.push({ address, size, site, scope: scopeNames.get(scope) ?? null, sequence });
  });
  const expected = [...model.blocks]
    .map(([address, { size, scope, sequence }]) => {
      return { address, size, site: 0, scope: scope && (modelNames.get(scope) ?? null), sequence };
    })
    .sort((a, b) => a.address - b.address);
  expect(blocks).toEqual(expected);
  const scopes = tracker.scopes().map(({ id: _id, probe, key, ...figures }) => {
    return [`${probe} ${key}`, figures] as const;
  });
  expect(new Map(scopes)).toEqual(model.scopes);
}

function compare<Address extends number | bigint>(
  pointerBits: 32 | 64,
  address: (value: number) => Address,
  options: RandomOptions,
  shared = false,
): HeapModel {
  const tracker = Tracker.create({ shared, mode: 'counts' });
  const hooks = hooksOf<Address>(tracker, pointerBits);
  const allocator = new RandomAllocator<Address>(hooks, address, options);
  for (let round = 0; round < 10; round++) {
    allocator.run(3000);
    expectSame(tracker, allocator.model);
  }
  return allocator.model;
}

describe('against a model in plain JavaScript, an allocator at random', () => {
  const wide = { granule: 8, highest: 4 * GIB, largest: 2 ** 31 };

  it.each([1, 2, 3])('agrees in all figures and blocks (seed %i)', (seed) => {
    const model = compare(32, Number, { ...wide, seed });
    // The random steps did come to what is worth comparing.
    expect(model.blocks.size).toBeGreaterThan(1000);
    expect(model.duplicateAllocations).toBeGreaterThan(1000);
    expect(model.unknownFrees).toBeGreaterThan(1000);
    expect(model.scopes.size).toBe(15);
  });

  it('agrees with the addresses of memory64, above 4 GB', () => {
    const model = compare(64, BigInt, {
      seed: 4,
      granule: 16,
      highest: 16 * GIB,
      largest: 2 ** 38,
    });
    expect(Math.max(...model.blocks.keys())).toBeGreaterThan(15 * GIB);
    expect(Math.max(...[...model.blocks.values()].map(({ size }) => size))).toBeGreaterThan(
      2 ** 36,
    );
  });

  it.each([4, 2, 1])('agrees when addresses turn out to be multiples of %i only', (granule) => {
    compare(32, Number, { seed: 5, granule, highest: 2 ** 26, largest: 2 ** 20 });
  });

  it('agrees in a shared memory', () => {
    compare(32, Number, { ...wide, granule: 4, seed: 6 }, true);
  });
});

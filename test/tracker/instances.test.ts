import { expect, it } from 'vitest';
import { randomNumbers } from '../random-numbers.ts';
import { track } from './hooks.ts';

it('counts instances by type as a map in plain JavaScript does', () => {
  const { tracker, hooks } = track();
  const random = randomNumbers(3);
  const below = (limit: number) => Math.floor(random() * limit);
  const alive = new Map<number, string>();
  const types = new Map<string, { created: number; freed: number }>();
  let unknown = 0;
  for (let step = 0; step < 200_000; step++) {
    // Few enough that all of it comes: unknown ones, and addresses taken twice.
    const address = 8 + 8 * below(20_000);
    const type = alive.get(address);
    if (below(5) < 2) {
      const known = type && types.get(type);
      if (known) known.freed += 1;
      else unknown += 1;
      alive.delete(address);
      hooks.instanceFreeing(9, address, 0);
    } else {
      const [probe, key] = [below(2), below(40) * 0x0600_0000];
      const name = `${probe} ${key}`;
      const figures = types.get(name) ?? { created: 0, freed: 0 };
      types.set(name, figures);
      const replaced = type && types.get(type);
      if (replaced) replaced.freed += 1;
      figures.created += 1;
      alive.set(address, name);
      hooks.instanceCreated(probe, address, key);
    }
  }
  hooks.instanceCreated(0, 0, 1);
  hooks.instanceFreeing(0, 0, 1);
  expect(unknown).toBeGreaterThan(1000);
  expect(tracker.counters().unknownInstances).toBe(unknown);
  const found = tracker.instanceTypes();
  expect(found.length).toBe(types.size);
  for (const { probe, key, created, freed, live } of found) {
    expect({ created, freed }).toEqual(types.get(`${probe} ${key}`));
    expect(live).toBe(created - freed);
  }
  const instances = new Map<number, string>();
  tracker.forEachInstance((address, probe, key) => instances.set(address, `${probe} ${key}`));
  expect(instances).toEqual(alive);
});

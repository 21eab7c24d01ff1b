// A tracker's hooks as a rewritten module has them in its table, to be called by tests.

import { ADDED_EXPORTS, HOOK_COUNT, HOOKS, type HookName } from '../../src/instrument/abi.ts';
import { Tracker, type TrackerOptions } from '../../src/tracker/index.ts';

export type Hook<Address> = (...parameters: (Address | number)[]) => number;
export type Hooks<Address> = Record<HookName, Hook<Address>>;

/** What a rewritten module exports for the tracker. */
export function emptyPlaces() {
  return {
    [ADDED_EXPORTS.hooks]: new WebAssembly.Table({ element: 'anyfunc', initial: HOOK_COUNT }),
    [ADDED_EXPORTS.enabled]: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
    [ADDED_EXPORTS.context]: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
  };
}

export function hooksOf<Address extends number | bigint = number>(
  tracker: Tracker,
  pointerBits: 32 | 64 = 32,
): Hooks<Address> {
  const places = emptyPlaces();
  tracker.attach(places, pointerBits);
  const table = places[ADDED_EXPORTS.hooks];
  const entries = Object.entries(HOOKS).map(([name, index]) => [name, table.get(index)]);
  return Object.fromEntries(entries);
}

/** A tracker of an unshared 32-bit heap that samples without adapting, and its hooks. */
export function track(options: Partial<TrackerOptions> = {}) {
  const tracker = Tracker.create({ shared: false, mode: 'counts', seed: 1, budget: 1, ...options });
  return { tracker, hooks: hooksOf(tracker) };
}

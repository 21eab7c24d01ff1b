// Clean sessions below the application: blocks that C holds in ways that look like leaks, and are none.

import { createPicture, destroyAll } from '../picture.ts';
import type { Scenario, World } from '../scenario.ts';

export const cleanNative: readonly Scenario[] = [
  native('fragmentation', 3, ({ call }) => ({
    step: (index) => void call('clean_fragments', index % 3, 200 + (index % 11) * 64),
    tearDown: () => void call('clean_fragments', 2, 0),
  })),
  native('ring-in-c', 1, ({ call }) => ({
    step: (index, random) => void call('clean_ring', index, 100 + Math.floor(random() * 4000)),
    tearDown: () => void call('clean_ring_empty'),
  })),
  native('vector-that-doubles', 1, ({ call }) => ({
    step: () => void call('clean_vector', 800, 40_000),
    tearDown: () => void call('clean_vector_empty'),
  })),
  native('queue-with-a-bound', 1, ({ call }) => ({
    step: () => void call('clean_queue', 30, 700),
    tearDown: () => void call('clean_queue_empty'),
  })),
  native('tagged-pointers', 1, ({ call }) => ({
    step: (index) => void call('clean_tagged', index % 24, 300),
    tearDown: () => emptyRing(call, 'clean_tagged'),
  })),
  native('hidden-pointers', 1, ({ call }) => ({
    step: (index) => void call('clean_hidden', index % 24, 300),
    tearDown: () => emptyRing(call, 'clean_hidden'),
  })),
  native('cycle-of-objects-that-is-cut', 1, ({ call }) => ({
    step: () => void call('clean_cycle'),
    tearDown() {},
  })),
  native('errors-in-c-that-are-cleaned-up', 4, ({ callWithText }) => ({
    step: (index) => void callWithText('clean_parse', index % 4 === 0 ? 'broken' : 'ok'),
    tearDown() {},
  })),
  native('signals-connected-and-disconnected', 1, ({ engine, call, addressOf }) => {
    const layer = createPicture(engine);
    return {
      step: () => void call('clean_connect', addressOf(layer)),
      tearDown: () => destroyAll([layer]),
    };
  }),
  native('tables-made-when-first-asked-for', 1, ({ call }) => ({
    step: (index) => void call('clean_table', Math.min(15, Math.floor(index / 4))),
    tearDown() {},
  })),
];

function native(
  name: string,
  action: number,
  setUp: (world: World) => ReturnType<Scenario['setUp']>,
): Scenario {
  return { name, leaks: null, action, setUp };
}

function emptyRing(call: World['call'], name: string): void {
  for (let place = 0; place < 64; place += 1) call(name, place, 0);
}

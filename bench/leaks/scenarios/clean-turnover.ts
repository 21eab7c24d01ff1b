// Clean sessions in which something is made at each step and something older is given up for it: of another kind or size,
// several at once, or later.

import type { GeglBuffer, GeglGraph } from '../../../src/gegl/index.ts';
import { createGraph, createPicture, destroyAll } from '../picture.ts';
import type { Scenario } from '../scenario.ts';

export const cleanTurnover: readonly Scenario[] = [
  {
    name: 'graphs-kept-for-undo',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const undo: GeglGraph[] = [];
      return {
        step() {
          undo.push(createGraph(engine, source).graph);
          if (undo.length > 12) undo.shift()?.destroy();
        },
        tearDown: () => destroyAll([...undo, source]),
      };
    },
  },
  {
    name: 'undo-bounded-by-its-bytes',
    leaks: null,
    setUp({ engine }) {
      const undo: { readonly tiles: number; readonly buffer: GeglBuffer }[] = [];
      return {
        step(_, random) {
          const tiles = 1 + Math.floor(random() * 4);
          undo.push({ tiles, buffer: createPicture(engine, tiles) });
          while (undo.reduce((sum, { tiles }) => sum + tiles, 0) > 40) {
            undo.shift()?.buffer.destroy();
          }
        },
        tearDown: () => destroyAll(undo.map(({ buffer }) => buffer)),
      };
    },
  },
  {
    name: 'cache-trimmed-to-a-half',
    leaks: null,
    setUp({ engine }) {
      const cache: GeglBuffer[] = [];
      return {
        step() {
          cache.push(createPicture(engine));
          if (cache.length > 24) destroyAll(cache.splice(0, 12));
        },
        tearDown: () => destroyAll(cache),
      };
    },
  },
  {
    name: 'pool-made-at-the-start-and-replaced',
    leaks: null,
    setUp({ engine }) {
      const pool = Array.from({ length: 50 }, () => createPicture(engine));
      return {
        step(index) {
          pool[index % pool.length]?.destroy();
          pool[index % pool.length] = createPicture(engine);
        },
        tearDown: () => destroyAll(pool),
      };
    },
  },
  {
    name: 'blocks-known-by-number-to-javascript',
    leaks: null,
    setUp({ call }) {
      const addresses: number[] = [];
      return {
        step(index) {
          const place = index % 50;
          if (addresses[place]) call('free', addresses[place]);
          addresses[place] = call('malloc', 500);
        },
        tearDown: () => void addresses.splice(0).map((address) => call('free', address)),
      };
    },
  },
  {
    name: 'blocks-known-by-number-and-freed-together',
    leaks: null,
    action: 36,
    setUp({ call }) {
      const addresses: number[] = [];
      return {
        step() {
          addresses.push(call('malloc', 300));
          if (addresses.length === 36) addresses.splice(0).map((address) => call('free', address));
        },
        tearDown: () => void addresses.splice(0).map((address) => call('free', address)),
      };
    },
  },
  {
    name: 'layers-that-wait-for-a-save',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const waiting: { destroy(): void }[] = [];
      return {
        step(index) {
          waiting.push(index % 2 === 0 ? source.dup() : createGraph(engine, source).graph);
          waiting.push(engine.createColor('red'));
          // A save every 16 steps, which is not what the action is said to be.
          if (index % 16 === 15) destroyAll(waiting.splice(0));
        },
        tearDown: () => destroyAll([...waiting, source]),
      };
    },
  },
];

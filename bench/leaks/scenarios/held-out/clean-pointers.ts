// Clean sessions whose blocks are C's or hang on plain numbers: linked, packed, or known to JavaScript alone.

import type { Scenario, World } from '../../scenario.ts';
import { Blocks } from './blocks.ts';

export const cleanPointers: readonly Scenario[] = [
  {
    name: 'histograms-by-layer-known-to-javascript-alone',
    leaks: null,
    action: null,
    setUp({ call }) {
      const histograms = new Map<number, number>();
      const blocks = new Blocks(call);
      const layers = [0];
      let named = 1;
      const forget = (layer: number) => {
        blocks.free(histograms.get(layer) ?? 0);
        histograms.delete(layer);
      };
      return {
        step(_, random) {
          const draw = random();
          if (draw < 0.35 && layers.length < 10) layers.push(named++);
          else if (draw < 0.6 && layers.length > 1) {
            forget(layers.splice(Math.floor(random() * layers.length), 1)[0] ?? 0);
          } else forget(layers[Math.floor(random() * layers.length)] ?? 0);
          for (let count = 0; count < 3; count += 1) {
            const shown = layers[Math.floor(random() * layers.length)] ?? 0;
            if (!histograms.has(shown)) histograms.set(shown, blocks.allocate(1024));
          }
        },
        tearDown: () => blocks.freeAll(),
      };
    },
  },
  {
    name: 'tiles-by-a-budget-of-bytes-at-several-zooms',
    leaks: null,
    action: null,
    setUp({ call }) {
      const blocks = new Blocks(call);
      const cached = new Map<string, { address: number; size: number }>();
      let left = 30;
      return {
        step(index, random) {
          const zoom = Math.floor(index / 8) % 3;
          left = Math.min(60, Math.max(0, left + Math.floor(random() * 5) - 2));
          for (let x = left; x < left + 4; x += 1) {
            const key = `${zoom} ${x}`;
            const size = 65_536 >> (2 * zoom);
            const tile = cached.get(key) ?? { address: blocks.allocate(size), size };
            cached.delete(key);
            cached.set(key, tile);
          }
          let bytes = [...cached.values()].reduce((sum, { size }) => sum + size, 0);
          for (const [oldest, { address, size }] of cached) {
            if (bytes <= 400_000) break;
            bytes -= size;
            cached.delete(oldest);
            blocks.free(address);
          }
        },
        tearDown: () => blocks.freeAll(),
      };
    },
  },
  {
    name: 'slots-in-a-typed-array',
    leaks: null,
    action: null,
    setUp({ call }) {
      const blocks = new Blocks(call);
      const slots = new Uint32Array(32);
      return {
        step(_, random) {
          for (let count = 0; count < 6; count += 1) {
            const slot = Math.floor(random() * slots.length);
            const address = slots[slot] ?? 0;
            if (address !== 0) blocks.free(address);
            slots[slot] = address === 0 ? blocks.allocate(100 + Math.floor(random() * 900)) : 0;
          }
        },
        tearDown: () => blocks.freeAll(),
      };
    },
  },
  {
    name: 'jobs-that-come-in-tides',
    leaks: null,
    action: null,
    inWorker: true,
    setUp({ call }) {
      let isRising = true;
      let jobs = 0;
      const push = () => {
        call('clean_job_push', 600);
        jobs += 1;
      };
      const pop = () => {
        call('clean_job_pop');
        jobs -= 1;
      };
      return {
        step(_, random) {
          if (random() < 0.12) isRising = !isRising;
          const many = Math.floor(random() * 4);
          const few = Math.floor(random() * 2);
          for (let count = isRising ? many : few; count > 0 && jobs < 24; count -= 1) push();
          for (let count = isRising ? few : many; count > 0 && jobs > 0; count -= 1) pop();
        },
        tearDown: () => {
          while (jobs > 0) pop();
        },
      };
    },
  },
  inC('array-that-shrinks-late', 30, ({ call }) => ({
    step: (index) => void call('clean_array', 50 + 150 * Math.abs(15 - (index % 30))),
    tearDown: () => void call('clean_array', 0),
  })),
  inC('words-of-a-small-vocabulary', 1, ({ callWithText }) => ({
    step(_, random) {
      for (let count = 0; count < 4; count += 1) {
        callWithText('clean_word', `blending mode number ${Math.floor(random() * 24)}`);
      }
    },
    tearDown() {},
  })),
  inC('list-linked-through-the-middle-of-its-items', null, ({ call }) => {
    let items = 0;
    return {
      step(_, random) {
        for (let count = 0; count < 3; count += 1) {
          call('clean_list_insert', Math.floor(random() * items), Math.floor(random() * 400));
          items += 1;
        }
        while (items > 32 || (items > 0 && random() < 0.6)) {
          call('clean_list_remove', Math.floor(random() * items));
          items -= 1;
        }
      },
      tearDown() {
        for (; items > 0; items -= 1) call('clean_list_remove', 0);
      },
    };
  }),
  inC('queue-linked-by-exclusive-or', 1, ({ call }) => {
    let items = 0;
    return {
      step() {
        call('clean_xored_push');
        if (items === 26) call('clean_xored_pop');
        else items += 1;
      },
      tearDown() {
        for (; items > 0; items -= 1) call('clean_xored_pop');
      },
    };
  }),
  inC('arena-given-back-after-each-stroke', 9, ({ call }) => ({
    step(index, random) {
      const dabs = 5 + Math.floor(random() * 10);
      for (let count = 0; count < dabs; count += 1) {
        call('clean_arena_take', 40 + Math.floor(random() ** 8 * 9000));
      }
      if (index % 9 === 8) call('clean_arena_reset');
    },
    tearDown: () => void call('clean_arena_reset'),
  })),
  inC('display-list-packed-as-in-a-file', null, ({ call }) => ({
    step(index, random) {
      for (let count = 0; count < 5; count += 1) {
        call('clean_display', Math.floor(random() * 1000), 60 + Math.floor(random() * 500));
      }
      // The view moves on: what is near goes back, and what is far is out of sight.
      if (index % 8 === 7) call('clean_cull', 12, 400);
    },
    tearDown: () => void call('clean_cull', 0, 0),
  })),
];

function inC(
  name: string,
  action: number | null,
  setUp: (world: World) => ReturnType<Scenario['setUp']>,
): Scenario {
  return { name, leaks: null, action, setUp };
}

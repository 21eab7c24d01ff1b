// Seven scenarios of the test set whose failures somebody who works on detectors has seen: they are there to develop with.

import type { GeglBuffer, GeglGraph } from '../../../src/gegl/index.ts';
import {
  beginStack,
  createGraph,
  createPicture,
  destroyAll,
  edit,
  FORMAT,
  paintTile,
  SMALL,
} from '../picture.ts';
import type { Engine, Scenario, World } from '../scenario.ts';
import { block, leaking } from './leaking.ts';

export const shown: readonly Scenario[] = [
  {
    name: 'filters-stacked-and-baked-every-fifty-steps',
    leaks: null,
    action: 50,
    setUp({ engine }) {
      let picture = createPicture(engine);
      let stack = beginStack(engine, picture);
      return {
        step(index) {
          stack.top =
            index % 3 === 0
              ? stack.top.link(stack.graph.createNode('gegl:opacity', { value: 0.99 }))
              : stack.top.link(
                  stack.graph.createNode('gegl:translate', { x: 1, sampler: 'nearest' }),
                );
          if (index % 50 !== 49) return;
          const baked = createPicture(engine);
          stack.top.blitToBuffer(baked);
          destroyAll([stack.graph, picture]);
          picture = baked;
          stack = beginStack(engine, picture);
        },
        tearDown: () => destroyAll([stack.graph, picture]),
      };
    },
  },
  {
    name: 'undo-kept-of-closed-documents',
    leaks: { kind: 'buffer', site: /rememberForUndo/ },
    action: 10,
    inWorker: true,
    setUp({ engine, planted }) {
      const undo = new Map<number, GeglBuffer[]>();
      let document = createPicture(engine);
      return {
        step(index) {
          if (index % 10 === 0) {
            document.destroy();
            document = createPicture(engine);
          } else if (index % 10 === 9) planted(4);
          else if (index % 2 === 0) {
            rememberForUndo(document, undo, Math.floor(index / 10));
            paintTile(document, 0, 0);
          }
        },
        tearDown: () => document.destroy(),
      };
    },
  },
  {
    name: 'painters-of-closed-layers-stay-registered',
    leaks: { kind: 'node', site: /registerPainter/ },
    action: null,
    setUp({ engine, planted }) {
      const layers = new Map<number, GeglBuffer>();
      const painters = new Map<number, GeglGraph>();
      let named = 0;
      return {
        step(_, random) {
          if (layers.size < 3 || (layers.size < 9 && random() < 0.5)) {
            const layer = createPicture(engine);
            layers.set(named, layer);
            registerPainter(engine, painters, named, layer);
            named += 1;
            return;
          }
          const closed = [...layers.keys()][Math.floor(random() * layers.size)] ?? 0;
          layers.get(closed)?.destroy();
          layers.delete(closed);
          // Its painter still knows its pixels.
          planted(5);
        },
        tearDown() {
          for (const [name, layer] of layers) {
            painters.get(name)?.destroy();
            layer.destroy();
          }
        },
      };
    },
  },
  {
    name: 'dabs-of-cancelled-strokes-never-come-back',
    leaks: { kind: 'buffer', site: /createDab/ },
    action: null,
    setUp({ engine, planted }) {
      const pool: GeglBuffer[] = [];
      const busy = new Set<GeglBuffer>();
      return {
        step(_, random) {
          const dabs = Array.from({ length: 4 }, () => pool.pop() ?? createDab(engine));
          for (const dab of dabs) busy.add(dab);
          if (random() < 0.2) return planted(4);
          for (const dab of dabs) busy.delete(dab);
          pool.push(...dabs);
        },
        tearDown: () => destroyAll(pool),
      };
    },
  },
  {
    name: 'slot-taken-though-it-is-in-use',
    leaks: { kind: 'block', site: /takeSlot/ },
    action: 15,
    setUp({ call, planted }) {
      const slots = new Uint32Array(15);
      return {
        step(index) {
          const slot = index % slots.length;
          if (slots[slot] !== 0) planted(1, 300);
          takeSlot(call, slots, slot);
          const done = (index + 7) % slots.length;
          if (done % 5 === 2) return;
          call('free', slots[done] ?? 0);
          slots[done] = 0;
        },
        tearDown() {
          for (const address of slots) call('free', address);
        },
      };
    },
  },
  leaking('an-exported-megabyte-now-and-then', block(/culprit_export_bitmap/), 8, (world) => {
    return (index) => {
      const isForgotten = index % 8 === 5;
      world.call('leaks_export', 1_000_000, Number(isForgotten));
      if (isForgotten) world.planted(1, 1_000_000);
    };
  }),
  leaking('iterator-left-in-the-middle', block(/culprit_find_pixel/), 3, (world) => {
    const [layer, target] = [createPicture(world.engine, 2), createPicture(world.engine)];
    return (index) => {
      edit(world.engine, layer, target, index % 3);
      if (index % 3 !== 1) return;
      world.call('leaks_find_pixel', world.addressOf(layer));
      world.planted(1, 16);
    };
  }),
];

function rememberForUndo(
  document: GeglBuffer,
  undo: Map<number, GeglBuffer[]>,
  number: number,
): void {
  undo.set(number, [...(undo.get(number) ?? []), document.dup()]);
}

function registerPainter(
  engine: Engine,
  painters: Map<number, GeglGraph>,
  name: number,
  layer: GeglBuffer,
): void {
  painters.set(name, createGraph(engine, layer).graph);
}

function createDab(engine: Engine): GeglBuffer {
  return engine.createBuffer(SMALL, FORMAT);
}

function takeSlot(call: World['call'], slots: Uint32Array, slot: number): void {
  slots[slot] = call('malloc', 300) >>> 0;
}

// Clean sessions whose memory rises and falls, so that much depends on when one looks.

import type { GeglBuffer, GeglGraph } from '../../../src/gegl/index.ts';
import { createGraph, createPicture, destroyAll, edit, paintTile } from '../picture.ts';
import type { Scenario } from '../scenario.ts';

export const cleanShapes: readonly Scenario[] = [
  {
    name: 'steady-edits',
    leaks: null,
    setUp({ engine }) {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      return {
        step: (index) => edit(engine, source, target, index % 9),
        tearDown: () => destroyAll([source, target]),
      };
    },
  },
  {
    name: 'sawtooth',
    leaks: null,
    action: 15,
    setUp({ engine }) {
      const buffers: GeglBuffer[] = [];
      return {
        step(index) {
          buffers.push(createPicture(engine));
          if (index % 15 === 14) destroyAll(buffers.splice(0));
        },
        tearDown: () => destroyAll(buffers),
      };
    },
  },
  {
    name: 'sawtooth-of-a-long-period',
    leaks: null,
    action: 43,
    setUp({ engine }) {
      const graphs: GeglGraph[] = [];
      const source = createPicture(engine);
      return {
        step(index) {
          graphs.push(createGraph(engine, source).graph);
          if (index % 43 === 42) destroyAll(graphs.splice(0));
        },
        tearDown: () => destroyAll([...graphs, source]),
      };
    },
  },
  {
    name: 'bursts',
    leaks: null,
    action: 13,
    setUp({ engine }) {
      let burst: GeglBuffer[] = [];
      return {
        step(index) {
          destroyAll(burst.splice(0));
          if (index % 13 === 7) burst = Array.from({ length: 12 }, () => createPicture(engine));
        },
        tearDown: () => destroyAll(burst),
      };
    },
  },
  {
    name: 'document-grows-and-shrinks',
    leaks: null,
    action: 40,
    setUp({ engine }) {
      const layers: GeglBuffer[] = [];
      return {
        step(index) {
          if (index % 40 < 20) layers.push(createPicture(engine));
          else layers.pop()?.destroy();
        },
        tearDown: () => destroyAll(layers),
      };
    },
  },
  {
    name: 'number-of-layers-wanders',
    leaks: null,
    action: null,
    setUp({ engine }) {
      const layers: GeglBuffer[] = [];
      return {
        step(_, random) {
          const up = random() < 0.5;
          if (up && layers.length < 24) layers.push(createPicture(engine));
          else if (!up) layers.pop()?.destroy();
        },
        tearDown: () => destroyAll(layers),
      };
    },
  },
  {
    name: 'sizes-wander',
    leaks: null,
    action: null,
    setUp({ engine }) {
      let layer = createPicture(engine, 4);
      let tiles = 4;
      return {
        step(_, random) {
          tiles = Math.min(20, Math.max(1, tiles + Math.round(random() * 4 - 2)));
          layer.destroy();
          layer = createPicture(engine, tiles);
        },
        tearDown: () => layer.destroy(),
      };
    },
  },
  {
    name: 'work-of-growing-size',
    leaks: null,
    action: null,
    setUp({ engine }) {
      const target = createPicture(engine);
      return {
        step(index) {
          const source = createPicture(engine, 1 + Math.floor(index / 16));
          edit(engine, source, target);
          source.destroy();
        },
        tearDown: () => target.destroy(),
      };
    },
  },
  {
    name: 'previews-that-expire',
    leaks: null,
    action: null,
    setUp({ engine }) {
      const previews: { buffer: GeglBuffer; until: number }[] = [];
      return {
        step(index, random) {
          const until = index + 5 + Math.floor(random() * 25);
          previews.push({ buffer: createPicture(engine), until });
          for (let place = previews.length - 1; place >= 0; place -= 1) {
            if ((previews[place]?.until ?? 0) <= index) {
              destroyAll(previews.splice(place, 1).map(({ buffer }) => buffer));
            }
          }
        },
        tearDown: () => destroyAll(previews.map(({ buffer }) => buffer)),
      };
    },
  },
  {
    name: 'handles-destroyed-in-batches',
    leaks: null,
    action: 25,
    setUp({ engine }) {
      const done: { destroy(): void }[] = [];
      const source = createPicture(engine);
      return {
        step(index) {
          done.push(source.dup(), createGraph(engine, source).graph, engine.createColor('red'));
          if (index % 25 === 24) destroyAll(done.splice(0));
        },
        tearDown: () => destroyAll([...done, source]),
      };
    },
  },
  {
    name: 'released-by-the-garbage-collector',
    leaks: null,
    action: null,
    setUp({ engine }) {
      // As many at once as the collector may leave for a while: what GEGL lists buffers in grows no more then.
      destroyAll(Array.from({ length: 60 }, () => createPicture(engine)));
      const held = new Set<GeglBuffer>();
      // The owner is what the application drops; its buffer is destroyed some time after.
      const owners = new FinalizationRegistry<GeglBuffer>((buffer) => {
        held.delete(buffer);
        if (!buffer.isDestroyed) buffer.destroy();
      });
      const recent: object[] = [];
      return {
        step() {
          const buffer = createPicture(engine);
          const owner = { buffer: new WeakRef(buffer) };
          held.add(buffer);
          owners.register(owner, buffer);
          recent.push(owner);
          if (recent.length > 3) recent.shift();
        },
        tearDown: () => destroyAll([...held].filter(({ isDestroyed }) => !isDestroyed)),
      };
    },
  },
  {
    name: 'mostly-idle',
    leaks: null,
    action: 30,
    setUp({ engine }) {
      const layer = createPicture(engine);
      let copy: GeglBuffer | null = null;
      return {
        step(index) {
          if (index % 30 !== 11) return;
          copy?.destroy();
          copy = layer.dup();
          paintTile(layer, 0, 0);
        },
        tearDown() {
          layer.destroy();
          copy?.destroy();
        },
      };
    },
  },
];

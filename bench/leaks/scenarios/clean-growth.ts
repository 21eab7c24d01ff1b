// Clean sessions whose memory grows, for a while or in steps, and comes to a bound.

import type { GeglBuffer, GeglColor } from '../../../src/gegl/index.ts';
import { createPicture, destroyAll, edit, FORMAT, paintTile, TILE } from '../picture.ts';
import type { Scenario } from '../scenario.ts';

export const cleanGrowth: readonly Scenario[] = [
  {
    name: 'cache-warm-up',
    leaks: null,
    setUp({ engine }) {
      const previews = new Map<number, GeglBuffer>();
      return {
        step(_, random) {
          const key = Math.floor(random() ** 2 * 30);
          if (!previews.has(key)) previews.set(key, createPicture(engine));
          previews.get(key)?.getPixels({ rect: { width: 8, height: 8 }, format: FORMAT });
        },
        tearDown: () => destroyAll(previews.values()),
      };
    },
  },
  {
    name: 'cache-least-recently-used',
    leaks: null,
    setUp({ engine }) {
      const kept = new Map<number, GeglBuffer>();
      return {
        step(index, random) {
          const key = random() < 0.3 ? index : Math.floor(random() * 8);
          const buffer = kept.get(key) ?? createPicture(engine);
          kept.delete(key);
          kept.set(key, buffer);
          for (const [oldest, old] of kept) {
            if (kept.size <= 16) break;
            kept.delete(oldest);
            old.destroy();
          }
        },
        tearDown: () => destroyAll(kept.values()),
      };
    },
    // A key that is new each time makes the cache give one up for it.
    action: null,
  },
  {
    name: 'tile-cache-up-to-its-limit',
    leaks: null,
    action: 25,
    setUp({ engine }) {
      const canvas = engine.createBuffer({ width: 5 * TILE, height: 5 * TILE }, FORMAT);
      return {
        step: (index) => paintTile(canvas, index % 5, Math.floor(index / 5) % 5),
        tearDown: () => canvas.destroy(),
      };
    },
  },
  {
    name: 'large-canvas-painted-tile-by-tile',
    leaks: null,
    // It is never filled twice.
    action: null,
    setUp({ engine }) {
      const canvas = engine.createBuffer({ width: 20 * TILE, height: 20 * TILE }, "R'G'B'A u8");
      const pixels = new Uint8Array(TILE * TILE * 4).fill(77);
      return {
        step(index) {
          const x = (index % 20) * TILE;
          const y = (Math.floor(index / 20) % 20) * TILE;
          canvas.setPixels(pixels, { rect: { x, y, width: TILE, height: TILE } });
        },
        tearDown: () => canvas.destroy(),
      };
    },
  },
  {
    name: 'undo-stack-with-a-bound',
    leaks: null,
    setUp({ engine }) {
      const layer = createPicture(engine, 2);
      const undo: GeglBuffer[] = [];
      return {
        step(index) {
          undo.push(layer.dup());
          paintTile(layer, index % 2, 0);
          if (undo.length > 20) undo.shift()?.destroy();
        },
        tearDown: () => destroyAll([...undo, layer]),
      };
    },
  },
  {
    name: 'one-time-initialisation-late',
    leaks: null,
    setUp({ engine, call }) {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      const palette: GeglColor[] = [];
      let lookUp: GeglBuffer | null = null;
      return {
        step(index) {
          edit(engine, source, target, index % 5);
          if (index !== 37) return;
          for (let hue = 0; hue < 48; hue += 1) {
            palette.push(engine.createColor([hue / 48, 1, 0]));
          }
          lookUp = createPicture(engine, 4);
          for (let table = 0; table < 16; table += 1) call('clean_table', table);
        },
        tearDown() {
          destroyAll([...palette, source, target]);
          lookUp?.destroy();
        },
      };
    },
  },
  {
    name: 'slow-plateau',
    leaks: null,
    setUp({ engine }) {
      const pool: GeglBuffer[] = [];
      return {
        step(index) {
          const wanted = Math.round(30 * (1 - Math.exp(-index / 12)));
          while (pool.length < wanted) pool.push(createPicture(engine));
        },
        tearDown: () => destroyAll(pool),
      };
    },
  },
  {
    name: 'steps-up-and-stays',
    leaks: null,
    // One document more, until five are open.
    setUp({ engine }) {
      const documents: GeglBuffer[] = [];
      return {
        step(index) {
          if (index % 10 === 4 && documents.length < 5) documents.push(createPicture(engine, 3));
          documents.at(-1)?.getPixels({ rect: { width: 4, height: 4 }, format: FORMAT });
        },
        tearDown: () => destroyAll(documents),
      };
    },
  },
  {
    name: 'heap-grows-without-a-leak',
    leaks: null,
    action: null,
    setUp({ engine }) {
      return {
        step(index) {
          // Each largest so far, so that the memory must grow; all of it is given back.
          const tiles = 1 + Math.floor(index / 4);
          createPicture(engine, Math.min(tiles, 80)).destroy();
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'babl-conversions-over-time',
    leaks: null,
    action: 25,
    setUp({ engine }) {
      const formats = ['RGBA u8', 'RGB float', 'Y u8', 'YA float', "R'G'B' u16"];
      const source = engine.createBuffer({ width: 16, height: 16 }, 'RGBA float');
      return {
        step(index) {
          const format = formats[Math.floor(index / 5) % 5] ?? '';
          const other = formats[index % 5] ?? '';
          const buffer = engine.createBuffer({ width: 16, height: 16 }, format);
          const pixels = source.getPixels({ format });
          buffer.setPixels(pixels).getPixels({ format: other });
          buffer.destroy();
        },
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'operations-loaded-lazily',
    leaks: null,
    action: 12,
    setUp({ engine }) {
      const names = [
        ...['gegl:invert-linear', 'gegl:opacity', 'gegl:brightness-contrast', 'gegl:exposure'],
        ...['gegl:box-blur', 'gegl:pixelize', 'gegl:saturation', 'gegl:sepia'],
        ...['gegl:threshold', 'gegl:vignette', 'gegl:mirrors', 'gegl:edge-sobel'],
      ];
      const source = createPicture(engine);
      return {
        step(index) {
          const name = names[index % names.length] ?? '';
          const graph = engine.createGraph();
          graph
            .createNode('gegl:buffer-source', { buffer: source })
            .link(graph.createNode(name))
            .blit({ width: 8, height: 8 }, { format: FORMAT });
          graph.destroy();
        },
        tearDown: () => source.destroy(),
      };
    },
  },
];

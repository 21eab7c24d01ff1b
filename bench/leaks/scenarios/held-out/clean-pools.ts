// Clean sessions that make things when they are first needed, keep them to be used again, or release them later.

import {
  type GeglBuffer,
  GeglError,
  type GeglGraph,
  type GeglProcessor,
} from '../../../../src/gegl/index.ts';
import { createGraph, createPicture, destroyAll, FORMAT, paintTile, SMALL } from '../../picture.ts';
import type { Scenario } from '../../scenario.ts';

export const cleanPools: readonly Scenario[] = [
  {
    name: 'filters-registered-at-their-first-use',
    leaks: null,
    setUp({ engine }) {
      const names = [
        ...['gegl:opacity', 'gegl:brightness-contrast', 'gegl:exposure', 'gegl:box-blur'],
        ...['gegl:pixelize', 'gegl:saturation', 'gegl:sepia', 'gegl:threshold'],
      ];
      const source = createPicture(engine);
      const registry = new Map<string, { graph: GeglGraph; apply(): void }>();
      const register = (name: string) => {
        const graph = engine.createGraph();
        const input = graph.createNode('gegl:buffer-source', { buffer: source });
        const node = input.link(graph.createNode(name));
        const apply = () => void node.blit({ width: 8, height: 8 }, { format: FORMAT });
        registry.set(name, { graph, apply });
        return registry.get(name);
      };
      return {
        step(_, random) {
          const name = names[Math.floor(random() * names.length)] ?? '';
          (registry.get(name) ?? register(name))?.apply();
        },
        tearDown: () => destroyAll([...[...registry.values()].map(({ graph }) => graph), source]),
      };
    },
  },
  {
    name: 'thumbnails-made-when-they-scroll-into-view',
    leaks: null,
    action: null,
    // Of 24 layers; an edit makes one invalid, which is made anew when it is seen again.
    setUp({ engine }) {
      const thumbnails = new Map<number, GeglBuffer>();
      return {
        step(index, random) {
          const edited = Math.floor(random() * 24);
          thumbnails.get(edited)?.destroy();
          thumbnails.delete(edited);
          const top = Math.abs(((index * 2) % 42) - 21);
          for (let layer = top; layer < top + 3; layer += 1) {
            if (!thumbnails.has(layer)) thumbnails.set(layer, engine.createBuffer(SMALL, FORMAT));
          }
        },
        tearDown: () => destroyAll(thumbnails.values()),
      };
    },
  },
  {
    name: 'brush-takes-dabs-from-a-pool',
    leaks: null,
    setUp({ engine }) {
      const pool: GeglBuffer[] = [];
      return {
        step(_, random) {
          const dabs = Array.from({ length: 3 + Math.floor(random() * 9) }, () => {
            const dab = pool.pop() ?? engine.createBuffer(SMALL, FORMAT);
            return dab.setPixels(new Float32Array(32 * 32 * 4).fill(random()), { format: FORMAT });
          });
          pool.push(...dabs);
        },
        tearDown: () => destroyAll(pool),
      };
    },
  },
  {
    name: 'destroyed-two-a-frame',
    leaks: null,
    action: 20,
    setUp({ engine }) {
      const source = createPicture(engine);
      const condemned: { destroy(): void }[] = [];
      return {
        step(index) {
          if (index % 20 === 4) {
            for (let count = 0; count < 12; count += 1) {
              condemned.push(source.dup(), engine.createColor([0, count / 12, 1]));
            }
          }
          destroyAll(condemned.splice(0, 2));
        },
        tearDown: () => destroyAll([...condemned, source]),
      };
    },
  },
  {
    name: 'a-second-tool-with-a-second-cache',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const brushes: GeglBuffer[] = [];
      const warps: GeglGraph[] = [];
      return {
        step(index) {
          if (index < 10) brushes.push(engine.createBuffer(SMALL, FORMAT));
          if (index >= 26 && index % 2 === 0 && warps.length < 10) {
            warps.push(createGraph(engine, source).graph);
          }
          paintTile(source, 0, 0);
        },
        tearDown: () => destroyAll([...brushes, ...warps, source]),
      };
    },
  },
  {
    name: 'failed-loads-tried-again-five-times',
    leaks: null,
    action: 3,
    setUp({ engine }) {
      let waiting: { tries: number; placeholder: GeglBuffer }[] = [];
      return {
        step(index) {
          if (index % 3 === 0) {
            waiting.push({ tries: 0, placeholder: engine.createBuffer(SMALL, FORMAT) });
          }
          for (const job of waiting) {
            try {
              engine.createBufferFromFile(new Uint8Array([66, 97, 100]));
            } catch (error) {
              if (!(error instanceof GeglError)) throw error;
              job.tries += 1;
            }
          }
          const isGivenUp = ({ tries }: { tries: number }) => tries >= 5;
          destroyAll(waiting.filter(isGivenUp).map(({ placeholder }) => placeholder));
          waiting = waiting.filter((job) => !isGivenUp(job));
        },
        tearDown: () => destroyAll(waiting.map(({ placeholder }) => placeholder)),
      };
    },
  },
  {
    name: 'processors-take-turns',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const { graph, output } = createGraph(engine, source);
      const running: GeglProcessor[] = [];
      return {
        step() {
          running.push(output.createProcessor(SMALL));
          if (running.length > 6) {
            const oldest = running.shift();
            while (oldest?.work());
            oldest?.destroy();
          }
          running.at(-1)?.work();
        },
        tearDown: () => destroyAll([...running, graph, source]),
      };
    },
  },
  {
    name: 'previews-sharpened-one-a-step',
    leaks: null,
    action: null,
    // There are 32 from the beginning to the end, and they take more and more until all are sharp; then an edit blurs one.
    setUp({ engine }) {
      const blurred = Array.from({ length: 32 }, (_, place) => place);
      const previews = blurred.map(() => engine.createBuffer(SMALL, FORMAT));
      const replace = (place: number, preview: GeglBuffer) => {
        previews[place]?.destroy();
        previews[place] = preview;
      };
      return {
        step(_, random) {
          const next = blurred.shift();
          if (next !== undefined) return replace(next, createPicture(engine, 2));
          const edited = Math.floor(random() * previews.length);
          replace(edited, engine.createBuffer(SMALL, FORMAT));
          blurred.push(edited);
        },
        tearDown: () => destroyAll(previews),
      };
    },
  },
];

// Clean sessions that use the engine in all the ways that may leave something behind.

import { Worker } from 'node:worker_threads';
import { GeglError } from '../../../src/gegl/index.ts';
import {
  createGraph,
  createPicture,
  destroyAll,
  edit,
  FORMAT,
  paintTile,
  SMALL,
} from '../picture.ts';
import type { Scenario } from '../scenario.ts';

export const cleanEngine: readonly Scenario[] = [
  {
    name: 'files-saved-and-loaded',
    leaks: null,
    setUp({ engine }) {
      const picture = engine.createBuffer(SMALL, "R'G'B'A u8");
      picture.setPixels(new Uint8Array(32 * 32 * 4).fill(99));
      return {
        step(index) {
          const file = picture.saveFile(index % 2 === 0 ? 'png' : 'ppm');
          engine.createBufferFromFile(file).destroy();
        },
        tearDown: () => picture.destroy(),
      };
    },
    action: 2,
  },
  {
    name: 'properties-set-on-a-living-node',
    leaks: null,
    setUp({ engine }) {
      const graph = engine.createGraph();
      const node = graph.createNode('gegl:color');
      const crop = graph.createNode('gegl:crop', SMALL);
      node.link(crop);
      return {
        step(_, random) {
          const color = engine.createColor([random(), random(), random()]);
          node.setProperty('value', color);
          color.destroy();
          crop.setProperty('width', 16 + Math.floor(random() * 16));
          crop.blit({ width: 8, height: 8 });
        },
        tearDown: () => graph.destroy(),
      };
    },
  },
  {
    name: 'errors-that-are-cleaned-up',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      return {
        step(index) {
          const graph = engine.createGraph();
          const copy = source.dup();
          try {
            graph.createNode(index % 3 === 0 ? 'gegl:no-such-thing' : 'gegl:opacity');
            if (index % 3 === 1) engine.createBuffer({ width: -1, height: 5 });
          } catch (error) {
            if (!(error instanceof GeglError)) throw error;
          } finally {
            destroyAll([graph, copy]);
          }
        },
        tearDown: () => source.destroy(),
      };
    },
    action: 3,
  },
  {
    name: 'processors-run-to-their-end',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const { graph, output } = createGraph(engine, source);
      return {
        step() {
          const processor = output.createProcessor(SMALL);
          while (processor.work());
          processor.destroy();
        },
        tearDown: () => destroyAll([graph, source]),
      };
    },
  },
  {
    name: 'one-graph-rendered-again-and-again',
    leaks: null,
    setUp({ engine }) {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      const graph = engine.createGraph();
      const move = graph.createNode('gegl:translate', { sampler: 'nearest' });
      graph.createNode('gegl:buffer-source', { buffer: source }).link(move);
      return {
        step(index) {
          move.setProperty('x', index % 17);
          move.blitToBuffer(target);
        },
        tearDown: () => destroyAll([graph, source, target]),
      };
    },
  },
  {
    name: 'nodes-rewired',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const graph = engine.createGraph();
      const input = graph.createNode('gegl:buffer-source', { buffer: source });
      const ways = [
        graph.createNode('gegl:opacity', { value: 0.4 }),
        graph.createNode('gegl:translate', { x: 2, sampler: 'nearest' }),
      ];
      const output = graph.createNode('gegl:crop', SMALL);
      return {
        step(index) {
          const way = ways[index % 2] ?? input;
          output.disconnect();
          input.connectTo(way);
          way.connectTo(output);
          output.blit(SMALL, { format: FORMAT });
        },
        tearDown: () => destroyAll([graph, source]),
      };
    },
    action: 2,
  },
  {
    name: 'copies-that-share-tiles',
    leaks: null,
    setUp({ engine }) {
      const layer = createPicture(engine, 3);
      return {
        step(index) {
          const copy = layer.dup();
          paintTile(copy, index % 3, 0);
          copy.destroy();
        },
        tearDown: () => layer.destroy(),
      };
    },
    action: 3,
  },
  {
    name: 'cleared-and-painted-anew',
    leaks: null,
    setUp({ engine }) {
      const layer = createPicture(engine, 6);
      return {
        step(index) {
          if (index % 8 === 7) layer.clear();
          else paintTile(layer, (index % 8) % 6, 0);
        },
        tearDown: () => layer.destroy(),
      };
    },
    action: 8,
  },
  {
    name: 'zoomed-views',
    leaks: null,
    setUp({ engine }) {
      const layer = createPicture(engine, 4);
      return {
        step(index) {
          if (index % 5 === 0) paintTile(layer, Math.floor(index / 5) % 4, 0);
          const scale = 1 / 2 ** (index % 4);
          layer.getPixels({ rect: { width: 16, height: 16 }, scale, format: FORMAT });
        },
        tearDown: () => layer.destroy(),
      };
    },
    action: 20,
  },
  {
    name: 'colors-come-and-go',
    leaks: null,
    setUp({ engine }) {
      return {
        step(_, random) {
          for (let count = 0; count < 10; count += 1) {
            engine.createColor([random(), random(), random()]).destroy();
          }
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'nodes-added-and-removed',
    leaks: null,
    setUp({ engine }) {
      const source = createPicture(engine);
      const graph = engine.createGraph();
      const input = graph.createNode('gegl:buffer-source', { buffer: source });
      return {
        step() {
          const node = input.link(graph.createNode('gegl:opacity', { value: 0.3 }));
          node.blit({ width: 8, height: 8 }, { format: FORMAT });
          node.destroy();
        },
        tearDown: () => destroyAll([graph, source]),
      };
    },
  },
  {
    name: 'a-worker-starts-and-ends',
    leaks: null,
    setUp({ engine }) {
      const layer = createPicture(engine);
      return {
        async step(index) {
          if (index % 20 !== 5) return paintTile(layer, 0, 0);
          const pixels = layer.getPixels({ rect: SMALL, format: FORMAT });
          const worker = new Worker(
            `const { parentPort, workerData } = require('node:worker_threads');
             parentPort.postMessage(workerData.map((value) => 1 - value));`,
            { eval: true, workerData: pixels, execArgv: [] },
          );
          const inverted = await new Promise<Float32Array>((resolve, reject) => {
            worker.once('message', resolve);
            worker.once('error', reject);
          });
          layer.setPixels(inverted, { rect: SMALL, format: FORMAT });
          await worker.terminate();
        },
        tearDown: () => layer.destroy(),
      };
    },
    action: 20,
  },
  {
    name: 'all-in-a-worker',
    leaks: null,
    inWorker: true,
    setUp({ engine }) {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      return {
        step: (index) => edit(engine, source, target, index % 7),
        tearDown: () => destroyAll([source, target]),
      };
    },
  },
];

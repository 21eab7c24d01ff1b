// Sessions that leak objects of the application: forgotten in a list, or dropped so that the garbage collector takes
// the handle. Each culprit is a function of its own, so that a stack can name it.

import {
  type GeglBuffer,
  type GeglColor,
  GeglError,
  type GeglGraph,
  type GeglNode,
  type GeglProcessor,
} from '../../../src/gegl/index.ts';
import {
  createGraph,
  createPicture,
  destroyAll,
  edit,
  FORMAT,
  paintTile,
  SMALL,
} from '../picture.ts';
import type { Engine, Scenario } from '../scenario.ts';

export const leakingHandles: readonly Scenario[] = [
  {
    name: 'buffers-kept-in-a-list',
    leaks: { kind: 'buffer', site: /keepForEver/ },
    setUp({ engine, planted }) {
      const list: GeglBuffer[] = [];
      return {
        step() {
          keepForEver(engine, list);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'buffers-dropped',
    leaks: { kind: 'buffer', site: /dropBuffer/ },
    setUp({ engine, planted }) {
      return {
        step() {
          dropBuffer(engine);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'large-buffers-dropped-now-and-then',
    leaks: { kind: 'buffer', site: /dropLargeBuffer/ },
    action: 12,
    setUp({ engine, planted }) {
      return {
        step(index) {
          if (index % 12 !== 5) return;
          dropLargeBuffer(engine);
          planted(10, 10 * 128 * 128 * 16);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'nodes-left-in-a-living-graph',
    leaks: { kind: 'node', site: /addAndForget/ },
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      const graph = engine.createGraph();
      const input = graph.createNode('gegl:buffer-source', { buffer: source });
      return {
        step() {
          addAndForget(graph, input);
          planted(1);
        },
        // What is leaked outlives it.
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'graphs-dropped',
    leaks: { kind: 'node', site: /dropGraph/ },
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      return {
        step() {
          dropGraph(engine, source);
          planted(4);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'graphs-kept-in-a-list',
    leaks: { kind: 'node', site: /keepGraph/ },
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      const documents: GeglGraph[] = [];
      return {
        step() {
          keepGraph(engine, source, documents);
          planted(4);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'processors-lost-before-their-end',
    leaks: { kind: 'processor', site: /loseProcessor/ },
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      const { output } = createGraph(engine, source);
      return {
        step() {
          loseProcessor(output);
          planted(1);
        },
        // What is leaked outlives it.
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'processors-kept-though-finished',
    leaks: { kind: 'processor', site: /keepProcessor/ },
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      const { output } = createGraph(engine, source);
      const jobs: GeglProcessor[] = [];
      return {
        step() {
          keepProcessor(output, jobs);
          planted(1);
        },
        // What is leaked outlives it.
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'colors-dropped',
    leaks: { kind: 'color', site: /dropColor/ },
    setUp({ engine, planted }) {
      return {
        step(_, random) {
          dropColor(engine, random());
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'colors-kept-by-name',
    leaks: { kind: 'color', site: /rememberColor/ },
    setUp({ engine, planted }) {
      const colors = new Map<string, GeglColor>();
      return {
        step(index) {
          rememberColor(engine, colors, index);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'undo-stack-without-a-bound',
    leaks: { kind: 'buffer', site: /pushUndo/ },
    setUp({ engine, planted }) {
      const layer = createPicture(engine, 2);
      const undo: GeglBuffer[] = [];
      return {
        step(index) {
          pushUndo(layer, undo);
          paintTile(layer, index % 2, 0);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'previews-cached-by-a-key-that-never-comes-again',
    leaks: { kind: 'buffer', site: /cachePreview/ },
    setUp({ engine, planted }) {
      const previews = new Map<string, GeglBuffer>();
      return {
        step(index) {
          cachePreview(engine, previews, `layer ${index} at ${index * 1.5}`);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'buffer-lost-on-the-error-path',
    leaks: { kind: 'buffer', site: /renderOrFail/ },
    action: 9,
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      return {
        step(index) {
          const fails = index % 9 === 4;
          try {
            renderOrFail(engine, source, fails ? 'gegl:no-such-thing' : 'gegl:opacity');
          } catch (error) {
            if (!(error instanceof GeglError)) throw error;
            planted(2);
          }
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'buffer-leak-beside-a-warm-up',
    leaks: { kind: 'buffer', site: /dropThumbnail/ },
    action: 6,
    setUp({ engine, planted }) {
      const warm = new Map<number, GeglBuffer>();
      return {
        step(index, random) {
          const key = Math.floor(random() ** 2 * 24);
          if (!warm.has(key)) warm.set(key, createPicture(engine));
          if (index % 6 !== 3) return;
          dropThumbnail(engine);
          planted(1);
        },
        tearDown: () => destroyAll(warm.values()),
      };
    },
  },
  {
    name: 'node-leak-beside-wandering-layers',
    leaks: { kind: 'node', site: /addAndForget/ },
    action: null,
    setUp({ engine, planted }) {
      const layers: GeglBuffer[] = [];
      const source = createPicture(engine);
      const graph = engine.createGraph();
      const input = graph.createNode('gegl:buffer-source', { buffer: source });
      return {
        step(_, random) {
          const up = random() < 0.5;
          if (up && layers.length < 24) layers.push(createPicture(engine));
          else if (!up) layers.pop()?.destroy();
          addAndForget(graph, input);
          planted(1);
        },
        tearDown: () => destroyAll([...layers, source]),
      };
    },
  },
  {
    name: 'slow-leak-of-buffers-beside-edits',
    leaks: { kind: 'buffer', site: /keepForEver/ },
    action: 10,
    setUp({ engine, planted }) {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      const list: GeglBuffer[] = [];
      return {
        step(index) {
          edit(engine, source, target, index % 9);
          if (index % 10 !== 6) return;
          keepForEver(engine, list);
          planted(1);
        },
        tearDown: () => destroyAll([source, target]),
      };
    },
  },
  {
    name: 'buffers-in-a-worker',
    leaks: { kind: 'buffer', site: /keepForEver/ },
    inWorker: true,
    setUp({ engine, planted }) {
      const list: GeglBuffer[] = [];
      return {
        step() {
          keepForEver(engine, list);
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'two-leaks-at-once',
    leaks: { kind: 'buffer', site: /dropThumbnail|rememberColor/ },
    setUp({ engine, planted }) {
      const colors = new Map<string, GeglColor>();
      return {
        step(index) {
          dropThumbnail(engine);
          rememberColor(engine, colors, index);
          planted(2);
        },
        tearDown() {},
      };
    },
  },
];

function keepForEver(engine: Engine, list: GeglBuffer[]): void {
  list.push(engine.createBuffer(SMALL, FORMAT));
}

function dropBuffer(engine: Engine): void {
  engine.createBuffer(SMALL, FORMAT).getPixels({ format: FORMAT });
}

function dropLargeBuffer(engine: Engine): void {
  createPicture(engine, 10);
}

function dropThumbnail(engine: Engine): void {
  engine.createBuffer({ width: 16, height: 16 }, FORMAT);
}

function addAndForget(graph: GeglGraph, input: GeglNode): void {
  input.connectTo(graph.createNode('gegl:opacity', { value: 0.2 })).getBoundingBox();
}

function dropGraph(engine: Engine, source: GeglBuffer): void {
  createGraph(engine, source).output.getBoundingBox();
}

function keepGraph(engine: Engine, source: GeglBuffer, documents: GeglGraph[]): void {
  documents.push(createGraph(engine, source).graph);
}

function loseProcessor(node: GeglNode): void {
  node.createProcessor(SMALL).work();
}

function keepProcessor(node: GeglNode, jobs: GeglProcessor[]): void {
  const processor = node.createProcessor(SMALL);
  while (processor.work());
  jobs.push(processor);
}

function dropColor(engine: Engine, red: number): void {
  engine.createColor([red, 0, 1]).get();
}

function rememberColor(engine: Engine, colors: Map<string, GeglColor>, index: number): void {
  colors.set(`color ${index}`, engine.createColor([index % 2, 0.5, 0.5]));
}

function pushUndo(layer: GeglBuffer, undo: GeglBuffer[]): void {
  undo.push(layer.dup());
}

function cachePreview(engine: Engine, previews: Map<string, GeglBuffer>, key: string): void {
  if (!previews.has(key)) previews.set(key, engine.createBuffer(SMALL, FORMAT));
}

/** Releases what it made, unless it fails on the way. */
function renderOrFail(engine: Engine, source: GeglBuffer, operation: string): void {
  const target = engine.createBuffer(SMALL, FORMAT);
  const graph = engine.createGraph();
  graph
    .createNode('gegl:buffer-source', { buffer: source })
    .link(graph.createNode(operation))
    .blitToBuffer(target);
  destroyAll([graph, target]);
}

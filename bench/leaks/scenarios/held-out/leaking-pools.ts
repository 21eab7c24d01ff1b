// Sessions whose pools, caches and tables leak: what is given up is not released, or never given up.

import { type GeglBuffer, GeglError } from '../../../../src/gegl/index.ts';
import { createPicture, destroyAll, FORMAT, SMALL } from '../../picture.ts';
import type { Engine, Scenario, World } from '../../scenario.ts';

export const leakingPools: readonly Scenario[] = [
  {
    name: 'evicted-from-the-cache-but-not-destroyed',
    leaks: { kind: 'buffer', site: /cacheTile/ },
    action: null,
    setUp({ engine, planted }) {
      const cache = new Map<number, GeglBuffer>();
      return {
        step(_, random) {
          const key = Math.floor(random() * 80);
          const tile = cache.get(key) ?? cacheTile(engine);
          cache.delete(key);
          cache.set(key, tile);
          const [oldest] = cache.keys();
          if (cache.size <= 20 || oldest === undefined) return;
          cache.delete(oldest);
          planted(1);
        },
        tearDown: () => destroyAll(cache.values()),
      };
    },
  },
  {
    name: 'registry-that-holds-what-it-waits-for',
    leaks: { kind: 'buffer', site: /adoptBuffer/ },
    setUp({ engine, planted }) {
      const registry = new FinalizationRegistry<() => void>((destroy) => destroy());
      const recent: object[] = [];
      return {
        step() {
          recent.push(adoptBuffer(engine, registry));
          if (recent.length <= 2) return;
          recent.shift();
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'thumbnails-invalid-but-not-destroyed',
    leaks: { kind: 'buffer', site: /makeThumbnail/ },
    action: null,
    setUp({ engine, planted }) {
      const thumbnails = new Map<number, GeglBuffer>();
      return {
        step(index, random) {
          if (thumbnails.delete(Math.floor(random() * 24))) planted(1);
          const top = Math.abs(((index * 2) % 42) - 21);
          for (let layer = top; layer < top + 3; layer += 1) {
            if (!thumbnails.has(layer)) thumbnails.set(layer, makeThumbnail(engine));
          }
        },
        tearDown: () => destroyAll(thumbnails.values()),
      };
    },
  },
  {
    name: 'gradients-by-a-revision-that-never-comes-again',
    leaks: { kind: 'block', site: /gradientTable/ },
    action: 2,
    setUp({ call, planted }) {
      const tables = new Map<string, number>();
      return {
        step(index) {
          const revision = Math.floor(index / 2);
          gradientTable(call, tables, `sunset, revision ${revision}`);
          if (index % 2 === 1) planted(1, 1024);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'pixels-held-by-a-pinned-node',
    leaks: { kind: 'node', site: /buildAndPin|culprit_pin/ },
    setUp({ engine, call, addressOf, planted }) {
      const source = createPicture(engine);
      return {
        step() {
          buildAndPin(engine, source, (node) => call('leaks_pin', addressOf(node)));
          planted(1);
        },
        // What is leaked outlives it.
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'rows-kept-when-an-export-falls-back',
    leaks: { kind: 'block', site: /exportPicture|stageRows/ },
    action: 15,
    setUp({ engine, call, planted }) {
      const picture = engine.createBuffer(SMALL, "R'G'B'A u8");
      picture.setPixels(new Uint8Array(32 * 32 * 4).fill(120));
      return {
        step(index) {
          const bytes = 1024 * (1 + (index % 3));
          // GEGL takes 1 to 9.
          const compression = index % 5 === 3 ? 12 : 1 + (index % 5);
          if (exportPicture(call, picture, compression, bytes) === 'by default') planted(1, bytes);
        },
        tearDown: () => picture.destroy(),
      };
    },
  },
];

function cacheTile(engine: Engine): GeglBuffer {
  return engine.createBuffer(SMALL, FORMAT);
}

/** @returns the owner, whose buffer is to be destroyed when nobody has the owner any more. */
function adoptBuffer(engine: Engine, registry: FinalizationRegistry<() => void>): object {
  const owner = { buffer: engine.createBuffer(SMALL, FORMAT) };
  // This function knows the owner, and the registry knows this function.
  registry.register(owner, () => owner.buffer.destroy());
  return owner;
}

function makeThumbnail(engine: Engine): GeglBuffer {
  return engine.createBuffer(SMALL, FORMAT);
}

function gradientTable(call: World['call'], tables: Map<string, number>, key: string): void {
  if (!tables.has(key)) tables.set(key, call('malloc', 1024) >>> 0);
}

/** If it can't be saved as it is asked for, it's begun again by default: with rows of its own. */
function exportPicture(
  call: World['call'],
  picture: GeglBuffer,
  compression: number,
  bytes: number,
): 'as asked for' | 'by default' {
  let rows = stageRows(call, bytes);
  let how: 'as asked for' | 'by default' = 'as asked for';
  try {
    picture.saveFile('png', { compression });
  } catch (error) {
    if (!(error instanceof GeglError)) throw error;
    rows = stageRows(call, bytes);
    picture.saveFile('png');
    how = 'by default';
  }
  call('free', rows);
  return how;
}

function stageRows(call: World['call'], bytes: number): number {
  return call('malloc', bytes);
}

/** A graph that is destroyed, but for the one of its nodes that somebody else has pinned. */
function buildAndPin(engine: Engine, source: GeglBuffer, pin: (node: object) => void): void {
  const graph = engine.createGraph();
  const input = graph.createNode('gegl:buffer-source', { buffer: source });
  const node = input.link(graph.createNode('gegl:opacity', { value: 0.5 }));
  pin(node);
  graph.destroy();
}

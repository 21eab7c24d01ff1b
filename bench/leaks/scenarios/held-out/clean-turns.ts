// Clean sessions whose things have owners that are hard to see, or go in a way of their own: generators, listeners,
// promises, slabs, weak tables, links without addresses.

import { type GeglBuffer, GeglError, type GeglNode } from '../../../../src/gegl/index.ts';
import {
  beginStack,
  createGraph,
  createPicture,
  destroyAll,
  FORMAT,
  paintTile,
  SMALL,
} from '../../picture.ts';
import type { Scenario } from '../../scenario.ts';
import { Blocks } from './blocks.ts';

export const cleanTurns: readonly Scenario[] = [
  {
    name: 'notes-in-one-block-that-begin-anew',
    leaks: null,
    action: 22,
    setUp({ call }) {
      return {
        step: () => void call('clean_note', 400, 10_000, 1200),
        tearDown: () => void call('clean_notes_close'),
      };
    },
  },
  {
    name: 'tree-whose-links-are-distances',
    leaks: null,
    action: null,
    setUp({ call }) {
      let due = 0;
      return {
        step(index, random) {
          const more = Math.floor(random() * 4);
          for (let count = 0; count < more; count += 1) {
            call('clean_due_add', index + Math.floor(random() * 40), Math.floor(random() * 300));
            due += 1;
          }
          const done = due > 24 ? due - 24 : Math.floor(random() * 4);
          for (let count = 0; count < done && due > 0; count += 1) {
            call('clean_due_first');
            due -= 1;
          }
        },
        tearDown() {
          for (; due > 0; due -= 1) call('clean_due_first');
        },
      };
    },
  },
  {
    name: 'slabs-known-by-their-cells-alone',
    leaks: null,
    action: null,
    // Paths are drawn point by point, and go as a whole: some slabs are full, and some are kept for a cell or two.
    setUp({ call }) {
      let paths: number[][] = [];
      const give = (path: readonly number[]) => {
        for (const cell of path) call('clean_cell_give', cell);
      };
      return {
        step(_, random) {
          if (paths.length < 9) paths.push([]);
          for (const path of paths) {
            const points = Math.floor(random() * 4);
            for (let count = 0; count < points; count += 1) path.push(call('clean_cell_take'));
          }
          const isDone = (path: readonly number[]) => path.length > 18;
          for (const path of paths.filter(isDone)) give(path);
          paths = paths.filter((path) => !isDone(path));
        },
        tearDown: () => paths.splice(0).forEach(give),
      };
    },
  },
  {
    name: 'swatches-shared-while-anybody-has-them',
    leaks: null,
    action: null,
    setUp({ call }) {
      const shares: number[] = [];
      const release = (place: number) => {
        for (const color of shares.splice(place, 1)) call('clean_swatch_release', color);
      };
      return {
        step(_, random) {
          for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
            shares.push(call('clean_swatch', Math.floor(random() * 16)));
          }
          for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
            release(Math.floor(random() * shares.length));
          }
          while (shares.length > 20) release(0);
        },
        tearDown() {
          while (shares.length > 0) release(0);
        },
      };
    },
  },
  {
    name: 'scratch-as-large-as-the-largest-so-far',
    leaks: null,
    // Four tools, each with a buffer of its own, which a brush of six tiles makes as large as it gets.
    setUp({ engine }) {
      const scratch = Array.from({ length: 4 }, () => ({
        tiles: 0,
        buffer: createPicture(engine),
      }));
      return {
        step(_, random) {
          const tool = scratch[Math.floor(random() * scratch.length)];
          const tiles = 1 + Math.floor(random() * 6);
          if (!tool) return;
          if (tiles > tool.tiles) {
            tool.buffer.destroy();
            tool.buffer = createPicture(engine, tiles);
            tool.tiles = tiles;
          }
          paintTile(tool.buffer, tiles - 1, 0);
        },
        tearDown: () => destroyAll(scratch.map(({ buffer }) => buffer)),
      };
    },
  },
  {
    name: 'fills-that-wait-in-generators',
    leaks: null,
    action: null,
    setUp({ call }) {
      const blocks = new Blocks(call);
      let fills: Generator<void, void>[] = [];
      return {
        step(_, random) {
          if (fills.length < 9) fills.push(fill(blocks, 4 + Math.floor(random() * 20)));
          // One that is cancelled frees what it has, too.
          if (random() < 0.15) fills.shift()?.return();
          fills = fills.filter((running) => !running.next().done);
        },
        tearDown() {
          for (const running of fills) running.return();
        },
      };
    },
  },
  {
    name: 'changes-kept-with-their-keyframe',
    leaks: null,
    action: null,
    inWorker: true,
    // A keyframe is a picture of its own, and the changes after it are encoded; three keyframes can be gone back to.
    setUp({ engine, call }) {
      const blocks = new Blocks(call);
      const kept: { keyframe: GeglBuffer; changes: number[] }[] = [];
      const forget = ({ keyframe, changes }: { keyframe: GeglBuffer; changes: number[] }) => {
        keyframe.destroy();
        for (const change of changes) blocks.free(change);
      };
      let left = 0;
      return {
        step(_, random) {
          if (left === 0) {
            kept.push({ keyframe: createPicture(engine, 3), changes: [] });
            left = 4 + Math.floor(random() * 9);
            if (kept.length > 3) kept.splice(0, 1).forEach(forget);
          }
          kept.at(-1)?.changes.push(blocks.allocate(200 + Math.floor(random() ** 3 * 60_000)));
          left -= 1;
        },
        tearDown: () => kept.forEach(forget),
      };
    },
  },
  {
    name: 'filters-tried-and-cancelled-or-baked',
    leaks: null,
    action: null,
    // What a dialog shows are nodes in the document's graph: cancelled, they go; applied, they stay, four filters at most.
    setUp({ engine }) {
      let picture = createPicture(engine);
      const { graph, top: input } = beginStack(engine, picture);
      const applied: GeglNode[][] = [];
      let tried: GeglNode[] = [];
      const topOf = () => applied.at(-1)?.at(-1) ?? input;
      const bake = (filter: readonly GeglNode[]) => {
        const baked = createPicture(engine);
        filter.at(-1)?.blitToBuffer(baked);
        const next = applied[0]?.[0];
        next?.disconnect();
        destroyAll(filter);
        input.setProperty('buffer', baked);
        if (next) input.connectTo(next);
        picture.destroy();
        picture = baked;
      };
      return {
        step(_, random) {
          const draw = random();
          if (tried.length === 0) {
            tried = Array.from({ length: 1 + Math.floor(draw * 3) }, () =>
              graph.createNode('gegl:opacity', { value: 0.9 }),
            );
            topOf().link(...tried);
          } else if (draw < 0.3) destroyAll(tried.splice(0));
          else if (draw < 0.6) {
            applied.push(tried);
            tried = [];
            if (applied.length > 4) applied.splice(0, 1).forEach(bake);
          } else tried[0]?.setProperty('value', draw);
          (tried.at(-1) ?? topOf()).blit({ width: 8, height: 8 }, { format: FORMAT });
        },
        tearDown: () => destroyAll([graph, picture]),
      };
    },
  },
  {
    name: 'panels-that-listen-until-they-are-closed',
    leaks: null,
    action: null,
    // At each zoom, an open panel has a color more to show, eight at most, and sometimes a graph.
    setUp({ engine }) {
      const source = createPicture(engine);
      const view = new EventTarget();
      const open: (() => void)[] = [];
      const openPanel = () => {
        const shown: { destroy(): void }[] = [];
        const onZoom = () => {
          if (shown.length === 3) shown.push(createGraph(engine, source).graph);
          else if (shown.length < 8) shown.push(engine.createColor([0, shown.length / 8, 1]));
        };
        view.addEventListener('zoom', onZoom);
        open.push(() => {
          view.removeEventListener('zoom', onZoom);
          destroyAll(shown);
        });
      };
      return {
        step(_, random) {
          if (random() < 0.35 && open.length < 6) openPanel();
          if (random() < 0.25) {
            for (const close of open.splice(Math.floor(random() * open.length), 1)) close();
          }
          if (random() < 0.7) view.dispatchEvent(new Event('zoom'));
        },
        tearDown() {
          for (const close of open) close();
          source.destroy();
        },
      };
    },
  },
  {
    name: 'asked-for-twice-and-loaded-once',
    leaks: null,
    action: null,
    // What is loaded, or being loaded, is a promise in a cache; one that fails is not kept.
    setUp({ engine }) {
      const picture = engine.createBuffer(SMALL, "R'G'B'A u8");
      const file = picture.saveFile('ppm');
      picture.destroy();
      const loads = new Map<number, Promise<GeglBuffer>>();
      const load = async (key: number) => {
        await Promise.resolve();
        return engine.createBufferFromFile(key % 5 === 3 ? new Uint8Array([66, 97, 100]) : file);
      };
      const get = async (key: number) => {
        const loading = loads.get(key) ?? load(key);
        loads.delete(key);
        loads.set(key, loading);
        try {
          return (await loading).getExtent().width;
        } catch (error) {
          if (!(error instanceof GeglError)) throw error;
          loads.delete(key);
          return 0;
        }
      };
      return {
        async step(_, random) {
          const keys = [Math.floor(random() ** 2 * 30), Math.floor(random() * 30)];
          await Promise.all([...keys, ...keys].map(get));
          for (const [oldest, loading] of loads) {
            if (loads.size <= 12) break;
            loads.delete(oldest);
            (await loading).destroy();
          }
        },
        tearDown() {
          for (const loading of loads.values()) void loading.then((brush) => brush.destroy());
        },
      };
    },
  },
];

/** A flood fill, a bit of it whenever it is gone on with; its stack is in pieces. */
function* fill(blocks: Blocks, spans: number): Generator<void, void> {
  const stack: number[] = [];
  try {
    for (let span = 0; span < spans; span += 1) {
      if (span % 3 === 0) stack.push(blocks.allocate(800));
      yield;
    }
  } finally {
    for (const piece of stack) blocks.free(piece);
  }
}

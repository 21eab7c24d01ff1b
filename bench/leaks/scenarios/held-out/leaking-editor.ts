// Sessions of an image editor that leak objects by mistakes in the order of things: on a path that is taken seldom, or
// by an owner who goes before what it owns.

import { type GeglBuffer, type GeglColor, GeglError } from '../../../../src/gegl/index.ts';
import {
  createGraph,
  createPicture,
  destroyAll,
  edit,
  FORMAT,
  paintTile,
  SMALL,
} from '../../picture.ts';
import type { Engine, Scenario } from '../../scenario.ts';

interface Listener {
  readonly swatch: GeglColor;
  notify(): void;
}

export const leakingEditor: readonly Scenario[] = [
  {
    name: 'state-lost-by-an-undo-after-a-redo',
    leaks: { kind: 'buffer', site: /takeState/ },
    action: 6,
    setUp({ engine, planted }) {
      let layer = createPicture(engine, 2);
      const undo: GeglBuffer[] = [];
      const redo: GeglBuffer[] = [];
      const actions = ['edit', 'edit', 'undo', 'redo', 'undo', 'edit'];
      return {
        step(index) {
          const action = actions[index % actions.length];
          if (action === 'edit') {
            destroyAll(redo.splice(0));
            undo.push(layer);
            layer = takeState(layer);
            paintTile(layer, index % 2, 0);
            if (undo.length > 10) undo.shift()?.destroy();
            return;
          }
          const [from, to] = action === 'undo' ? [undo, redo] : [redo, undo];
          const state = from.pop();
          if (!state) return;
          // It takes the layer for the one that the redo has put onto the stack.
          if (index % actions.length === 4) planted(1);
          else to.push(layer);
          layer = state;
        },
        tearDown: () => destroyAll([layer, ...undo, ...redo]),
      };
    },
  },
  {
    name: 'every-thirty-seventh-save',
    leaks: { kind: 'buffer', site: /saveCopy/ },
    action: 37,
    setUp({ engine, planted }) {
      const layer = engine.createBuffer(SMALL, "R'G'B'A u8");
      return {
        step(index) {
          const isForgotten = index % 37 === 36;
          saveCopy(layer, isForgotten);
          if (isForgotten) planted(1);
        },
        tearDown: () => layer.destroy(),
      };
    },
  },
  {
    name: 'previews-cancelled-by-chance',
    leaks: { kind: 'processor', site: /beginPreview/ },
    action: null,
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      return {
        step(_, random) {
          const { graph, processor } = beginPreview(engine, source);
          if (random() < 0.2) return planted(5);
          while (processor.work());
          destroyAll([processor, graph]);
        },
        // What is leaked outlives it.
        tearDown: () => source.destroy(),
      };
    },
  },
  {
    name: 'listener-registered-twice-and-removed-once',
    leaks: { kind: 'color', site: /listenWithSwatch/ },
    setUp({ engine, planted }) {
      const listeners = new Set<Listener>();
      return {
        step() {
          // When the panel is made, and when it is shown.
          listenWithSwatch(engine, listeners);
          const listener = listenWithSwatch(engine, listeners);
          for (const { notify } of [...listeners].slice(-2)) notify();
          listeners.delete(listener);
          listener.swatch.destroy();
          planted(1);
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'mask-lost-when-a-load-fails',
    leaks: { kind: 'buffer', site: /loadWithMask/ },
    action: 3,
    setUp({ engine, planted }) {
      const picture = engine.createBuffer(SMALL, "R'G'B'A u8");
      const good = picture.saveFile('ppm');
      const bad = new Uint8Array([66, 97, 100]);
      picture.destroy();
      return {
        async step(index) {
          try {
            await loadWithMask(engine, index % 3 === 1 ? bad : good);
          } catch (error) {
            if (!(error instanceof GeglError)) throw error;
            planted(1);
          }
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'layers-closed-without-their-masks',
    leaks: { kind: 'buffer', site: /createMask/ },
    setUp({ engine, planted }) {
      const open: { pixels: GeglBuffer; mask: GeglBuffer }[] = [];
      return {
        step() {
          open.push({ pixels: createPicture(engine), mask: createMask(engine) });
          if (open.length <= 8) return;
          open.shift()?.pixels.destroy();
          planted(1);
        },
        tearDown: () => destroyAll(open.flatMap(({ pixels, mask }) => [pixels, mask])),
      };
    },
  },
  {
    name: 'crop-of-a-copy-of-a-copy',
    leaks: { kind: 'buffer', site: /cropCopy/ },
    action: 4,
    setUp({ engine, planted }) {
      const [layer, target] = [createPicture(engine), createPicture(engine)];
      return {
        step(index) {
          if (index % 4 !== 1) return edit(engine, layer, target, index % 4);
          cropCopy(layer).destroy();
          planted(1);
        },
        tearDown: () => destroyAll([layer, target]),
      };
    },
  },
];

function takeState(layer: GeglBuffer): GeglBuffer {
  return layer.dup();
}

function saveCopy(layer: GeglBuffer, isForgotten: boolean): void {
  const copy = layer.dup();
  copy.saveFile('png');
  if (!isForgotten) copy.destroy();
}

function beginPreview(engine: Engine, source: GeglBuffer) {
  const { graph, output } = createGraph(engine, source);
  return { graph, processor: output.createProcessor(SMALL) };
}

function listenWithSwatch(engine: Engine, listeners: Set<Listener>): Listener {
  const swatch = engine.createColor([0.2, 0.4, 0.6]);
  const listener = { swatch, notify: () => void swatch.get() };
  listeners.add(listener);
  return listener;
}

async function loadWithMask(engine: Engine, file: Uint8Array): Promise<void> {
  const mask = engine.createBuffer(SMALL, 'Y float');
  await Promise.resolve();
  const picture = engine.createBufferFromFile(file);
  destroyAll([picture, mask]);
}

function createMask(engine: Engine): GeglBuffer {
  return engine.createBuffer(SMALL, FORMAT);
}

/** Two copies, of which the first is forgotten. */
function cropCopy(layer: GeglBuffer): GeglBuffer {
  const copy = layer.dup();
  copy.clear({ x: 0, y: 0, width: 4, height: 4 });
  return copy.dup();
}

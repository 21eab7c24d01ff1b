// Clean sessions of an image editor: what it keeps of a document's past, and of documents.

import type { GeglBuffer } from '../../../../src/gegl/index.ts';
import {
  beginStack,
  createPicture,
  destroyAll,
  edit,
  FORMAT,
  paintTile,
  SMALL,
} from '../../picture.ts';
import type { Scenario } from '../../scenario.ts';

export const cleanEditor: readonly Scenario[] = [
  {
    name: 'undo-by-a-budget-of-bytes',
    leaks: null,
    // How many patches the budget holds depends on their sizes, which are drawn.
    action: null,
    setUp({ engine }) {
      const patches: { tiles: number; buffer: GeglBuffer }[] = [];
      return {
        step(_, random) {
          const tiles = 1 + Math.floor(random() ** 2 * 6);
          patches.push({ tiles, buffer: createPicture(engine, tiles) });
          while (patches.reduce((sum, patch) => sum + patch.tiles, 0) > 20) {
            patches.shift()?.buffer.destroy();
          }
        },
        tearDown: () => destroyAll(patches.map(({ buffer }) => buffer)),
      };
    },
  },
  {
    name: 'redo-branch-cut-off-by-an-edit',
    leaks: null,
    action: null,
    setUp({ engine }) {
      let layer = createPicture(engine, 2);
      const undo: GeglBuffer[] = [];
      const redo: GeglBuffer[] = [];
      /** The layer goes onto one stack, and what is on top of the other becomes the layer. */
      const exchange = (from: GeglBuffer[], to: GeglBuffer[]) => {
        const state = from.pop();
        if (!state) return;
        to.push(layer);
        layer = state;
      };
      return {
        step(index, random) {
          const draw = random();
          if (draw < 0.25) return exchange(undo, redo);
          if (draw < 0.4) return exchange(redo, undo);
          destroyAll(redo.splice(0));
          undo.push(layer.dup());
          paintTile(layer, index % 2, 0);
          if (undo.length > 12) undo.shift()?.destroy();
        },
        tearDown: () => destroyAll([layer, ...undo, ...redo]),
      };
    },
  },
  {
    name: 'clipboard-keeps-the-last-copy',
    leaks: null,
    action: 15,
    setUp({ engine }) {
      const layer = createPicture(engine);
      let clipboard = createPicture(engine);
      return {
        step(index) {
          if (index % 5 === 2) {
            clipboard.destroy();
            clipboard = createPicture(engine, 1 + (Math.floor(index / 5) % 3));
          } else edit(engine, clipboard, layer, index % 5);
        },
        tearDown: () => destroyAll([layer, clipboard]),
      };
    },
  },
  {
    name: 'autosave-every-eighth-step',
    leaks: null,
    action: 8,
    setUp({ engine }) {
      const document = engine.createBuffer(SMALL, "R'G'B'A u8");
      const saved: GeglBuffer[] = [];
      const files: Uint8Array[] = [];
      return {
        step(index) {
          document.setPixels(new Uint8Array(32 * 32 * 4).fill(index % 8));
          if (index % 8 !== 7) return;
          saved.push(document.dup());
          files.push(document.saveFile('png'));
          if (saved.length > 2) saved.shift()?.destroy();
          if (files.length > 2) files.shift();
        },
        tearDown: () => destroyAll([document, ...saved]),
      };
    },
  },
  {
    name: 'history-thinned-with-age',
    leaks: null,
    action: 8,
    // All of the last eight states, and every eighth of forty more.
    setUp({ engine }) {
      const layer = createPicture(engine, 2);
      let history: { at: number; state: GeglBuffer }[] = [];
      return {
        step(index) {
          history.push({ at: index, state: layer.dup() });
          paintTile(layer, index % 2, 0);
          const isKept = ({ at }: { at: number }) =>
            index - at < 8 || (index - at < 48 && at % 8 === 0);
          destroyAll(history.filter((entry) => !isKept(entry)).map(({ state }) => state));
          history = history.filter(isKept);
        },
        tearDown: () => destroyAll([layer, ...history.map(({ state }) => state)]),
      };
    },
  },
  {
    name: 'documents-opened-and-closed-in-bursts',
    leaks: null,
    action: null,
    setUp({ engine }) {
      const open: { destroy(): void }[] = [];
      const canvas = createPicture(engine);
      return {
        step(_, random) {
          const draw = random();
          if (open.length > 0 && draw < 0.12) destroyAll(open.splice(0));
          else if (open.length === 0 && draw < 0.3) {
            const documents = 2 + Math.floor(random() * 4);
            for (let count = 0; count < documents; count += 1) {
              const layers = [createPicture(engine), createPicture(engine, 2)];
              const graphs = layers.map((layer) => beginStack(engine, layer).graph);
              open.push(...graphs, ...layers, engine.createColor([0, draw, 1]));
            }
          } else paintTile(canvas, 0, 0);
        },
        tearDown: () => destroyAll([...open, canvas]),
      };
    },
  },
  {
    name: 'versions-that-share-less-and-less',
    leaks: null,
    action: null,
    // Each tile of each version becomes its own when it is first painted.
    setUp({ engine }) {
      const original = createPicture(engine, 8);
      const versions = Array.from({ length: 5 }, () => original.dup());
      return {
        step(_, random) {
          for (let count = 0; count < 3; count += 1) {
            const version = versions[Math.floor(random() * versions.length)] ?? original;
            paintTile(version, Math.floor(random() * 8), 0);
            version.getPixels({ rect: { width: 4, height: 4 }, format: FORMAT });
          }
        },
        tearDown: () => destroyAll([original, ...versions]),
      };
    },
  },
  {
    name: 'strokes-merged-into-one-level-of-undo',
    leaks: null,
    action: 6,
    // A copy before each dab; when a stroke ends, its first one is left. Five strokes can be undone.
    setUp({ engine }) {
      const layer = createPicture(engine, 2);
      const dabs: GeglBuffer[] = [];
      const strokes: GeglBuffer[] = [];
      return {
        step(index) {
          dabs.push(layer.dup());
          paintTile(layer, index % 2, 0);
          if (index % 6 !== 5) return;
          strokes.push(...dabs.splice(0, 1));
          destroyAll(dabs.splice(0));
          if (strokes.length > 5) strokes.shift()?.destroy();
        },
        tearDown: () => destroyAll([layer, ...dabs, ...strokes]),
      };
    },
  },
];

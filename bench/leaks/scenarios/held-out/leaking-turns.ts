// Sessions that leak by what comes at the wrong time or at none: answers that are late, callbacks, closures, shares.

import { setMaxListeners } from 'node:events';
import {
  type GeglBuffer,
  GeglError,
  type GeglGraph,
  type GeglNode,
} from '../../../../src/gegl/index.ts';
import { createGraph, createPicture, destroyAll, FORMAT, SMALL } from '../../picture.ts';
import type { Engine, Scenario, World } from '../../scenario.ts';
import { block, leaking, memory, object } from '../leaking.ts';

export const leakingTurns: readonly Scenario[] = [
  {
    name: 'renders-overtaken-by-newer-ones',
    leaks: { kind: 'buffer', site: /renderView/ },
    action: 12,
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      let shown = createPicture(engine);
      let newest = 0;
      const show = async (zoom: number) => {
        newest += 1;
        const request = newest;
        const view = await renderView(engine, source, zoom);
        // What comes too late is not shown, and forgotten.
        if (request !== newest) return planted(1);
        shown.destroy();
        shown = view;
      };
      return {
        async step(index) {
          // A turn of the wheel asks four times before the first view is there.
          const notches = index % 12 === 7 ? 4 : 1;
          await Promise.all(Array.from({ length: notches }, (_, notch) => show(index + notch)));
        },
        tearDown: () => destroyAll([shown, source]),
      };
    },
  },
  {
    name: 'closed-panels-that-wake-at-a-zoom',
    leaks: { kind: 'node', site: /refreshPreview/ },
    action: 30,
    setUp({ engine, planted }) {
      const source = createPicture(engine);
      const view = new EventTarget();
      // Node would say that there are many listeners; a browser does not.
      setMaxListeners(0, view);
      const closed: Panel[] = [];
      let panel: Panel | null = null;
      return {
        step(index) {
          if (index % 5 === 0) panel = new Panel(engine, source, view);
          if (index % 5 === 3 && panel) {
            panel.close();
            closed.push(panel);
            panel = null;
          }
          if (index % 6 !== 5) return;
          view.dispatchEvent(new Event('zoom'));
          // Those that slept until now.
          for (const _ of closed.splice(0)) planted(4);
        },
        tearDown() {
          panel?.close();
          source.destroy();
        },
      };
    },
  },
  {
    name: 'loaded-twice-at-the-same-time',
    leaks: { kind: 'buffer', site: /loadBrush/ },
    action: null,
    inWorker: true,
    setUp({ engine, planted }) {
      const file = fileOf(engine);
      const brushes = new Map<string, GeglBuffer>();
      const getBrush = async (name: string) => {
        const known = brushes.get(name);
        if (known) return known;
        const brush = await loadBrush(engine, file);
        // Whoever comes second writes over the first.
        if (brushes.has(name)) planted(1);
        brushes.set(name, brush);
        return brush;
      };
      return {
        async step(index, random) {
          const name = `brush ${Math.floor(random() * 14)}`;
          // The tool, and at every third step the palette, too.
          const askers = index % 3 === 1 ? 2 : 1;
          const asked = Array.from({ length: askers }, () => getBrush(name));
          for (const brush of await Promise.all(asked)) brush.getExtent();
          for (const [oldest, brush] of brushes) {
            if (brushes.size <= 6) break;
            brushes.delete(oldest);
            brush.destroy();
          }
        },
        tearDown: () => destroyAll(brushes.values()),
      };
    },
  },
  {
    name: 'brothers-of-a-load-that-failed',
    leaks: { kind: 'buffer', site: /loadPart/ },
    action: 7,
    setUp({ engine, planted }) {
      const file = fileOf(engine);
      const broken = new Uint8Array([66, 97, 100]);
      return {
        async step(index) {
          const second = index % 7 === 4 ? broken : file;
          const parts = [file, second, file].map((part) => loadPart(engine, part));
          try {
            destroyAll(await Promise.all(parts));
          } catch (error) {
            if (!(error instanceof GeglError)) throw error;
            // The first and the third were loaded.
            planted(2);
          }
        },
        tearDown() {},
      };
    },
  },
  {
    name: 'previews-known-weakly-alone',
    leaks: { kind: 'buffer', site: /previewOf/ },
    action: 6,
    // They are made again after the garbage collector took them: the handles, and not what these stand for.
    setUp({ engine, planted }) {
      const previews = new Map<number, WeakRef<GeglBuffer>>();
      return {
        step(index) {
          const layer = index % 6;
          const known = previews.get(layer);
          if (known && !known.deref()) planted(1);
          previewOf(engine, previews, layer).getPixels({ format: FORMAT });
        },
        tearDown() {},
      };
    },
  },
  leaking('rows-of-a-generator-left-by-a-break', block(/scanRows/), 5, ({ call, planted }) => {
    return (index) => {
      // Looks for the first row that shows anything.
      const first = index % 5 === 3 ? 9 : Number.POSITIVE_INFINITY;
      for (const row of scanRows(call, 16)) {
        if (row < first) continue;
        planted(1, 96);
        break;
      }
    };
  }),
  {
    ...leaking('halved-more-than-once', block(/culprit_halve/), null, ({ call, planted }) => {
      return (_, random) => {
        const draw = random();
        const side = draw < 0.75 ? 512 : draw < 0.92 ? 1024 : 2048;
        call('leaks_thumbnail', side);
        if (side === 1024) planted(1, 512 ** 2);
        if (side === 2048) planted(2, 1024 ** 2 + 512 ** 2);
      };
    }),
    inWorker: true,
  },
  leaking(
    'color-asked-of-a-node-and-not-given-back',
    object(/culprit_peek_color|tintNode/),
    4,
    ({ engine, call, addressOf, planted }) => {
      const node = engine.createGraph().createNode('gegl:color');
      return (index) => {
        tintNode(engine, node, (index % 4) / 4);
        if (index % 4 === 1) call('leaks_peek_color', addressOf(node));
        // From now on the node has another.
        if (index % 4 === 2) planted(1);
      };
    },
  ),
  leaking(
    'updates-for-a-main-loop-that-never-runs',
    memory(/culprit_update_later/),
    3,
    ({ call, planted }) =>
      (index) => {
        if (index % 3 === 0) return;
        call('leaks_update_later', index);
        planted(2, 8);
      },
  ),
  leaking(
    'states-of-drawing-saved-and-not-restored',
    memory(/culprit_save_state|drawShape/),
    4,
    ({ call, planted }) =>
      (index) => {
        drawShape(call, 5);
        if (!drawShape(call, index % 4 === 2 ? 2 : 7)) planted(1, 56);
      },
  ),
];

/** It has a preview while it is open; a zoom makes it anew. */
class Panel {
  readonly #engine: Engine;
  readonly #source: GeglBuffer;
  readonly #view: EventTarget;
  #preview: GeglGraph | null = null;

  constructor(engine: Engine, source: GeglBuffer, view: EventTarget) {
    this.#engine = engine;
    this.#source = source;
    this.#view = view;
    view.addEventListener('zoom', this.refreshPreview.bind(this));
  }

  refreshPreview(): void {
    this.#preview?.destroy();
    this.#preview = createGraph(this.#engine, this.#source).graph;
  }

  close(): void {
    // That is another function than the one that listens.
    this.#view.removeEventListener('zoom', this.refreshPreview.bind(this));
    this.#preview?.destroy();
    this.#preview = null;
  }
}

async function renderView(engine: Engine, source: GeglBuffer, zoom: number): Promise<GeglBuffer> {
  await Promise.resolve();
  const view = engine.createBuffer({ width: 64, height: 64 }, FORMAT);
  const graph = engine.createGraph();
  const move = graph.createNode('gegl:translate', { x: -(zoom % 12), sampler: 'nearest' });
  graph.createNode('gegl:buffer-source', { buffer: source }).link(move).blitToBuffer(view);
  graph.destroy();
  return view;
}

function fileOf(engine: Engine): Uint8Array {
  const picture = engine.createBuffer(SMALL, "R'G'B'A u8");
  const file = picture.saveFile('ppm');
  picture.destroy();
  return file;
}

async function loadBrush(engine: Engine, file: Uint8Array): Promise<GeglBuffer> {
  await Promise.resolve();
  return engine.createBufferFromFile(file);
}

async function loadPart(engine: Engine, file: Uint8Array): Promise<GeglBuffer> {
  await Promise.resolve();
  return engine.createBufferFromFile(file);
}

function previewOf(
  engine: Engine,
  previews: Map<number, WeakRef<GeglBuffer>>,
  layer: number,
): GeglBuffer {
  const known = previews.get(layer)?.deref();
  if (known) return known;
  const preview = engine.createBuffer(SMALL, FORMAT);
  previews.set(layer, new WeakRef(preview));
  return preview;
}

/** Frees its row after the last, which it does not come to if it is left before. */
function* scanRows(call: World['call'], rows: number): Generator<number> {
  const row = call('malloc', 96);
  for (let y = 0; y < rows; y += 1) yield y;
  call('free', row);
}

function tintNode(engine: Engine, node: GeglNode, red: number): void {
  const color = engine.createColor([red, 0.5, 0]);
  node.setProperty('value', color);
  color.destroy();
}

/** @returns whether there was a shape to be drawn: without, it goes before it restores. */
function drawShape(call: World['call'], points: number): boolean {
  call('leaks_save_state');
  if (points < 3) return false;
  call('leaks_restore_state');
  return true;
}

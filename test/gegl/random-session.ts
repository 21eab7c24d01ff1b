// A long session of GEGL work in an order that a seed decides: buffers, graphs, every operation, processors,
// files, failures. Two sessions of the same seed do the same.

import { createHash } from 'node:crypto';
import {
  type GeglBuffer,
  type GeglEngine,
  GeglError,
  type GeglGraph,
} from '../../src/gegl/index.ts';
import { randomNumbers } from '../random-numbers.ts';
import { pattern } from './conformance/case.ts';
import { CANNOT_RUN, createOperation, writeInputFiles } from './operation-needs.ts';

const AREA = { x: 0, y: 0, width: 64, height: 64 };

/** What a blur works in: babl, which picks its conversions by timing them, has nothing to convert then. */
const BLUR_FORMAT = 'RaGaBaA float';

export interface SessionOptions {
  readonly seed: number;
  /** Random actions beside the operations. */
  readonly actions: number;
  /** Called again and again, between tasks. */
  readonly checkpoint: () => void;
}

/** @returns a hash of all pixels that were read on the way. */
export function runSession(engine: GeglEngine, options: SessionOptions): string {
  const random = randomNumbers(options.seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pixels = createHash('sha256');
  const input = engine.createBuffer(AREA);
  input.setPixels(pattern(AREA.width, AREA.height));
  const unconverted = engine.createBuffer(AREA, BLUR_FORMAT);
  unconverted.setPixels(pattern(AREA.width, AREA.height));
  writeInputFiles(engine, input);
  const buffers: GeglBuffer[] = [];
  const graphs: GeglGraph[] = [];
  const pick = <T>(list: T[]): T | undefined => list[below(list.length)];
  const takeOut = <T>(list: T[]): T | undefined => list.splice(below(list.length), 1)[0];

  const todo = engine.operations().filter(({ name }) => !(name in CANNOT_RUN));
  const actions: (() => void)[] = [
    () => buffers.push(engine.createBuffer({ width: 1 + below(300), height: 1 + below(300) })),
    () => {
      const rect = { width: 8, height: 8 };
      pick(buffers)?.setPixels(pattern(8, 8), { rect, format: 'RGBA float' });
    },
    () => void pick(buffers)?.getPixels(),
    () => takeOut(buffers)?.destroy(),
    () => takeOut(graphs)?.destroy(),
    () => {
      const graph = engine.createGraph();
      graphs.push(graph);
      const move = graph.createNode('gegl:translate', { x: below(9), y: 1, sampler: 'nearest' });
      const blur = graph.createNode('gegl:gaussian-blur', {
        'std-dev-x': random() * 4,
        'std-dev-y': 1,
      });
      graph.createNode('gegl:buffer-source', { buffer: unconverted }).link(move, blur);
      pixels.update(blur.blit(AREA, { format: BLUR_FORMAT }));
      const processor = blur.createProcessor(AREA);
      for (let steps = below(4); steps > 0 && processor.work(); steps--);
      processor.destroy();
    },
    () => {
      const color = engine.createColor(`rgb(${random()}, ${random()}, ${random()})`);
      const graph = engine.createGraph();
      graphs.push(graph);
      graph.createNode('gegl:color', { value: color }).blit({ width: 5, height: 5 });
      color.destroy();
    },
    () => {
      const graph = engine.createGraph();
      fails(() => graph.createNode('gegl:there-is-no-such-thing'));
      graph.destroy();
    },
    () => void fails(() => engine.createBuffer({ width: -1, height: 5 })),
    () => {
      const file = input.saveFile(random() < 0.5 ? 'png' : 'jpeg');
      file.fill(0xff, file.length >> 1, (file.length >> 1) + below(40));
      // A damaged file may still be read in part.
      fails(() => buffers.push(engine.createBufferFromFile(file)));
    },
    () => {
      const operation = takeOut(todo);
      if (!operation) return;
      const { graph, node } = createOperation(engine, operation, input);
      if (operation.outputs.length > 0) node.blit(AREA);
      else node.process();
      graph.destroy();
    },
  ];
  for (let count = 0; count < options.actions || todo.length > 0; count++) {
    // Operations are the most of it.
    (random() < 0.4 ? actions.at(-1) : pick(actions))?.();
    if (count % 20 === 0) options.checkpoint();
  }
  for (const object of [...graphs, ...buffers, unconverted, input]) object.destroy();
  options.checkpoint();
  return pixels.digest('hex');
}

function fails(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if (error instanceof GeglError) return true;
    throw error;
  }
}

// What GEGL's operations need, beside their inputs, to run on a small picture; for tests that run them all.

import type {
  GeglBuffer,
  GeglEngine,
  OperationDescription,
  PropertyValue,
} from '../../src/gegl/index.ts';
import { RED_GIF } from './conformance/files.ts';

/** Operations that cannot run here, and why. Each can still be made and destroyed. */
export const CANNOT_RUN: Readonly<Record<string, string>> = {
  'gegl:open-buffer':
    'reads a swap file by a writer thread of its own, and the module has no threads',
};

/** What an operation needs beside its inputs. */
const PROPERTIES: Readonly<Record<string, Readonly<Record<string, PropertyValue>>>> = {
  'gegl:exp-combine': { exposures: '0 1' },
  'gegl:gif-load': { path: '/tmp/picture.gif' },
  'gegl:jpg-load': { path: '/tmp/picture.jpeg' },
  'gegl:load': { path: '/tmp/picture.png' },
  'gegl:png-load': { path: '/tmp/picture.png' },
  'gegl:ppm-load': { path: '/tmp/picture.ppm' },
  'gegl:rgbe-load': { path: '/tmp/picture.rgbe' },
  'gegl:gegl-buffer-save': { path: '/tmp/saved.gegl' },
  'gegl:jpg-save': { path: '/tmp/saved.jpg' },
  'gegl:npy-save': { path: '/tmp/saved.npy' },
  'gegl:png-save': { path: '/tmp/saved.png' },
  'gegl:ppm-save': { path: '/tmp/saved.ppm' },
  'gegl:rgbe-save': { path: '/tmp/saved.hdr' },
  'gegl:save': { path: '/tmp/saved.png' },
};

/** Where an operation has more pads than inputs that it wants. */
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  'gegl:exp-combine': ['exposure-0', 'exposure-1'],
};

/** Writes the files that `PROPERTIES` names. */
export function writeInputFiles({ module }: GeglEngine, picture: GeglBuffer): void {
  for (const type of ['png', 'jpeg', 'ppm', 'rgbe'] as const) {
    module.FS.writeFile(`/tmp/picture.${type}`, picture.saveFile(type));
  }
  module.FS.writeFile('/tmp/picture.gif', RED_GIF);
}

/** A graph with one operation that has its inputs. */
export function createOperation(
  engine: GeglEngine,
  operation: OperationDescription,
  input: GeglBuffer,
) {
  const { name } = operation;
  const graph = engine.createGraph();
  const node = graph.createNode(name, PROPERTIES[name]);
  for (const pad of INPUTS[name] ?? operation.inputs) {
    graph.createNode('gegl:buffer-source', { buffer: input }).connectTo(node, { input: pad });
  }
  return { graph, node };
}

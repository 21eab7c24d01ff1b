// Every operation that GEGL lists is made, given its inputs, processed on a small picture, and
// destroyed. One engine serves all, so one that corrupts memory would show in those after it.

import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest';
import {
  type GeglBuffer,
  GeglEngine,
  type GeglMessage,
  type PropertyValue,
} from '../../src/gegl/index.ts';
import { moduleFactory } from './built-module.ts';
import { assertNoCriticals, pattern } from './conformance/case.ts';
import { RED_GIF } from './conformance/files.ts';

const AREA = { x: 0, y: 0, width: 64, height: 64 };

/** Operations that cannot run here, and why. Each is still made and destroyed. */
const CANNOT_RUN: Readonly<Record<string, string>> = {
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

const engine = new GeglEngine();
const messages: GeglMessage[] = [];
let input: GeglBuffer;

await engine.init({
  module: moduleFactory(),
  license: 'GPL3',
  onMessage: (message) => messages.push(message),
});
const operations = engine.operations();

beforeAll(() => {
  input = engine.createBuffer(AREA);
  input.setPixels(pattern(AREA.width, AREA.height));
  const { FS } = engine.module;
  for (const type of ['png', 'jpeg', 'ppm', 'rgbe'] as const) {
    FS.writeFile(`/tmp/picture.${type}`, input.saveFile(type));
  }
  FS.writeFile('/tmp/picture.gif', RED_GIF);
});
afterAll(() => {
  input.destroy();
  engine.exit();
  assertNoCriticals(messages);
});

describe('every operation', () => {
  it('there are 230 or more', () => {
    expect(operations.length).toBeGreaterThanOrEqual(230);
  });

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    '%s',
    (name, operation) => {
      const graph = engine.createGraph();
      const node = graph.createNode(name, PROPERTIES[name]);
      for (const pad of INPUTS[name] ?? operation.inputs) {
        graph.createNode('gegl:buffer-source', { buffer: input }).connectTo(node, { input: pad });
      }
      if (!(name in CANNOT_RUN)) {
        if (operation.outputs.length > 0) {
          const pixels = node.blit(AREA);
          assert.strictEqual(pixels.length, AREA.width * AREA.height * 4);
        } else {
          node.process();
        }
      }
      graph.destroy();
      expect(node.isDestroyed).toBe(true);
    },
  );
});

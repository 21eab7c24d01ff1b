// Every operation that GEGL lists is made, given its inputs, processed on a small picture, and
// destroyed. One engine serves all, so one that corrupts memory would show in those after it.

import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest';
import { type GeglBuffer, GeglEngine, type GeglMessage } from '../../src/gegl/index.ts';
import { moduleFactory } from './built-module.ts';
import { assertNoCriticals, pattern } from './conformance/case.ts';
import { CANNOT_RUN, createOperation, writeInputFiles } from './operation-needs.ts';

const AREA = { x: 0, y: 0, width: 64, height: 64 };

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
  writeInputFiles(engine, input);
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
      const { graph, node } = createOperation(engine, operation, input);
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

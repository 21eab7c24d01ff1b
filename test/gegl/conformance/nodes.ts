// Graphs, nodes, properties, connections, rendering, processors.

import { assert } from 'chai';
import { type ConformanceCase, pattern, throwsCode } from './case.ts';

export const nodeCases: readonly ConformanceCase[] = [
  {
    name: 'a graph renders: source, operation, pixels',
    smoke: true,
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 20, height: 10 });
      const pixels = pattern(20, 10);
      buffer.setPixels(pixels);
      const graph = Gegl.createGraph();
      const invert = graph
        .createNode('gegl:buffer-source', { buffer })
        .link(graph.createNode('gegl:invert-linear'));
      assert.deepEqual(invert.getBoundingBox(), { x: 0, y: 0, width: 20, height: 10 });
      const result = invert.blit();
      assert.strictEqual(result.length, pixels.length);
      assert.closeTo(result[4] ?? Number.NaN, 1 - (pixels[4] ?? Number.NaN), 1e-6);
      assert.closeTo(result[7] ?? Number.NaN, pixels[7] ?? Number.NaN, 1e-6);
      graph.destroy();
      buffer.destroy();
    },
  },
  {
    name: 'gegl:blur is an alias of gegl:gaussian-blur',
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      assert.strictEqual(
        graph.createNode('gegl:blur', { 'std-dev-x': 2 }).operation.name,
        'gegl:gaussian-blur',
      );
      graph.destroy();
    },
  },
  {
    name: 'blit renders a rectangle, in a format, scaled, into an array',
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const color = graph.createNode('gegl:color', { value: 'rgb(1.0, 0.0, 0.0)' });
      const bytes = color.blit({ x: 5, y: 5, width: 2, height: 1 }, { format: "R'G'B'A u8" });
      assert.deepEqual([...bytes], [255, 0, 0, 255, 255, 0, 0, 255]);
      const into = new Uint8Array(4);
      assert.strictEqual(
        color.blit({ width: 1, height: 1 }, { format: "R'G'B'A u8", into, scale: 0.5 }),
        into,
      );
      assert.deepEqual([...into], [255, 0, 0, 255]);
      graph.destroy();
    },
  },
  {
    name: 'blitToBuffer renders into a buffer, all of it or a rectangle',
    smoke: true,
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const color = graph.createNode('gegl:color', { value: [0, 1, 0] });
      const target = Gegl.createBuffer({ width: 3, height: 1 }, "R'G'B' u8");
      color.blitToBuffer(target, { x: 1, y: 0, width: 1, height: 1 });
      assert.deepEqual([...target.getPixels()], [0, 0, 0, 0, 255, 0, 0, 0, 0]);
      color.blitToBuffer(target);
      assert.deepEqual([...target.getPixels()], [0, 255, 0, 0, 255, 0, 0, 255, 0]);
      graph.destroy();
      target.destroy();
    },
  },
  {
    name: 'process makes a sink do its effect',
    run: ({ Gegl }) => {
      const target = Gegl.createBuffer({ width: 4, height: 4 }, 'Y float');
      const graph = Gegl.createGraph();
      graph
        .createNode('gegl:color', { value: 'white' })
        .link(
          graph.createNode('gegl:crop', { width: 4, height: 4 }),
          graph.createNode('gegl:write-buffer', { buffer: target }),
        )
        .process();
      assert.isTrue([...target.getPixels()].every((value) => Math.abs(value - 1) < 1e-5));
      graph.destroy();
      target.destroy();
    },
  },
  {
    name: 'connectTo takes pads; link chains; disconnect undoes',
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const area = { width: 1, height: 1 };
      const bottom = graph.createNode('gegl:color', { value: [0, 0, 1] });
      const top = graph.createNode('gegl:color', { value: [1, 0, 0] });
      const over = bottom.link(graph.createNode('gegl:over'));
      assert.strictEqual(top.connectTo(over, { input: 'aux' }), over);
      const format = "R'G'B' u8";
      assert.deepEqual([...over.blit(area, { format })], [255, 0, 0]);
      assert.isTrue(over.disconnect('aux'));
      assert.isFalse(over.disconnect('aux'));
      assert.deepEqual([...over.blit(area, { format })], [0, 0, 255]);
      graph.destroy();
    },
  },
  {
    name: 'a destroyed node leaves the graph working',
    run: (environment) => {
      const { Gegl } = environment;
      const graph = Gegl.createGraph();
      const crop = graph.createNode('gegl:crop', { width: 2, height: 2 });
      const invert = graph
        .createNode('gegl:color')
        .link(crop, graph.createNode('gegl:invert-linear'));
      crop.destroy();
      throwsCode(environment, 'DISCONNECTED_INPUT', () => invert.blit());
      graph.createNode('gegl:checkerboard').connectTo(invert);
      assert.strictEqual(invert.blit({ width: 2, height: 2 }).length, 16);
      graph.destroy();
    },
  },
  {
    name: 'properties of every type are set and read back',
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const blur = graph.createNode('gegl:gaussian-blur');
      blur
        .setProperty('std-dev-x', 2.5)
        .setProperty('filter', 'fir')
        .setProperty('clip-extent', false);
      assert.deepEqual(
        ['std-dev-x', 'filter', 'clip-extent'].map((name) => blur.getProperty(name)),
        [2.5, 'fir', false],
      );
      const checkerboard = graph.createNode('gegl:checkerboard', {
        x: 7,
        color1: 'rgb(1.0, 0.0, 0.0)',
      });
      assert.strictEqual(checkerboard.getProperty('x'), 7);
      assert.match(String(checkerboard.getProperty('color1')), /^rgba?\(1\.0+, 0\.0+, 0\.0+/);
      const color = Gegl.createColor([0, 0, 1, 0.5]);
      checkerboard.setProperty('color2', color);
      assert.match(String(checkerboard.getProperty('color2')), /0\.5/);
      checkerboard.setProperty('format', 'RGBA half');
      assert.strictEqual(checkerboard.getProperty('format'), 'RGBA half');
      const curve = graph.createNode('gegl:contrast-curve', {
        curve: [
          [0, 0],
          [0.5, 0.25],
          [1, 1],
        ],
      });
      assert.deepEqual(curve.getProperty('curve'), [
        [0, 0],
        [0.5, 0.25],
        [1, 1],
      ]);
      const path = graph.createNode('gegl:fill-path', { d: 'M 0,0 L 10,0 L 10,10 z' });
      assert.match(String(path.getProperty('d')), /10/);
      const noise = graph.createNode('gegl:noise-rgb', { seed: 42 });
      assert.strictEqual(noise.getProperty('seed'), 42);
      const source = graph.createNode('gegl:buffer-source', { buffer: null });
      assert.isNull(source.getProperty('buffer'));
      color.destroy();
      graph.destroy();
    },
  },
  {
    name: 'an unknown operation is refused, with the nearest names, and makes no node',
    smoke: true,
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const error = throwsCode(environment, 'UNKNOWN_OPERATION', () =>
        graph.createNode('gegl:gausian-blur'),
      );
      assert.strictEqual(error.suggestions[0], 'gegl:gaussian-blur');
      for (const name of ['', 'gegl:', 'x\0', undefined as never, 5 as never]) {
        assert.throws(() => graph.createNode(name), environment.GeglError);
      }
      assert.strictEqual(graph.nodes.size, 0);
      graph.destroy();
    },
  },
  {
    name: 'an unknown property is refused, with the nearest names, and makes no node',
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const error = throwsCode(environment, 'UNKNOWN_PROPERTY', () =>
        graph.createNode('gegl:gaussian-blur', { 'std-dev': 4 }),
      );
      assert.include(error.suggestions, 'std-dev-x');
      assert.strictEqual(graph.nodes.size, 0);
      const node = graph.createNode('gegl:gaussian-blur');
      throwsCode(environment, 'UNKNOWN_PROPERTY', () => node.getProperty('radius'));
      throwsCode(environment, 'UNKNOWN_PROPERTY', () => node.setProperty('operation', 'gegl:nop'));
      graph.destroy();
    },
  },
  {
    name: 'a value of the wrong type or out of range is refused, and the old one stays',
    smoke: true,
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const blur = graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 3 });
      for (const value of [
        -1,
        1e9,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '3',
        true,
        null,
        [3],
      ] as const) {
        throwsCode(environment, 'INVALID_VALUE', () =>
          blur.setProperty('std-dev-x', value as never),
        );
      }
      assert.strictEqual(blur.getProperty('std-dev-x'), 3);
      throwsCode(environment, 'INVALID_VALUE', () => blur.setProperty('clip-extent', 'yes'));
      const error = throwsCode(environment, 'INVALID_VALUE', () =>
        blur.setProperty('filter', 'irr'),
      );
      assert.strictEqual(error.suggestions[0], 'iir');
      const checkerboard = graph.createNode('gegl:checkerboard');
      throwsCode(environment, 'INVALID_VALUE', () => checkerboard.setProperty('x', 1.5));
      throwsCode(environment, 'INVALID_COLOR', () =>
        checkerboard.setProperty('color1', 'no color'),
      );
      throwsCode(environment, 'INVALID_COLOR', () => checkerboard.setProperty('color1', [1, 2]));
      throwsCode(environment, 'INVALID_VALUE', () => checkerboard.setProperty('color1', true));
      throwsCode(environment, 'UNKNOWN_FORMAT', () =>
        checkerboard.setProperty('format', 'nothing'),
      );
      const source = graph.createNode('gegl:buffer-source');
      throwsCode(environment, 'INVALID_VALUE', () => source.setProperty('buffer', 'a buffer'));
      const curve = graph.createNode('gegl:contrast-curve');
      throwsCode(environment, 'INVALID_VALUE', () => curve.setProperty('curve', [[0, 2]]));
      throwsCode(environment, 'INVALID_VALUE', () => curve.setProperty('curve', 'straight'));
      const sink = graph.createNode('gegl:buffer-sink');
      throwsCode(environment, 'INVALID_VALUE', () => sink.setProperty('buffer', 12));
      graph.destroy();
    },
  },
  {
    name: 'an unknown pad is refused, with the pads that there are',
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const color = graph.createNode('gegl:color');
      const over = graph.createNode('gegl:over');
      const error = throwsCode(environment, 'UNKNOWN_PAD', () =>
        color.connectTo(over, { input: 'auks' }),
      );
      assert.deepEqual(error.suggestions, ['aux']);
      assert.match(error.message, /it has aux, input/);
      throwsCode(environment, 'UNKNOWN_PAD', () => color.connectTo(over, { output: 'out' }));
      throwsCode(environment, 'UNKNOWN_PAD', () => over.connectTo(color));
      throwsCode(environment, 'UNKNOWN_PAD', () => over.disconnect('output'));
      graph.destroy();
    },
  },
  {
    name: 'a cycle is refused, short or long, and the graph goes on working',
    smoke: true,
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const [a, b, c] = [1, 2, 3].map(() => graph.createNode('gegl:invert-linear'));
      if (!a || !b || !c) throw new Error('three nodes');
      a.link(b, c);
      throwsCode(environment, 'CYCLE', () => c.connectTo(a));
      throwsCode(environment, 'CYCLE', () => a.connectTo(a));
      graph.createNode('gegl:color', { value: 'black' }).connectTo(a);
      assert.deepEqual(
        [...c.blit({ width: 1, height: 1 }, { format: "R'G'B' u8" })],
        [255, 255, 255],
      );
      graph.destroy();
    },
  },
  {
    name: 'a missing input is an error wherever it is upstream, not an empty result',
    smoke: true,
    run: (environment) => {
      const { Gegl } = environment;
      const graph = Gegl.createGraph();
      const end = graph
        .createNode('gegl:invert-linear')
        .link(graph.createNode('gegl:gaussian-blur'));
      const error = throwsCode(environment, 'DISCONNECTED_INPUT', () =>
        end.blit({ width: 1, height: 1 }),
      );
      assert.match(error.message, /gegl:invert-linear/);
      const target = Gegl.createBuffer({ width: 1, height: 1 });
      throwsCode(environment, 'DISCONNECTED_INPUT', () => end.process());
      throwsCode(environment, 'DISCONNECTED_INPUT', () => end.blitToBuffer(target));
      throwsCode(environment, 'DISCONNECTED_INPUT', () => end.createProcessor());
      throwsCode(environment, 'DISCONNECTED_INPUT', () =>
        end.createProcessor({ width: 4, height: 4 }),
      );
      throwsCode(environment, 'DISCONNECTED_INPUT', () =>
        graph.createNode('gegl:write-buffer').process(),
      );
      graph.destroy();
      target.destroy();
    },
  },
  {
    name: 'the whole of an infinite plane is refused; a rectangle of it is not',
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const plane = graph.createNode('gegl:checkerboard');
      throwsCode(environment, 'INFINITE_EXTENT', () => plane.blit());
      throwsCode(environment, 'INFINITE_EXTENT', () => plane.process());
      throwsCode(environment, 'INFINITE_EXTENT', () => plane.createProcessor());
      assert.strictEqual(plane.blit({ width: 2, height: 2 }).length, 16);
      graph.destroy();
    },
  },
  {
    name: 'a processor works in steps, with progress to the end',
    smoke: true,
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const blur = graph
        .createNode('gegl:checkerboard')
        .link(
          graph.createNode('gegl:crop', { width: 600, height: 600 }),
          graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 4, 'std-dev-y': 4 }),
        );
      const processor = blur.createProcessor();
      let before = 0;
      assert.strictEqual(processor.progress, 0);
      while (processor.work()) {
        assert.isAtLeast(processor.progress, before);
        assert.isAtMost(processor.progress, 1);
        before = processor.progress;
      }
      assert.strictEqual(processor.progress, 1);
      assert.isTrue(processor.isFinished);
      assert.isFalse(processor.work());
      processor.destroy();
      const part = blur.createProcessor({ x: 10, y: 10, width: 5, height: 5 });
      while (part.work());
      part.destroy();
      graph.destroy();
    },
  },
  {
    name: 'a processor outlives its node',
    run: ({ Gegl }) => {
      const graph = Gegl.createGraph();
      const crop = graph
        .createNode('gegl:checkerboard')
        .link(graph.createNode('gegl:crop', { width: 9, height: 9 }));
      const processor = crop.createProcessor();
      graph.destroy();
      while (processor.work());
      processor.destroy();
    },
  },
];

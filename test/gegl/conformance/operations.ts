// What the engine tells of GEGL: operations, figures, settings, colors, messages.

import { assert } from 'chai';
import type { GeglMessage } from '../../../src/gegl/index.ts';
import { type ConformanceCase, throwsCode, withEngine } from './case.ts';

export const operationCases: readonly ConformanceCase[] = [
  {
    name: 'every operation tells its pads and properties',
    smoke: true,
    run: ({ Gegl }) => {
      const operations = Gegl.operations();
      assert.isAtLeast(operations.length, 230);
      const types = new Set<string>();
      for (const { name, inputs, outputs, properties } of operations) {
        assert.include(name, ':');
        assert.isAtLeast(inputs.length + outputs.length, 1, name);
        for (const property of properties) {
          types.add(property.type);
          assert.isNotEmpty(property.name);
          if (typeof property.minimum === 'number' && typeof property.default === 'number') {
            assert.isAtLeast(property.default, property.minimum, `${name}.${property.name}`);
          }
        }
      }
      assert.includeMembers(
        [...types],
        [
          'boolean',
          'int',
          'double',
          'enum',
          'string',
          'color',
          'seed',
          'buffer',
          'curve',
          'path',
          'format',
        ],
      );
      const blur = Gegl.operation('gegl:gaussian-blur');
      assert.deepEqual(
        [blur.inputs, blur.outputs, blur.categories],
        [['input'], ['output'], ['blur']],
      );
      const [deviation] = blur.properties;
      assert.deepInclude(deviation, {
        name: 'std-dev-x',
        type: 'double',
        minimum: 0,
        maximum: 1500,
        default: 1.5,
      });
      assert.deepInclude(blur.properties.find(({ name }) => name === 'filter') ?? {}, {
        type: 'enum',
        values: ['auto', 'fir', 'iir'],
        default: 'auto',
      });
    },
  },
  {
    name: 'the license shows and hides the GPL3+ operations',
    run: (environment) =>
      withEngine(environment, (engine) => {
        const without = engine.operations().length;
        throwsCode(environment, 'UNKNOWN_OPERATION', () => engine.operation('gegl:ripple'));
        engine.config.applicationLicense = 'GPL3';
        assert.isAbove(engine.operations().length, without);
        assert.match(engine.operation('gegl:ripple').license ?? '', /GPL3/);
      }),
  },
  {
    name: 'stats are numbers that follow what is done',
    smoke: true,
    run: ({ Gegl }) => {
      const before = Gegl.stats();
      assert.hasAllKeys(before, [
        'tileCacheTotal',
        'tileCacheTotalMax',
        'tileCacheTotalUncompressed',
        'tileCacheHits',
        'tileCacheMisses',
        'swapTotal',
        'swapTotalUncompressed',
        'swapFileSize',
        'swapBusy',
        'swapQueuedTotal',
        'swapQueueFull',
        'swapQueueStalls',
        'swapReading',
        'swapReadTotal',
        'swapWriting',
        'swapWriteTotal',
        'zoomTotal',
        'tileAllocTotal',
        'scratchTotal',
        'assignedThreads',
        'activeThreads',
      ]);
      const buffer = Gegl.createBuffer({ width: 256, height: 256 });
      buffer.setPixels(new Float32Array(256 * 256 * 4).fill(0.25));
      assert.strictEqual(Gegl.stats().tileCacheTotal - before.tileCacheTotal, 256 * 256 * 16);
      buffer.destroy();
      assert.strictEqual(Gegl.stats().tileCacheTotal, before.tileCacheTotal);
    },
  },
  {
    name: 'settings are read and set, and those that would stop the module are fixed',
    run: (environment) =>
      withEngine(environment, (engine) => {
        const { config } = engine;
        config.tileCacheSize = 64 * 2 ** 20;
        config.quality = 0.5;
        config.mipmapRendering = true;
        config.tileWidth = 64;
        assert.deepEqual(
          [config.tileCacheSize, config.quality, config.mipmapRendering, config.tileWidth],
          [64 * 2 ** 20, 0.5, true, 64],
        );
        assert.strictEqual(config.threads, 1);
        for (const [name, value] of [
          ['threads', 4],
          ['swap', '/tmp'],
          ['useOpencl', true],
          ['quality', 3],
          ['quality', Number.NaN],
          ['tileCacheSize', -1],
          ['tileCacheSize', 'big'],
          ['mipmapRendering', 1],
        ] as const) {
          throwsCode(environment, 'INVALID_VALUE', () => Object.assign(config, { [name]: value }));
        }
        assert.strictEqual(config.quality, 0.5);
        assert.throws(() => Object.assign(config, { tileCacheSizes: 1 }), TypeError);
      }),
  },
  {
    name: 'colors are made of strings and of linear components, and read back',
    smoke: true,
    run: (environment) => {
      const { Gegl } = environment;
      const red = Gegl.createColor('#ff0000');
      assert.deepEqual([...red.get()], [1, 0, 0, 1]);
      assert.deepEqual([...red.set([0.5, 0.25, 0.125, 0.75]).get()], [0.5, 0.25, 0.125, 0.75]);
      const opaque = Gegl.createColor([0, 1, 0]);
      assert.deepEqual([...opaque.get()], [0, 1, 0, 1]);
      const error = throwsCode(environment, 'INVALID_COLOR', () => Gegl.createColor('reddish'));
      assert.match(error.glibMessage?.text ?? '', /reddish/);
      for (const init of [[1], [1, 2, Number.NaN], [1, 2, 3, 4, 5], 7, null]) {
        throwsCode(environment, 'INVALID_COLOR', () => Gegl.createColor(init as never));
      }
      throwsCode(environment, 'INVALID_COLOR', () => red.set([1, 2]));
      assert.deepEqual([...red.get()], [0.5, 0.25, 0.125, 0.75]);
      red.destroy();
      opaque.destroy();
    },
  },
  {
    name: "GLib's messages reach the handler, and a handler that throws disturbs nothing",
    run: async (environment) => {
      const messages: GeglMessage[] = [];
      await withEngine(
        environment,
        (engine) => {
          engine.createBuffer({ width: 2, height: 2 });
          engine.exit();
        },
        { onMessage: (message) => messages.push(message) },
      );
      const leaked = messages.find(({ text }) => /1 GeglBuffers leaked/.test(text));
      assert.deepInclude(leaked, { level: 'print', domain: 'stdout' });
    },
  },
];

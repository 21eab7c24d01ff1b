// Starting and ending engines, and the life of handles.

import { assert } from 'chai';
import { type ConformanceCase, rejectsCode, throwsCode, withEngine } from './case.ts';

export const lifecycleCases: readonly ConformanceCase[] = [
  {
    name: 'an engine tells the versions of what it runs',
    smoke: true,
    run: ({ Gegl }) => {
      assert.strictEqual(Gegl.versions.gegl, '0.4.62');
      assert.match(Gegl.versions.babl ?? '', /^0\.1\./);
      assert.match(Gegl.versions.glib ?? '', /^2\./);
      assert.isTrue(Gegl.isRunning);
    },
  },
  {
    name: 'init on a running engine is refused',
    run: async (environment) => {
      await rejectsCode(environment, 'ALREADY_INITIALIZED', environment.Gegl.init());
      assert.isTrue(environment.Gegl.isRunning);
    },
  },
  {
    name: 'a second init while the first is under way is refused',
    run: async (environment) => {
      const engine = new environment.GeglEngine();
      const first = engine.init({ module: environment.createModule });
      await rejectsCode(environment, 'ALREADY_INITIALIZED', engine.init());
      await first;
      engine.exit();
    },
  },
  {
    name: 'an engine that is not started says so',
    run: (environment) => {
      const engine = new environment.GeglEngine();
      throwsCode(environment, 'NOT_INITIALIZED', () => engine.createGraph());
      throwsCode(environment, 'NOT_INITIALIZED', () => engine.exit());
      throwsCode(environment, 'NOT_INITIALIZED', () => engine.stats());
    },
  },
  {
    name: 'init takes an instance as well as a factory, and an instance only once',
    run: async (environment) => {
      const instance = await environment.createModule();
      const engine = await new environment.GeglEngine().init({ module: instance });
      engine.exit();
      await rejectsCode(
        environment,
        'ALREADY_INITIALIZED',
        new environment.GeglEngine().init({ module: instance }),
      );
    },
  },
  {
    name: 'init refuses what is no GEGL module, and may be tried again',
    run: async (environment) => {
      const engine = new environment.GeglEngine();
      await rejectsCode(environment, 'MODULE_LOAD_FAILED', engine.init({ module: {} }));
      await rejectsCode(
        environment,
        'MODULE_LOAD_FAILED',
        engine.init({ module: () => Promise.reject(new Error('no wasm here')) }),
      );
      await engine.init({ module: environment.createModule });
      engine.exit();
    },
  },
  {
    name: 'init that fails at its last step leaves nothing running, and may be tried again',
    run: async (environment) => {
      const engine = new environment.GeglEngine();
      await rejectsCode(
        environment,
        'INVALID_VALUE',
        engine.init({ module: environment.createModule, license: 3 as never }),
      );
      assert.isFalse(engine.isRunning);
      await engine.init({ module: environment.createModule, license: 'GPL3' });
      assert.strictEqual(engine.config.applicationLicense, 'GPL3');
      engine.exit();
    },
  },
  {
    name: 'after exit, init starts anew; old handles are dead, and exit counts them',
    run: async (environment) => {
      const engine = await new environment.GeglEngine().init({ module: environment.createModule });
      const buffer = engine.createBuffer({ width: 4, height: 4 });
      engine.createColor('red');
      assert.deepEqual(engine.exit(), { buffers: 1, nodes: 0, processors: 0, colors: 1 });
      assert.isTrue(buffer.isDestroyed);
      throwsCode(environment, 'NOT_INITIALIZED', () => buffer.getPixels());
      throwsCode(environment, 'NOT_INITIALIZED', () => engine.createGraph());
      await engine.init({ module: environment.createModule });
      assert.strictEqual(engine.createBuffer({ width: 2, height: 2 }).getPixels().length, 16);
      engine.exit();
    },
  },
  {
    name: 'two engines live side by side, and their objects do not mix',
    run: (environment) =>
      withEngine(environment, (other) => {
        const { Gegl } = environment;
        const graph = Gegl.createGraph();
        const foreign = other.createBuffer({ width: 3, height: 3 });
        throwsCode(environment, 'INVALID_ARGUMENT', () =>
          graph.createNode('gegl:buffer-source', { buffer: foreign }),
        );
        const source = graph.createNode('gegl:checkerboard');
        throwsCode(environment, 'INVALID_ARGUMENT', () => source.blitToBuffer(foreign));
        const otherNode = other.createGraph().createNode('gegl:invert-linear');
        throwsCode(environment, 'INVALID_ARGUMENT', () => source.connectTo(otherNode));
        graph.destroy();
      }),
  },
  {
    name: 'destroy ends a handle; use afterwards and a second destroy are refused',
    smoke: true,
    run: (environment) => {
      const { Gegl } = environment;
      const graph = Gegl.createGraph();
      const node = graph.createNode('gegl:checkerboard');
      const processor = node.createProcessor({ width: 8, height: 8 });
      const objects = [
        Gegl.createBuffer({ width: 2, height: 2 }),
        Gegl.createColor('red'),
        processor,
        node,
        graph,
      ];
      for (const object of objects) {
        assert.isFalse(object.isDestroyed);
        object.destroy();
        assert.isTrue(object.isDestroyed, object.describe());
        throwsCode(environment, 'DESTROYED', () => object.destroy());
      }
      throwsCode(environment, 'DESTROYED', () => graph.createNode('gegl:checkerboard'));
      throwsCode(environment, 'DESTROYED', () => node.getBoundingBox());
      throwsCode(environment, 'DESTROYED', () => processor.work());
    },
  },
  {
    name: 'Symbol.dispose destroys, and is harmless after destroy',
    run: ({ Gegl }) => {
      const color = Gegl.createColor('red');
      color[Symbol.dispose]();
      assert.isTrue(color.isDestroyed);
      color[Symbol.dispose]();
    },
  },
  {
    name: 'destroying a graph destroys its nodes',
    run: (environment) => {
      const graph = environment.Gegl.createGraph();
      const node = graph.createNode('gegl:invert-linear');
      assert.strictEqual(graph.nodes.size, 1);
      graph.destroy();
      assert.isTrue(node.isDestroyed);
      throwsCode(environment, 'DESTROYED', () => node.blit({ width: 1, height: 1 }));
    },
  },
  {
    name: 'creating and destroying give back every byte of the heap',
    run: ({ Gegl }) => {
      const session = () => {
        const buffer = Gegl.createBuffer({ width: 64, height: 64 });
        const graph = Gegl.createGraph();
        const source = graph.createNode('gegl:buffer-source', { buffer });
        source.link(graph.createNode('gegl:gaussian-blur')).blit();
        graph.destroy();
        buffer.destroy();
      };
      for (let warmUp = 0; warmUp < 3; warmUp++) session();
      const before = allocatedBytes(Gegl.module);
      for (let round = 0; round < 10; round++) session();
      assert.strictEqual(allocatedBytes(Gegl.module), before);
    },
  },
];

/** `mallinfo().uordblks`. */
function allocatedBytes(module: object): number {
  const { _mallinfo, _malloc, _free, HEAPU8 } = module as {
    _mallinfo(result: number): void;
    _malloc(bytes: number): number;
    _free(address: number): void;
    HEAPU8: Uint8Array;
  };
  const address = _malloc(40) >>> 0;
  _mallinfo(address);
  const uordblks = new Uint32Array(HEAPU8.buffer, address, 10)[7] ?? Number.NaN;
  _free(address);
  return uordblks;
}

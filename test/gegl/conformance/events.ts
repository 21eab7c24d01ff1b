// The announcements that the profiler listens to, whatever script it was loaded from.

import { assert } from 'chai';
import {
  type LifecycleEvent,
  liveObjects,
  onLifecycle,
  runningEngines,
} from '../../../src/gegl/lifecycle.ts';
import { type ConformanceCase, throwsCode, withEngine } from './case.ts';

export const eventCases: readonly ConformanceCase[] = [
  {
    name: 'objects of all four kinds announce their creation and their end',
    smoke: true,
    run: ({ Gegl }) => {
      const seen: string[] = [];
      const stop = onLifecycle((event) => {
        if ('object' in event)
          seen.push(`${event.type} ${event.object.kind} ${event.object.describe()}`);
      });
      const buffer = Gegl.createBuffer({ width: 4, height: 4 }, 'Y u8');
      const color = Gegl.createColor('red');
      const graph = Gegl.createGraph();
      const node = graph.createNode('gegl:checkerboard');
      const processor = node.createProcessor({ width: 4, height: 4 });
      processor.destroy();
      graph.destroy();
      buffer.destroy();
      stop();
      color.destroy();
      assert.deepEqual(seen, [
        'created buffers buffer 4 x 4 Y u8',
        'created colors color',
        'created nodes graph',
        'created nodes node gegl:checkerboard',
        'created processors processor of gegl:checkerboard, 4 x 4',
        'destroyed processors processor of gegl:checkerboard, 4 x 4',
        'destroyed nodes node gegl:checkerboard',
        'destroyed nodes graph',
        'destroyed buffers buffer 4 x 4 Y u8',
      ]);
    },
  },
  {
    name: 'objects made before anybody listened are in the table of live ones',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 4, height: 4 });
      const entry = liveObjects().get(buffer.id);
      assert.deepInclude(entry, { kind: 'buffers', pixelBytes: 256 });
      assert.strictEqual(entry?.handle.deref(), buffer);
      buffer.destroy();
      assert.isFalse(liveObjects().has(buffer.id));
    },
  },
  {
    name: 'a refused creation announces nothing',
    run: ({ Gegl, GeglError }) => {
      const events: LifecycleEvent[] = [];
      const graph = Gegl.createGraph();
      const stop = onLifecycle((event) => events.push(event));
      assert.throws(() => graph.createNode('gegl:nothing-like-it'), GeglError);
      assert.throws(() => graph.createNode('gegl:gaussian-blur', { 'std-dev-x': -1 }), GeglError);
      assert.throws(() => Gegl.createBuffer({ width: -1, height: 1 }), GeglError);
      assert.throws(() => Gegl.createColor('nothing'), GeglError);
      stop();
      assert.deepEqual(events, []);
      graph.destroy();
    },
  },
  {
    name: 'engines announce their start and end',
    run: async (environment) => {
      const seen: string[] = [];
      const stop = onLifecycle((event) => seen.push(event.type));
      await withEngine(environment, (engine) => {
        assert.isTrue([...runningEngines()].some((running) => running.module === engine.module));
      });
      stop();
      assert.deepEqual(seen, ['engine-started', 'engine-exited']);
    },
  },
  {
    name: 'objects that are alive when their engine exits are told of, and leave the table',
    run: async (environment) => {
      const ended: number[] = [];
      const stop = onLifecycle((event) => {
        if (event.type === 'ended') ended.push(...event.ids);
      });
      await withEngine(environment, (engine) => {
        const buffer = engine.createBuffer({ width: 2, height: 2 });
        engine.createColor('red').destroy();
        engine.exit();
        assert.deepEqual(ended, [buffer.id]);
        assert.isFalse(liveObjects().has(buffer.id));
      });
      stop();
    },
  },
  {
    name: 'a module that aborts ends its objects and its engine, and the engine can start anew',
    run: async (environment) => {
      const { GeglEngine, createModule } = environment;
      const engine = await new GeglEngine().init({ module: createModule, onMessage: () => {} });
      const color = engine.createColor('red');
      const graph = engine.createGraph();
      // GEGL asserts that the file exists.
      throwsCode(environment, 'MODULE_ABORTED', () =>
        graph.createNode('gegl:gif-load', { path: '/none' }).getBoundingBox(),
      );
      assert.isTrue(color.isDestroyed);
      assert.isFalse(liveObjects().has(color.id));
      assert.isFalse([...runningEngines()].some((running) => running === engine));
      throwsCode(environment, 'MODULE_ABORTED', () => engine.createGraph());
      await engine.init({ module: createModule });
      engine.createColor('blue').destroy();
      engine.exit();
    },
  },
  {
    name: 'a listener that throws is dropped, and the application goes on',
    run: ({ Gegl }) => {
      let calls = 0;
      const { error } = console;
      console.error = () => {};
      try {
        const stop = onLifecycle(() => {
          calls += 1;
          throw new Error('on purpose');
        });
        Gegl.createColor('red').destroy();
        stop();
      } finally {
        console.error = error;
      }
      assert.strictEqual(calls, 1);
    },
  },
];

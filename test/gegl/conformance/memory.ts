// Memory that can't be had, and addresses beyond 2 GiB.

import { assert } from 'chai';
import { type ConformanceCase, pattern, throwsCode, withEngine } from './case.ts';

const GIB = 2 ** 30;

export const memoryCases: readonly ConformanceCase[] = [
  {
    name: "memory that can't be had is an error, and the module goes on working",
    run: (environment) =>
      withEngine(environment, (engine) => {
        // The address space is taken up (nothing is written, so no real memory is): of the 4 GiB
        // that a module can have, less than one stays.
        const { module } = engine;
        const ballast = [];
        for (
          let address = module._malloc(GIB / 4);
          address !== 0;
          address = module._malloc(GIB / 4)
        ) {
          ballast.push(address);
        }
        assert.isAtLeast(ballast.length, 3);
        const graph = engine.createGraph();
        const source = graph.createNode('gegl:checkerboard');
        const area = { width: 8192, height: 8192 };
        const large = engine.createBuffer(area);
        throwsCode(environment, 'OUT_OF_MEMORY', () => source.blit(area));
        // Deep inside GEGL, after many a tile was had.
        throwsCode(environment, 'OUT_OF_MEMORY', () => source.blitToBuffer(large));
        throwsCode(environment, 'OUT_OF_MEMORY', () => {
          for (;;)
            engine.createBuffer({ width: 1000, height: 1000 }).setPixels(pattern(1000, 1000));
        });
        large.destroy();
        for (const address of ballast) module._free(address);
        assert.strictEqual(source.blit({ width: 50, height: 50 }).length, 10_000);
        const buffer = engine.createBuffer({ width: 300, height: 200 });
        const pixels = pattern(300, 200);
        assert.deepEqual(buffer.setPixels(pixels).getPixels(), pixels);
        const blur = graph
          .createNode('gegl:buffer-source', { buffer })
          .link(graph.createNode('gegl:gaussian-blur'));
        assert.isTrue(blur.blit().every((value) => Number.isFinite(value)));
      }),
  },
  {
    name: 'objects and pixels beyond 2 GiB work like those below',
    run: (environment) =>
      withEngine(environment, (engine) => {
        const { module } = engine;
        for (let taken = 0; taken < 9; taken++) assert.notStrictEqual(module._malloc(GIB / 4), 0);
        assert.isAbove(module._malloc(4 * 2 ** 20) >>> 0, 2 * GIB);
        const buffer = engine.createBuffer({ width: 700, height: 300 });
        const pixels = pattern(700, 300);
        assert.deepEqual(buffer.setPixels(pixels).getPixels(), pixels);
        const graph = engine.createGraph();
        const source = graph.createNode('gegl:buffer-source', { buffer });
        const invert = source.link(graph.createNode('gegl:invert-linear'));
        assert.closeTo(invert.blit()[0] ?? Number.NaN, 1 - (pixels[0] ?? 0), 1e-6);
        assert.isAtLeast(engine.operations().length, 180);
        const png = buffer.saveFile('png');
        assert.strictEqual(engine.createBufferFromFile(png).getExtent().width, 700);
        const color = engine.createColor([0.5, 0.25, 0.125, 1]);
        assert.deepEqual([...color.get()], [0.5, 0.25, 0.125, 1]);
      }),
  },
];

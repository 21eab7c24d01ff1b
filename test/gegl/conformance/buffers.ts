// Buffers: creation, pixels in and out, formats, copies, ImageData.

import { assert } from 'chai';
import { type ConformanceCase, pattern, throwsCode } from './case.ts';

export const bufferCases: readonly ConformanceCase[] = [
  {
    name: 'a buffer has the extent and format that it was made with',
    smoke: true,
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ x: -5, y: 7, width: 30, height: 20 }, "R'G'B'A u8");
      assert.deepEqual(buffer.getExtent(), { x: -5, y: 7, width: 30, height: 20 });
      const { name, bytesPerPixel, components, type, hasAlpha } = buffer.getFormat();
      assert.deepEqual(
        [name, bytesPerPixel, components, type, hasAlpha],
        ["R'G'B'A u8", 4, 4, 'u8', true],
      );
      assert.strictEqual(buffer.pixelBytes, 30 * 20 * 4);
      assert.strictEqual(buffer.kind, 'buffers');
      buffer.destroy();
    },
  },
  {
    name: 'a new buffer is transparent black',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 5, height: 5 });
      assert.isTrue([...buffer.getPixels()].every((component) => component === 0));
      buffer.destroy();
    },
  },
  {
    name: 'pixels come back as they went in, whatever the size',
    smoke: true,
    run: ({ Gegl }) => {
      // one pixel; odd; over a tile's border; over a strip's border (128 rows, 8 MiB)
      for (const [width, height] of [
        [1, 1],
        [3, 7],
        [130, 129],
        [4500, 131],
      ] as const) {
        const buffer = Gegl.createBuffer({ x: 2, y: -3, width, height });
        const pixels = pattern(width, height);
        buffer.setPixels(pixels);
        const back = buffer.getPixels();
        assert.instanceOf(back, Float32Array);
        assert.strictEqual(firstDifference(pixels, back), -1, `${width} x ${height}`);
        buffer.destroy();
      }
    },
  },
  {
    name: 'getPixels makes the array that fits the component type',
    run: ({ Gegl }) => {
      const types: [string, new (length: number) => ArrayBufferView][] = [
        ["R'G'B' u8", Uint8Array],
        ['Y u16', Uint16Array],
        ['RGBA half', Uint16Array],
        ['RGBA u32', Uint32Array],
        ['Y float', Float32Array],
        ['CIE Lab double', Float64Array],
      ];
      for (const [format, Type] of types) {
        const buffer = Gegl.createBuffer({ width: 3, height: 2 }, format);
        const pixels = buffer.getPixels();
        assert.instanceOf(pixels, Type, format);
        assert.strictEqual(pixels.byteLength, buffer.pixelBytes, format);
        buffer.destroy();
      }
    },
  },
  {
    name: 'babl converts on the way in and out',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 2, height: 1 }, 'RGBA float');
      buffer.setPixels(Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 128), { format: "R'G'B'A u8" });
      const linear = buffer.getPixels();
      [1, 0, 0, 1, 0, 0, 1, 128 / 255].forEach((expected, index) => {
        assert.closeTo(linear[index] ?? Number.NaN, expected, 1e-4);
      });
      assert.deepEqual(
        [...buffer.getPixels({ format: "R'G'B'A u8" })],
        [255, 0, 0, 255, 0, 0, 255, 128],
      );
      buffer.destroy();
    },
  },
  {
    name: 'a rectangle of a buffer can be read and written',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 10, height: 10 }, 'Y float');
      buffer.setPixels(Float32Array.of(1, 2, 3, 4), { rect: { x: 4, y: 5, width: 2, height: 2 } });
      const area = buffer.getPixels({ rect: { x: 3, y: 5, width: 4, height: 2 } });
      assert.deepEqual([...area], [0, 1, 2, 0, 0, 3, 4, 0]);
      // beyond the extent there is nothing
      const outside = buffer.getPixels({ rect: { x: 9, y: 9, width: 2, height: 2 } });
      assert.deepEqual([...outside], [0, 0, 0, 0]);
      buffer.clear({ x: 4, y: 5, width: 1, height: 1 });
      assert.deepEqual(
        [...buffer.getPixels({ rect: { x: 4, y: 5, width: 2, height: 1 } })],
        [0, 2],
      );
      buffer.destroy();
    },
  },
  {
    name: "getPixels fills and returns the caller's array, a part of a larger one too",
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 2, height: 2 }, 'Y float');
      buffer.setPixels(Float32Array.of(1, 2, 3, 4));
      const large = new Float32Array(6).fill(9);
      const part = large.subarray(1, 5);
      assert.strictEqual(buffer.getPixels({ into: part }), part);
      assert.deepEqual([...large], [9, 1, 2, 3, 4, 9]);
      buffer.destroy();
    },
  },
  {
    name: "getPixels writes straight into the module's memory when the array lies there",
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 2, height: 2 }, 'Y float');
      buffer.setPixels(Float32Array.of(1, 2, 3, 4));
      const { module } = Gegl;
      const address = module._malloc(16) >>> 0;
      const inside = new Float32Array(module.HEAPU8.buffer, address, 4);
      assert.deepEqual([...buffer.getPixels({ into: inside })], [1, 2, 3, 4]);
      module._free(address);
      buffer.destroy();
    },
  },
  {
    name: "setPixels reads straight from the module's memory: more of it would move what is to be read",
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 2, height: 2 }, 'Y float');
      const module = Gegl.module as { _malloc: (bytes: number) => number } & typeof Gegl.module;
      const { _malloc, _free } = module;
      const address = _malloc(16) >>> 0;
      const inside = new Float32Array(module.HEAPU8.buffer, address, 4);
      inside.set([1, 2, 3, 4]);
      module._malloc = () => 0;
      try {
        buffer.setPixels(inside);
      } finally {
        module._malloc = _malloc;
      }
      assert.deepEqual([...buffer.getPixels()], [1, 2, 3, 4]);
      _free(address);
      buffer.destroy();
    },
  },
  {
    name: 'getPixels scales',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 8, height: 8 }, 'Y float');
      buffer.setPixels(new Float32Array(64).fill(0.5));
      const half = buffer.getPixels({ rect: { width: 4, height: 4 }, scale: 0.5 });
      assert.strictEqual(half.length, 16);
      assert.closeTo(half[5] ?? Number.NaN, 0.5, 1e-5);
      buffer.destroy();
    },
  },
  {
    name: 'a duplicate has the pixels, and a life of its own',
    smoke: true,
    run: ({ Gegl }) => {
      const buffer = Gegl.createBuffer({ width: 3, height: 1 }, 'Y float');
      buffer.setPixels(Float32Array.of(1, 2, 3));
      const copy = buffer.dup();
      copy.setPixels(Float32Array.of(7), { rect: { width: 1, height: 1 } });
      assert.deepEqual([...buffer.getPixels()], [1, 2, 3]);
      buffer.destroy();
      assert.deepEqual([...copy.getPixels()], [7, 2, 3]);
      copy.destroy();
    },
  },
  {
    name: 'ImageData goes in and out',
    smoke: true,
    run: ({ Gegl, name }) => {
      const data = Uint8ClampedArray.of(
        255,
        0,
        0,
        255,
        0,
        255,
        0,
        128,
        0,
        0,
        255,
        255,
        9,
        8,
        7,
        255,
      );
      const image = name === 'node' ? { data, width: 2, height: 2 } : new ImageData(data, 2, 2);
      const buffer = Gegl.createBufferFromImageData(image);
      const back = buffer.toImageData();
      assert.deepEqual([back.width, back.height], [2, 2]);
      assert.deepEqual([...back.data], [...data]);
      if (name !== 'node') assert.instanceOf(back, ImageData);
      buffer.setImageData({ data: Uint8ClampedArray.of(1, 2, 3, 255), width: 1, height: 1 }, 1, 0);
      const part = buffer.toImageData({ x: 1, y: 0, width: 1, height: 1 });
      assert.deepEqual([...part.data], [1, 2, 3, 255]);
      buffer.destroy();
    },
  },
  {
    name: 'a size that is zero, negative, NaN, fractional or absurd is refused',
    smoke: true,
    run: (environment) => {
      const { Gegl } = environment;
      const sizes = [0, -1, Number.NaN, 1.5, 2 ** 31, Number.POSITIVE_INFINITY];
      for (const size of sizes) {
        throwsCode(environment, 'INVALID_RECTANGLE', () =>
          Gegl.createBuffer({ width: size, height: 4 }),
        );
        throwsCode(environment, 'INVALID_RECTANGLE', () =>
          Gegl.createBuffer({ width: 4, height: size }),
        );
      }
      throwsCode(environment, 'INVALID_RECTANGLE', () =>
        Gegl.createBuffer({ x: 0.5, width: 4, height: 4 }),
      );
      throwsCode(environment, 'INVALID_RECTANGLE', () =>
        Gegl.createBuffer({ width: 100_000, height: 100_000 }),
      );
      throwsCode(environment, 'INVALID_RECTANGLE', () => Gegl.createBuffer(null as never));
      throwsCode(environment, 'INVALID_RECTANGLE', () => Gegl.createBuffer({} as never));
      const buffer = Gegl.createBuffer({ width: 4, height: 4 });
      throwsCode(environment, 'INVALID_RECTANGLE', () =>
        buffer.getPixels({ rect: { width: 0, height: 1 } }),
      );
      throwsCode(environment, 'INVALID_ARGUMENT', () => buffer.getPixels({ scale: 0 }));
      throwsCode(environment, 'INVALID_ARGUMENT', () => buffer.getPixels({ scale: Number.NaN }));
      buffer.destroy();
    },
  },
  {
    name: 'an array of the wrong length is refused, with both lengths',
    run: (environment) => {
      const buffer = environment.Gegl.createBuffer({ width: 2, height: 2 });
      const error = throwsCode(environment, 'WRONG_LENGTH', () =>
        buffer.setPixels(new Float32Array(15)),
      );
      assert.match(error.message, /64 bytes, not 60/);
      throwsCode(environment, 'WRONG_LENGTH', () => buffer.getPixels({ into: new Uint8Array(16) }));
      throwsCode(environment, 'WRONG_LENGTH', () => buffer.setPixels(new ArrayBuffer(0)));
      buffer.destroy();
    },
  },
  {
    name: 'an unknown format is refused, with the nearest names',
    smoke: true,
    run: (environment) => {
      const { Gegl } = environment;
      const error = throwsCode(environment, 'UNKNOWN_FORMAT', () =>
        Gegl.createBuffer({ width: 1, height: 1 }, 'RGBA flot'),
      );
      assert.strictEqual(error.suggestions[0], 'RGBA float');
      const buffer = Gegl.createBuffer({ width: 1, height: 1 });
      throwsCode(environment, 'UNKNOWN_FORMAT', () => buffer.getPixels({ format: '' }));
      throwsCode(environment, 'UNKNOWN_FORMAT', () =>
        buffer.setPixels(new Uint8Array(1), { format: 'x\0y' }),
      );
      throwsCode(environment, 'UNKNOWN_FORMAT', () => buffer.getPixels({ format: 7 as never }));
      buffer.destroy();
    },
  },
];

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    if (a[index] !== b[index]) return index;
  }
  return -1;
}

// Pictures in memory: saved, loaded, refused.

import { assert } from 'chai';
import type { FileType } from '../../../src/gegl/index.ts';
import { type ConformanceCase, throwsCode } from './case.ts';

/** 8-bit pixels of a gradient, opaque. */
function gradient(width: number, height: number): Uint8ClampedArray {
  return new Uint8ClampedArray(width * height * 4).map((_, index) => {
    const pixel = index >> 2;
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    return [(x * 255) / width, (y * 255) / height, 128, 255][index & 3] ?? 0;
  });
}

/** A 1 x 1 red GIF, by the format's specification. */
export const RED_GIF = Uint8Array.of(
  ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 0],
  ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b],
);

export const fileCases: readonly ConformanceCase[] = [
  {
    name: 'a picture survives being saved and loaded: exactly as PNG and PPM, nearly as JPEG and HDR',
    smoke: true,
    run: ({ Gegl }) => {
      const data = gradient(40, 30);
      const buffer = Gegl.createBufferFromImageData({ data, width: 40, height: 30 });
      const largest: [FileType, number][] = [
        ['png', 0],
        ['ppm', 0],
        ['jpeg', 8],
        // 8-bit mantissas with a shared exponent are coarse in dark components
        ['rgbe', 10],
      ];
      for (const [type, allowed] of largest) {
        const bytes = buffer.saveFile(type);
        assert.instanceOf(bytes, Uint8Array);
        const loaded = Gegl.createBufferFromFile(bytes);
        assert.deepEqual(loaded.getExtent(), { x: 0, y: 0, width: 40, height: 30 }, type);
        const difference = loaded
          .toImageData()
          .data.reduce(
            (worst, value, index) => Math.max(worst, Math.abs(value - (data[index] ?? 0))),
            0,
          );
        assert.isAtMost(difference, allowed, type);
        loaded.destroy();
      }
      buffer.destroy();
    },
  },
  {
    name: 'npy files hold the pixels, and savers take options',
    run: (environment) => {
      const { Gegl } = environment;
      const buffer = Gegl.createBufferFromImageData({
        data: gradient(60, 60),
        width: 60,
        height: 60,
      });
      assert.strictEqual(String.fromCharCode(...buffer.saveFile('npy').subarray(1, 6)), 'NUMPY');
      const small = buffer.saveFile('jpeg', { quality: 10 }).length;
      assert.isBelow(small, buffer.saveFile('jpeg', { quality: 95 }).length);
      throwsCode(environment, 'INVALID_VALUE', () => buffer.saveFile('jpeg', { quality: 900 }));
      throwsCode(environment, 'UNKNOWN_PROPERTY', () => buffer.saveFile('jpeg', { qualty: 9 }));
      throwsCode(environment, 'INVALID_ARGUMENT', () => buffer.saveFile('webp' as never));
      buffer.destroy();
    },
  },
  {
    name: 'a GIF is loaded',
    run: ({ Gegl }) => {
      const buffer = Gegl.createBufferFromFile(RED_GIF);
      assert.deepEqual([...buffer.toImageData().data], [255, 0, 0, 255]);
      buffer.destroy();
    },
  },
  {
    name: 'loadFile puts the picture at the corner of the buffer, and leaves out the rest',
    run: ({ Gegl }) => {
      const picture = Gegl.createBufferFromImageData({
        data: gradient(20, 20),
        width: 20,
        height: 20,
      });
      const buffer = Gegl.createBuffer({ x: -4, y: 6, width: 8, height: 30 }, "R'G'B'A u8");
      assert.deepEqual(buffer.loadFile(picture.saveFile()), { width: 20, height: 20 });
      const expected = picture.getPixels({ rect: { width: 8, height: 20 } });
      const loaded = buffer.getPixels({ rect: { x: -4, y: 6, width: 8, height: 20 } });
      assert.deepEqual([...loaded], [...expected]);
      assert.deepEqual(
        [...buffer.getPixels({ rect: { x: 0, y: 26, width: 1, height: 1 } })],
        [0, 0, 0, 0],
      );
      picture.destroy();
      buffer.destroy();
    },
  },
  {
    name: 'what is no picture, or a damaged one, is refused, and the next is loaded',
    run: (environment) => {
      const { Gegl } = environment;
      const buffer = Gegl.createBufferFromImageData({
        data: gradient(64, 64),
        width: 64,
        height: 64,
      });
      const png = buffer.saveFile('png');
      const flipped = png.slice();
      flipped[Math.floor(png.length / 2)] = (flipped[Math.floor(png.length / 2)] ?? 0) ^ 0xff;
      for (const bytes of [
        new Uint8Array(0),
        new Uint8Array(100),
        png.slice(0, 20),
        png.slice(0, png.length / 2),
        flipped,
      ]) {
        throwsCode(environment, 'INVALID_FILE', () => Gegl.createBufferFromFile(bytes));
        throwsCode(environment, 'INVALID_FILE', () => buffer.loadFile(bytes));
      }
      const jpeg = buffer.saveFile('jpeg');
      for (const length of [4, 100, jpeg.length / 2, jpeg.length - 4]) {
        const cut = jpeg.slice(0, length);
        throwsCode(environment, 'INVALID_FILE', () => Gegl.createBufferFromFile(cut));
      }
      throwsCode(environment, 'INVALID_ARGUMENT', () =>
        Gegl.createBufferFromFile('cat.png' as never),
      );
      const again = Gegl.createBufferFromFile(png);
      assert.deepEqual([...again.getPixels()], [...Gegl.createBufferFromFile(png).getPixels()]);
      again.destroy();
      buffer.destroy();
    },
  },
];

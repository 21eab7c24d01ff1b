// babl pixel formats: what they are called, how large a pixel is, which array holds them.

import { GeglError, nearestNames } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** A pixel format of babl, such as `'RGBA float'` or `"R'G'B'A u8"`. */
export interface PixelFormat {
  readonly name: string;
  /** Component type: `'float'`, `'u8'`, `'u16'`, `'half'`, ... */
  readonly type: string;
  /** Color model: `'RGBA'`, `"R'G'B'A"`, `'Y'`, ... */
  readonly model: string;
  readonly components: number;
  readonly bytesPerPixel: number;
  readonly hasAlpha: boolean;
}

/** Pixels, row by row from the top, components interleaved. Half floats are `Uint16Array`. */
export type PixelArray =
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Often used names, to suggest from; babl knows many more. */
const COMMON_FORMATS = [
  'RGBA',
  'RGB',
  "R'G'B'A",
  "R'G'B'",
  'RaGaBaA',
  'R~G~B~A',
  'Y',
  'YA',
  "Y'",
  "Y'A",
  'CIE Lab',
  'CIE LCH(ab)',
  'HSVA',
  'HSLA',
  'cmyk',
].flatMap((model) => ['u8', 'u16', 'half', 'float', 'double'].map((type) => `${model} ${type}`));

const known = new WeakMap<Runtime, Map<string, PixelFormat>>();

/** @throws GeglError `UNKNOWN_FORMAT`, with the nearest names. */
export function findFormat(runtime: Runtime, name: string): PixelFormat {
  let formats = known.get(runtime);
  if (!formats) {
    formats = new Map();
    known.set(runtime, formats);
  }
  const found = formats.get(name);
  if (found) return found;
  const description =
    typeof name === 'string' && name !== '' && !name.includes('\0')
      ? runtime.runQuietly((module) =>
          runtime.takeString(module._gegl_wasm_describe_format(runtime.string(name))),
        )
      : null;
  if (description === null) {
    throw new GeglError('UNKNOWN_FORMAT', `babl knows no pixel format ${JSON.stringify(name)}.`, {
      suggestions: nearestNames(String(name), COMMON_FORMATS),
    });
  }
  const format: PixelFormat = JSON.parse(description);
  formats.set(name, format);
  return format;
}

/** A new array for `pixels` pixels. */
export function createPixelArray(format: PixelFormat, pixels: number): PixelArray {
  const bytes = pixels * format.bytesPerPixel;
  if (format.type === 'float') return new Float32Array(bytes / 4);
  if (format.type === 'double') return new Float64Array(bytes / 8);
  switch (format.bytesPerPixel / format.components) {
    case 2:
      return new Uint16Array(bytes / 2);
    case 4:
      return new Uint32Array(bytes / 4);
    default:
      return new Uint8Array(bytes);
  }
}

export function bytesOf(array: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (ArrayBuffer.isView(array)) {
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  }
  return new Uint8Array(array);
}

/** @throws GeglError `WRONG_LENGTH`. */
export function checkLength(bytes: Uint8Array, wanted: number, what: string): void {
  if (bytes.byteLength !== wanted) {
    throw new GeglError(
      'WRONG_LENGTH',
      `${what} needs an array of ${wanted} bytes, not ${bytes.byteLength}.`,
    );
  }
}

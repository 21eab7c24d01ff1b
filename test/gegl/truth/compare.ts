// Compares two renderings of a case, and tells the worst pixel in words.
import { decode, describeFormat, type PixelArray } from './pixels.ts';

export interface Difference {
  /** The largest absolute difference of a component; infinite where only one side has a number. */
  worst: number;
  x: number;
  y: number;
  wasm: number[];
  native: number[];
}

export function comparePixels(
  format: string,
  area: { x: number; y: number; width: number },
  wasm: PixelArray,
  native: PixelArray,
): Difference {
  if (wasm.length !== native.length)
    throw new Error(`wasm made ${wasm.length} components, native ${native.length}`);
  const { type, components } = describeFormat(format);
  let worst = 0;
  let worstIndex = 0;
  for (let i = 0; i < wasm.length; i += 1) {
    const difference = differenceOf(decode(type, wasm[i] ?? 0), decode(type, native[i] ?? 0));
    if (difference > worst) {
      worst = difference;
      worstIndex = i;
    }
  }
  const pixel = Math.floor(worstIndex / components);
  const values = (array: PixelArray) =>
    Array.from(array.subarray(pixel * components, (pixel + 1) * components), (raw) =>
      decode(type, raw),
    );
  return {
    worst,
    x: area.x + (pixel % area.width),
    y: area.y + Math.floor(pixel / area.width),
    wasm: values(wasm),
    native: values(native),
  };
}

function differenceOf(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

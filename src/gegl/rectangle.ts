// Rectangles in pixels, and what GEGL can take.

import { GeglError } from './errors.ts';

/** In pixels; `x` and `y` may be negative. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A rectangle whose corner may be left out and is then (0, 0). */
export interface RectangleInit {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
}

/** GEGL adds coordinates in 32-bit integers; half of their range is safe. */
const LIMIT = 2 ** 30;
/** What a 32-bit wasm memory can hold at most, in bytes. */
export const ADDRESSABLE_BYTES = 2 ** 32;

/**
 * @param bytesPerPixel when given, the whole rectangle must fit into the address space.
 * @throws GeglError `INVALID_RECTANGLE`.
 */
export function checkRectangle(init: RectangleInit, bytesPerPixel = 0): Rectangle {
  if (typeof init !== 'object' || init === null) {
    throw new GeglError('INVALID_RECTANGLE', 'A rectangle { x?, y?, width, height } is needed.');
  }
  const rectangle = { x: init.x ?? 0, y: init.y ?? 0, width: init.width, height: init.height };
  for (const [name, value] of Object.entries(rectangle)) {
    if (!Number.isInteger(value) || Math.abs(value) > LIMIT) {
      throw new GeglError(
        'INVALID_RECTANGLE',
        `A rectangle's ${name} must be an integer between -2^30 and 2^30, not ${String(value)}.`,
      );
    }
  }
  const { width, height } = rectangle;
  if (width <= 0 || height <= 0) {
    throw new GeglError(
      'INVALID_RECTANGLE',
      `A rectangle must be at least 1 x 1 pixels, not ${width} x ${height}.`,
    );
  }
  const bytes = width * height * bytesPerPixel;
  if (bytes >= ADDRESSABLE_BYTES) {
    throw new GeglError(
      'INVALID_RECTANGLE',
      `${width} x ${height} pixels of ${bytesPerPixel} bytes are ${bytes} bytes; a wasm memory holds less than ${ADDRESSABLE_BYTES}.`,
    );
  }
  return rectangle;
}

/** Whether the rectangle stands for GEGL's infinite plane (a plain color, a pattern). */
export function isInfinite(rectangle: Rectangle): boolean {
  return rectangle.width >= LIMIT || rectangle.height >= LIMIT;
}

export function isEmpty(rectangle: Rectangle): boolean {
  return rectangle.width <= 0 || rectangle.height <= 0;
}

export function describeSize(rectangle: Rectangle): string {
  return `${rectangle.width} x ${rectangle.height}`;
}

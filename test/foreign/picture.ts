// A picture to work on: smooth, with edges and noise, the same each time.

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA, 8 bits each. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export function makePicture(width: number, height: number, isOpaque = true): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  let noise = 12345;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (Math.imul(noise, 1103515245) + 12345) & 0x7fffffff;
      const isInside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2;
      const at = 4 * (y * width + x);
      data[at] = (255 * x) / width + (noise >> 27);
      data[at + 1] = (255 * y) / height;
      data[at + 2] = isInside ? 220 : 40;
      data[at + 3] = isOpaque ? 255 : (255 * (x + y)) / (width + height);
    }
  }
  return { width, height, data };
}

/** Mean difference of two pictures' bytes. */
export function difference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return one.length === other.length ? sum / one.length : Number.POSITIVE_INFINITY;
}

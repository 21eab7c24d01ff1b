// Pixels for both sides of the truth test: what a babl format's components are, made-up pictures in any
// format, and raw bytes read back as numbers.

export type ComponentType = 'u8' | 'u16' | 'u32' | 'half' | 'float' | 'double';

export type PixelArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** The component type and count of a babl format name such as "R'G'B'A u8". */
export function describeFormat(format: string): { type: ComponentType; components: number } {
  const [model, type] = splitFormat(format);
  if (!isComponentType(type)) throw new Error(`No component type in format name "${format}"`);
  const components = componentCounts[model];
  if (components === undefined) throw new Error(`Add "${model}" to componentCounts`);
  return { type, components };
}

const componentCounts: Readonly<Record<string, number>> = {
  Y: 1,
  "Y'": 1,
  YA: 2,
  "Y'A": 2,
  RGB: 3,
  "R'G'B'": 3,
  'CIE Lab': 3,
  'CIE LCH(ab)': 3,
  HSV: 3,
  RGBA: 4,
  RaGaBaA: 4,
  "R'G'B'A": 4,
  'R~G~B~A': 4,
  HSVA: 4,
  "R'aG'aB'aA": 4,
  'CIE Lab alpha': 4,
};

/** An array of `pixels` pixels that holds the format's raw components; halves are held as their 16 bits. */
export function createPixelArray(format: string, pixels: number): PixelArray {
  const { type, components } = describeFormat(format);
  const length = pixels * components;
  switch (type) {
    case 'u8':
      return new Uint8Array(length);
    case 'u16':
    case 'half':
      return new Uint16Array(length);
    case 'u32':
      return new Uint32Array(length);
    case 'float':
      return new Float32Array(length);
    case 'double':
      return new Float64Array(length);
  }
}

/**
 * A picture for any format: slopes, a disc with a hard edge, grain, an alpha that has 0 and 1 in it. Integer
 * arithmetic and exact fractions only, so that it is the same picture on every machine.
 */
export function paint(format: string, width: number, height: number, seed: number): PixelArray {
  const { type, components } = describeFormat(format);
  const array = createPixelArray(format, width * height);
  const [model] = splitFormat(format);
  const hasAlpha = model.endsWith('A') || model.endsWith('alpha');
  const isAssociated = model === 'RaGaBaA' || model === "R'aG'aB'aA";
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const offset = (y * width + x) * components;
      const alpha = hasAlpha ? paintAlpha(x, y, seed) : 1;
      for (let c = 0; c < components; c += 1) {
        const isAlpha = hasAlpha && c === components - 1;
        const value = isAlpha ? alpha : paintColor(x, y, c, seed) * (isAssociated ? alpha : 1);
        array[offset + c] = encode(isAlpha ? value : scaleToModel(model, c, value), type);
      }
    }
  }
  return array;
}

/** A component in [0, 1], a multiple of 1/1024. */
function paintColor(x: number, y: number, c: number, seed: number): number {
  const slope = ((x * (3 + c) + y * (5 - c) + seed * 37) & 511) / 511;
  const centre = 40 + 20 * c + seed;
  const isInside = (x - centre) ** 2 + (y - centre) ** 2 < 30 * 30;
  const grain = (hash(x, y, c + 16 * seed) & 255) / 255;
  const value = (isInside ? 0.5 : 0) + 0.4 * slope + 0.1 * grain;
  return Math.round(value * 1024) / 1024;
}

/** Clear in one band, opaque in another, sloping between; a multiple of 1/1024. */
function paintAlpha(x: number, y: number, seed: number): number {
  const position = ((x + 2 * y + seed * 11) & 255) / 255;
  return Math.round(Math.min(1, Math.max(0, position * 1.5 - 0.25)) * 1024) / 1024;
}

function hash(x: number, y: number, salt: number): number {
  let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** [0, 1] to what the component of the model spans. */
function scaleToModel(model: string, component: number, value: number): number {
  if (model.startsWith('CIE Lab')) return component === 0 ? value * 100 : value * 100 - 50;
  return value;
}

function encode(value: number, type: ComponentType): number {
  switch (type) {
    case 'u8':
      return Math.round(value * 0xff);
    case 'u16':
      return Math.round(value * 0xffff);
    case 'u32':
      return Math.round(value * 0xffffffff);
    case 'half':
      return toHalfBits(value);
    default:
      return value;
  }
}

/** Raw bytes of a file or of the wasm heap as the format's components, copied so that they are aligned. */
export function asPixelArray(format: string, bytes: Uint8Array): PixelArray {
  const { type, components } = describeFormat(format);
  const { buffer } = Uint8Array.from(bytes);
  const array = {
    u8: () => new Uint8Array(buffer),
    u16: () => new Uint16Array(buffer),
    u32: () => new Uint32Array(buffer),
    half: () => new Uint16Array(buffer),
    float: () => new Float32Array(buffer),
    double: () => new Float64Array(buffer),
  }[type]();
  if (array.length % components !== 0)
    throw new Error(`${bytes.length} bytes are no whole pixels of ${format}`);
  return array;
}

export function toBytes(pixels: PixelArray): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

/** A component's number: its code value in integer formats. */
export function decode(type: ComponentType, raw: number): number {
  return type === 'half' ? fromHalfBits(raw) : raw;
}

function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** For the numbers in [0, 1] that paint() makes: multiples of 1/1024 are exact where a half is fine enough. */
function toHalfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const fraction = Math.round((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + fraction;
}

function splitFormat(format: string): [model: string, type: string] {
  const space = format.lastIndexOf(' ');
  return [format.slice(0, space), format.slice(space + 1)];
}

function isComponentType(name: string): name is ComponentType {
  return ['u8', 'u16', 'u32', 'half', 'float', 'double'].includes(name);
}

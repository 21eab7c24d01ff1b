import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { importFresh, readPackageFile } from './packages.ts';
import { difference, makePicture } from './picture.ts';

interface Encoder {
  encode(
    data: Uint8ClampedArray,
    width: number,
    height: number,
    options: object,
  ): Uint8Array | null;
}
interface Decoder {
  decode(file: Uint8Array): { data: Uint8ClampedArray; width: number; height: number } | null;
}
interface Script<T> {
  default(options: { wasmBinary: Uint8Array; noInitialRun: true }): Promise<T>;
}

const codec = '@jsquash/webp/codec';
const picture = makePicture(320, 240, false);

async function load<T>(name: string): Promise<T> {
  const script = await importFresh<Script<T>>(`${codec}/${name}.js`);
  const wasmBinary = readPackageFile(`${codec}/${name}.wasm`);
  return script.default({ wasmBinary, noInitialRun: true });
}

describeForeign({
  name: 'libwebp: encoder, encoder with SIMD, and decoder',
  modules: [
    { source: 'glue', allocator: 'dlmalloc', blocks: 100 },
    { source: 'glue', allocator: 'dlmalloc', blocks: 100 },
    { source: 'glue', allocator: 'dlmalloc', blocks: 20 },
  ],
  async run() {
    const { defaultOptions } = await importFresh<{ defaultOptions: object }>(
      '@jsquash/webp/meta.js',
    );
    const encoder = await load<Encoder>('enc/webp_enc');
    const encoderWithSimd = await load<Encoder>('enc/webp_enc_simd');
    const decoder = await load<Decoder>('dec/webp_dec');
    const { data, width, height } = picture;
    const encode = (by: Encoder, options: object) =>
      by.encode(data, width, height, { ...defaultOptions, ...options })?.slice();
    const lossless = encode(encoder, { lossless: 1, exact: 1 });
    const lossy = encode(encoderWithSimd, { quality: 60, sns_strength: 80, segments: 4 });
    return {
      lossless,
      lossy,
      exact: lossless && decoder.decode(lossless)?.data,
      about: lossy && decoder.decode(lossy)?.data,
      refused: decoder.decode(new Uint8Array(40)),
    };
  },
  check({ exact, about, refused }) {
    expect(exact).toEqual(picture.data);
    expect(difference(picture.data, about as Uint8ClampedArray)).toBeLessThan(8);
    expect(refused).toBeNull();
  },
});

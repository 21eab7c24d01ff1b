import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { readPackageFile, requireFresh } from './packages.ts';
import { makePicture } from './picture.ts';

/** The C interface of libheif; what yields an error takes the place for it as its first parameter. */
interface Libheif {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  readonly [name: `_${string}`]: (...parameters: number[]) => number;
}

const COLORSPACE_MONOCHROME = 2;
const CHROMA_MONOCHROME = 0;
const CHANNEL_Y = 0;
const FORMAT_MASK = 9;
const { width, height, data } = makePicture(200, 120);
const gray = Uint8Array.from({ length: width * height }, (_, at) => data[4 * at] ?? 0);

/** Calls functions of C that hand out pointers, and frees what it allocates. */
class Caller {
  readonly #lib: Libheif;
  readonly #places: number[] = [];

  constructor(lib: Libheif) {
    this.#lib = lib;
  }

  call(name: `_heif_${string}`, ...parameters: number[]): number {
    const result = this.#lib[name]?.(...parameters);
    if (result === undefined && !(name in this.#lib)) throw new Error(`no ${name}`);
    return result ?? 0;
  }

  /** @returns the code of the error; 0 where there was none. */
  try(name: `_heif_${string}`, ...parameters: number[]): number {
    const error = this.place(12);
    this.call(name, error, ...parameters);
    return this.word(error);
  }

  place(bytes: number): number {
    const address = this.#lib._malloc?.(bytes) ?? 0;
    this.#places.push(address);
    this.#lib.HEAPU8.fill(0, address, address + bytes);
    return address;
  }

  word(address: number): number {
    return this.#lib.HEAPU32[address >> 2] ?? 0;
  }

  text(text: string): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const address = this.place(bytes.length);
    this.#lib.HEAPU8.set(bytes, address);
    return address;
  }

  free(): void {
    for (const address of this.#places) this.#lib._free?.(address);
  }
}

describeForeign({
  name: 'libheif',
  modules: [{ source: 'glue', allocator: 'dlmalloc', blocks: 200 }],
  async run() {
    const wasmBinary = readPackageFile('libheif-js/libheif-wasm/libheif.wasm');
    const lib = requireFresh<(options: object) => Libheif>('libheif-js/libheif-wasm/libheif.js')({
      wasmBinary,
    });
    const c = new Caller(lib);
    const errors: number[] = [];
    const out = c.place(4);
    const handed = (name: `_heif_${string}`, ...parameters: number[]) => {
      errors.push(c.try(name, ...parameters));
      return c.word(out);
    };

    const context = c.call('_heif_context_alloc');
    const image = handed(
      '_heif_image_create',
      width,
      height,
      COLORSPACE_MONOCHROME,
      CHROMA_MONOCHROME,
      out,
    );
    errors.push(c.try('_heif_image_add_plane', image, CHANNEL_Y, width, height, 8));
    const plane = c.call('_heif_image_get_plane', image, CHANNEL_Y, out);
    const stride = c.word(out);
    for (let y = 0; y < height; y++) {
      lib.HEAPU8.set(gray.subarray(y * width, (y + 1) * width), plane + y * stride);
    }
    const encoder = handed('_heif_context_get_encoder_for_format', context, FORMAT_MASK, out);
    const handle = handed('_heif_context_encode_image', context, image, encoder, 0, out);
    const path = c.text('/picture.heif');
    errors.push(c.try('_heif_context_write_to_file', context, path));
    c.call('_heif_image_handle_release', handle);
    c.call('_heif_encoder_release', encoder);
    c.call('_heif_image_release', image);
    c.call('_heif_context_free', context);

    const reader = c.call('_heif_context_alloc');
    errors.push(c.try('_heif_context_read_from_file', reader, path, 0));
    const primary = handed('_heif_context_get_primary_image_handle', reader, out);
    const decoded = handed(
      '_heif_decode_image',
      primary,
      out,
      COLORSPACE_MONOCHROME,
      CHROMA_MONOCHROME,
      0,
    );
    const pixels = c.call('_heif_image_get_plane_readonly', decoded, CHANNEL_Y, out);
    const step = c.word(out);
    const read = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      read.set(lib.HEAPU8.subarray(pixels + y * step, pixels + y * step + width), y * width);
    }
    c.call('_heif_image_release', decoded);
    c.call('_heif_image_handle_release', primary);
    c.call('_heif_context_free', reader);
    c.free();
    return { errors, read };
  },
  check({ errors, read }) {
    expect(errors).toEqual(new Array(8).fill(0));
    expect(read).toEqual(gray);
  },
});

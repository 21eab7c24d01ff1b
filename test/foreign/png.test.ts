// Rust with its own port of dlmalloc, as wasm-bindgen builds it: nothing is exported as malloc and free, and there are no names.

import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { importFresh, readPackageFile } from './packages.ts';
import { makePicture } from './picture.ts';

interface Codec {
  default(bytes: Uint8Array): Promise<{
    __wbindgen_malloc(bytes: number, alignment: number): number;
  }>;
  encode(data: Uint8ClampedArray, width: number, height: number, depth: number): Uint8Array;
  decode(file: Uint8Array): { data: Uint8ClampedArray; width: number; height: number };
}

const picture = makePicture(320, 240, true);

describeForeign({
  name: 'PNG in Rust',
  modules: [{ source: 'fingerprint', allocator: 'dlmalloc', blocks: 50 }],
  async run() {
    const codec = await importFresh<Codec>('@jsquash/png/codec/pkg/squoosh_png.js');
    const { __wbindgen_malloc: allocate } = await codec.default(
      readPackageFile('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'),
    );
    // What it leaves: of the usual alignment, and of a greater one, for which a block is cut out of a larger.
    for (let size = 8; size < 2000; size += 72) {
      allocate(size, 8);
      allocate(size, 64);
    }
    const file = codec.encode(picture.data, picture.width, picture.height, 8);
    return { file, again: codec.decode(file).data };
  },
  check({ file, again }) {
    expect((file as Uint8Array).slice(1, 4)).toEqual(new TextEncoder().encode('PNG'));
    expect(again).toEqual(picture.data);
  },
});

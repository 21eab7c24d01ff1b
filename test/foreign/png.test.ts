// Rust with its own port of dlmalloc, as wasm-bindgen builds it: nothing is exported as malloc and free, and there are no names.

import { expect, it } from 'vitest';
import {
  AllocatorNotFoundError,
  instrumentWasm,
  WasmFormatError,
} from '../../src/instrument/index.ts';
import { bodyOf, parseModule } from '../../src/instrument/module.ts';
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

it('is refused by its place where the code of its allocator is damaged', () => {
  const bytes = readPackageFile('@jsquash/png/codec/pkg/squoosh_png_bg.wasm');
  const { report } = instrumentWasm(bytes);
  const realloc = report.allocator.functions.find(({ role }) => role === 'rust_realloc');
  const body = bodyOf(parseModule(bytes), realloc?.index ?? -1);
  if (!body) throw new Error('Rust has no realloc');
  const refused: unknown[] = [];
  for (let at = body.start; at < body.end; at++) {
    const damaged = bytes.slice();
    damaged[at] = 0xff;
    try {
      instrumentWasm(damaged);
    } catch (error) {
      refused.push(error);
    }
  }
  const named = refused.filter((error) => error instanceof WasmFormatError);
  expect(named.length).toBeGreaterThan(100);
  expect(named.some(({ message }) => message.includes('which is not there'))).toBe(true);
  // A realloc that is none any more leaves no allocator.
  const others = refused.filter((error) => !(error instanceof WasmFormatError));
  expect(others.every((error) => error instanceof AllocatorNotFoundError)).toBe(true);
});

// WebAssembly modules that nobody here wrote, from packages: their bytes, and the script that loads them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ForeignModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Text of the glue script; undefined where the package has none for this module. */
  readonly glue: string | undefined;
}

const packages = join(import.meta.dirname, '../../node_modules');
const built = join(import.meta.dirname, '../../native/out');

const read = (path: string) => readFileSync(join(packages, path));
const text = (path: string) => readFileSync(join(packages, path), 'utf8');

const module = (name: string, wasm: string, glue?: string): ForeignModule => ({
  name,
  bytes: read(wasm),
  glue: glue === undefined ? undefined : text(glue),
});

/** A module that stands in its script as base64. */
const embedded = (name: string, path: string): ForeignModule => {
  const glue = text(path);
  const base64 = /[,"'](AGFzbQ[A-Za-z\d+/=]+)["']/.exec(glue)?.[1];
  if (base64 === undefined) throw new Error(`${path} holds no module`);
  return { name, bytes: Buffer.from(base64, 'base64'), glue };
};

const squoosh = '@jsquash/webp/codec';
const magick = '@imagemagick/magick-wasm/dist';

/** Modules with an allocator of their own. */
export const FOREIGN: readonly ForeignModule[] = [
  module('sql.js', 'sql.js/dist/sql-wasm.wasm', 'sql.js/dist/sql-wasm.js'),
  module('sql.js, debug', 'sql.js/dist/sql-wasm-debug.wasm', 'sql.js/dist/sql-wasm-debug.js'),
  module('vips', 'wasm-vips/lib/vips.wasm', 'wasm-vips/lib/vips-node.mjs'),
  module('libheif', 'libheif-js/libheif-wasm/libheif.wasm', 'libheif-js/libheif-wasm/libheif.js'),
  module('ImageMagick', `${magick}/x86/magick.wasm`, `${magick}/index.js`),
  module('ImageMagick, 64 bits', `${magick}/x64/magick.wasm`, `${magick}/index.js`),
  module('harfbuzz', 'harfbuzzjs/dist/harfbuzz.wasm', 'harfbuzzjs/dist/harfbuzz.js'),
  module('harfbuzz, subset', 'harfbuzzjs/dist/harfbuzz-subset.wasm'),
  module('webp decoder', `${squoosh}/dec/webp_dec.wasm`, `${squoosh}/dec/webp_dec.js`),
  module('webp encoder', `${squoosh}/enc/webp_enc.wasm`, `${squoosh}/enc/webp_enc.js`),
  module(
    'webp encoder, SIMD',
    `${squoosh}/enc/webp_enc_simd.wasm`,
    `${squoosh}/enc/webp_enc_simd.js`,
  ),
  module('draco decoder', 'draco3d/draco_decoder.wasm', 'draco3d/draco_decoder_nodejs.js'),
  module('draco encoder', 'draco3d/draco_encoder.wasm', 'draco3d/draco_encoder_nodejs.js'),
  module(
    'tree-sitter',
    'web-tree-sitter/web-tree-sitter.wasm',
    'web-tree-sitter/web-tree-sitter.js',
  ),
  embedded('woff2 compressor', 'wawoff2/build/compress_binding.js'),
  embedded('woff2 decompressor', 'wawoff2/build/decompress_binding.js'),
  embedded('opencv', '@techstark/opencv-js/dist/opencv.js'),
];

/** Modules that are loaded into another, whose allocator they import. */
export const SIDE_MODULES: readonly ForeignModule[] = [
  module('vips, HEIF', 'wasm-vips/lib/vips-heif.wasm'),
  module('vips, JPEG XL', 'wasm-vips/lib/vips-jxl.wasm'),
  module('vips, SVG', 'wasm-vips/lib/vips-resvg.wasm'),
];

/** The project's own module, with names or stripped. */
export const readGegl = (name: 'gegl' | 'gegl-stripped'): ForeignModule => ({
  name,
  bytes: readFileSync(join(built, `${name}.wasm`)),
  glue: readFileSync(join(built, `${name}.js`), 'utf8'),
});

// libpng: gegl:png-load and gegl:png-save.

import { join } from 'node:path';
import { cmakeInstall, cmakeSetup } from './cmake.mjs';
import { ninja } from './meson.mjs';

/** @type {import('../steps.mjs').Component} */
export const libpng = {
  name: 'libpng',
  dependencies: ['zlib'],
  pin: 'libpng',
  files: ['components/libpng.mjs', 'components/cmake.mjs'],
  licences: ['LICENSE'],
  async configure(job) {
    const zlib = job.dependency('zlib');
    await cmakeSetup(job, [
      '-DPNG_SHARED=OFF',
      '-DPNG_TESTS=OFF',
      '-DPNG_TOOLS=OFF',
      '-DPNG_HARDWARE_OPTIMIZATIONS=OFF',
      `-DZLIB_LIBRARY=${join(zlib, 'lib/libz.a')}`,
      `-DZLIB_INCLUDE_DIR=${join(zlib, 'include')}`,
    ]);
  },
  async compile(job) {
    await ninja(job);
  },
  async install(job) {
    await cmakeInstall(job);
  },
};

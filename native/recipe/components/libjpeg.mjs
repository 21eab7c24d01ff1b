// libjpeg-turbo without its assembler: gegl:jpg-load and gegl:jpg-save.

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { editLibjpeg } from '../edits/libjpeg.mjs';
import { writePkgConfig } from '../pkgconfig.mjs';
import { cmakeSetup } from './cmake.mjs';
import { ninja } from './meson.mjs';

/** @type {import('../steps.mjs').Component} */
export const libjpeg = {
  name: 'libjpeg',
  dependencies: [],
  pin: 'libjpeg',
  files: ['components/libjpeg.mjs', 'components/cmake.mjs', 'edits/libjpeg.mjs'],
  edit: editLibjpeg,
  licences: ['LICENSE.md', 'README.ijg'],
  async configure(job) {
    await cmakeSetup(job, [
      '-DENABLE_SHARED=OFF',
      '-DENABLE_STATIC=ON',
      '-DWITH_TURBOJPEG=OFF',
      '-DWITH_SIMD=OFF',
      // Its size checks run programs; these are wasm32's answers.
      '-DHAVE_SIZE_T=1',
      '-DSIZE_T=4',
      '-DHAVE_UNSIGNED_LONG=1',
      '-DUNSIGNED_LONG=4',
    ]);
  },
  async compile(job) {
    await ninja(job, ['jpeg-static']);
  },
  async install(job) {
    const library = join(job.installed, 'lib');
    const include = join(job.installed, 'include');
    mkdirSync(library, { recursive: true });
    mkdirSync(include, { recursive: true });
    copyFileSync(join(job.build, 'libjpeg.a'), join(library, 'libjpeg.a'));
    copyFileSync(join(job.build, 'jconfig.h'), join(include, 'jconfig.h'));
    for (const header of ['jpeglib.h', 'jmorecfg.h', 'jerror.h']) {
      copyFileSync(join(job.source, header), join(include, header));
    }
    writePkgConfig(job.installed, 'libjpeg', 'jpeg', job.version);
  },
};

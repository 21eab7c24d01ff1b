// babl: pixel formats and the conversions between them, with every portable extension.

import { editBabl } from '../edits/babl.mjs';
import { mesonInstall, mesonSetup, ninja } from './meson.mjs';

/** @type {import('../steps.mjs').Component} */
export const babl = {
  name: 'babl',
  dependencies: [],
  pin: 'babl',
  files: ['components/babl.mjs', 'components/meson.mjs', 'edits/babl.mjs'],
  edit: editBabl,
  licences: ['COPYING', 'docs/COPYING.LESSER'],
  async configure(job) {
    await mesonSetup(job, [
      '-Dwith-docs=false',
      '-Denable-gir=false',
      '-Denable-vapi=false',
      '-Dgi-docgen=disabled',
      '-Denable-mmx=false',
      '-Dwith-lcms=false',
    ]);
  },
  async compile(job) {
    await ninja(job);
  },
  async install(job) {
    await mesonInstall(job);
  },
};

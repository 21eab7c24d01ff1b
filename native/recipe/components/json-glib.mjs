// json-glib: GEGL's own (de)serialization of graphs needs it.

import { editJsonGlib } from '../edits/json-glib.mjs';
import { mesonInstall, mesonSetup, ninja } from './meson.mjs';

/** @type {import('../steps.mjs').Component} */
export const jsonGlib = {
  name: 'json-glib',
  dependencies: ['glib'],
  pin: 'json-glib',
  files: ['components/json-glib.mjs', 'components/meson.mjs', 'edits/json-glib.mjs'],
  edit: editJsonGlib,
  licences: ['COPYING'],
  async configure(job) {
    await mesonSetup(job, [
      '-Dintrospection=disabled',
      '-Ddocumentation=disabled',
      '-Dtests=false',
      '-Dnls=disabled',
    ]);
  },
  async compile(job) {
    await ninja(job, ['json-glib/libjson-glib-1.0.a']);
  },
  async install(job) {
    await mesonInstall(job, ['--tags=devel']);
  },
};

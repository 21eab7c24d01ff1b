// glib: GLib, GObject, GModule and Gio, without what a browser tab has none of.

import { editGlib } from '../edits/glib.mjs';
import { mesonInstall, mesonSetup, ninja } from './meson.mjs';

const disabled = [
  'documentation=false',
  'dtrace=disabled',
  'glib_debug=disabled',
  'installed_tests=false',
  'introspection=disabled',
  'libelf=disabled',
  'libmount=disabled',
  'man-pages=disabled',
  'nls=disabled',
  'selinux=disabled',
  'sysprof=disabled',
  'systemtap=disabled',
  'tests=false',
  'xattr=false',
];

/** @type {import('../steps.mjs').Component} */
export const glib = {
  name: 'glib',
  dependencies: ['zlib', 'pcre2', 'ffi'],
  pin: 'glib',
  files: ['components/glib.mjs', 'components/meson.mjs', 'edits/glib.mjs'],
  edit: editGlib,
  licences: ['COPYING', 'LICENSES'],
  async configure(job) {
    await mesonSetup(
      job,
      disabled.map((option) => `-D${option}`),
    );
  },
  async compile(job) {
    // Not everything: the rest is programs.
    await ninja(job, [
      'glib/libglib-2.0.a',
      'gobject/libgobject-2.0.a',
      'gmodule/libgmodule-2.0.a',
      'gthread/libgthread-2.0.a',
      'gio/libgio-2.0.a',
    ]);
  },
  async install(job) {
    await mesonInstall(job, ['--tags=devel']);
  },
};

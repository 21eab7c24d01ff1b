// GEGL itself, with every operation that needs nothing beyond the libraries of this recipe.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { editGegl } from '../edits/gegl.mjs';
import { mesonInstall, mesonSetup, ninja } from './meson.mjs';

/** Optional dependencies that stay out; native/README.md says which operations that costs, and why. */
const withoutLibraries = [
  'cairo',
  'gdk-pixbuf',
  'gexiv2',
  'gi-docgen',
  'graphviz',
  'jasper',
  'lcms',
  'lensfun',
  'libav',
  'libraw',
  'librsvg',
  'libspiro',
  'libtiff',
  'libv4l',
  'libv4l2',
  'lua',
  'maxflow',
  'mrg',
  'openexr',
  'openmp',
  'pango',
  'pangocairo',
  'poppler',
  'pygobject',
  'sdl1',
  'sdl2',
  'umfpack',
  'vapigen',
  'webp',
];

/** Where the headers lie that GEGL does not install; the binding needs some (GeglModule, GeglStats). */
export const privateHeaders = 'include/gegl-private';

/** The operation modules, as `lib/gegl-0.4/<name>.a`; core first, as GEGL itself loads them. */
export const operationModules = [
  'gegl-core',
  'gegl-common',
  'gegl-common-cxx',
  'gegl-common-gpl3',
  'gegl-generated',
  'transformops',
  'seamless-clone',
  'seamless-clone-compose',
  'gif-load',
  'jpg-load',
  'jpg-save',
  'npy-save',
  'png-load',
  'png-save',
  'ppm-load',
  'ppm-save',
  'rgbe-load',
  'rgbe-save',
  'vector-fill',
];

/** @type {import('../steps.mjs').Component} */
export const gegl = {
  name: 'gegl',
  dependencies: ['glib', 'json-glib', 'babl', 'libpng', 'libjpeg'],
  pin: 'gegl',
  files: ['components/gegl.mjs', 'components/meson.mjs', 'edits/gegl.mjs'],
  edit: editGegl,
  licences: [
    'COPYING',
    'COPYING.LESSER',
    'subprojects/libnsgif/COPYING',
    'subprojects/poly2tri-c/COPYING',
    'subprojects/poly2tri-c/LICENSE-Poly2Tri.txt',
    'subprojects/poly2tri-c/LICENSE-Poly2Tri-C.txt',
  ],
  async configure(job) {
    await mesonSetup(job, [
      '-Dintrospection=false',
      '-Ddocs=false',
      ...withoutLibraries.map((name) => `-D${name}=disabled`),
    ]);
  },
  async compile(job) {
    await ninja(job);
  },
  async install(job) {
    await mesonInstall(job);
    installPrivateHeaders(job);
    keepCtxNotices(job);
  },
};

/** @param {import('../steps.mjs').Job} job */
function installPrivateHeaders(job) {
  const target = join(job.installed, privateHeaders);
  /** @param {string} file */
  const isHeader = (file) => statSync(file).isDirectory() || file.endsWith('.h');
  cpSync(join(job.source, 'gegl'), join(target, 'gegl'), { recursive: true, filter: isHeader });
  cpSync(join(job.build, 'gegl'), join(target, 'gegl'), { recursive: true, filter: isHeader });
  copyFileSync(join(job.build, 'config.h'), join(target, 'config.h'));
  if (!existsSync(join(target, 'gegl/module/geglmodule.h'))) {
    throw new Error('gegl: its private headers are not where they were');
  }
}

/**
 * ctx is one header with its licences in its comments.
 *
 * @param {import('../steps.mjs').Job} job
 */
function keepCtxNotices(job) {
  const text = readFileSync(join(job.source, 'libs/ctx/ctx.h'), 'utf8');
  const comments = text.match(/\/\*[\s\S]*?\*\//g) ?? [];
  const notices = comments.filter((comment) => /copyright/i.test(comment));
  const folder = join(job.installed, 'licences');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'libs-ctx-notices.txt'), `${notices.join('\n\n')}\n`);
}

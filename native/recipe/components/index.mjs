// Every component, in an order in which each stands after what it depends on. glib's chain comes
// first: it takes the longest.

import { babl } from './babl.mjs';
import { ffi } from './ffi.mjs';
import { gegl } from './gegl.mjs';
import { glib } from './glib.mjs';
import { jsonGlib } from './json-glib.mjs';
import { libjpeg } from './libjpeg.mjs';
import { libpng } from './libpng.mjs';
import { pcre2 } from './pcre2.mjs';
import { zlib } from './zlib.mjs';

/** @type {import('../steps.mjs').Component[]} */
export const components = [ffi, zlib, pcre2, glib, babl, libpng, libjpeg, jsonGlib, gegl];

// What leak detectors are told of GEGL, babl and GLib: which blocks they keep on purpose, and which of their objects
// belong to others.

import type { Knowledge } from '../analyze/knowledge.ts';

export const geglKnowledge: Knowledge = {
  // GEGL's tiles, their cache and scratch memory; babl's conversions, models and palettes.
  caches:
    /^(gegl_tile_(alloc|cache|handler_cache|new|dup|unclone)\w*|gegl_scratch_\w+|gegl_tile_(handler|backend)_\w+|babl_(fish|conversion|db|list|hash|extension|component|type|sampling|space|trc|model|format|palette|cache|mutex)_?\w*)$/,
  // GLib's registers of types, signals and strings.
  registers: /^g_(quark|intern|type_(register|class|module|add|set)|signal_new|param_spec)\w*$/,
  functions: /^gegl_/,
  makers: /^(g_type_create_instance|g_object_new\w*)$/,
  parts:
    /^(GeglTile|GeglPad|GeglConnection|GeglRegion|GeglCache|GeglEvalManager|GeglVisitor|GParam|GClosure)/,
  handles: {
    buffers: { types: /^(GeglBuffer|GeglTile\w+)$/, holdsOthers: false },
    nodes: { types: /^GeglNode$/, holdsOthers: true },
    processors: { types: /^GeglProcessor$/, holdsOthers: true },
    colors: { types: /^GeglColor$/, holdsOthers: false },
  },
};

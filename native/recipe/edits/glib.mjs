// What glib's source needs to become a set of static libraries for WebAssembly.

/** @param {import('../edits.mjs').Editor} edit */
export function editGlib(edit) {
  edit.replaceOnce(
    'meson.build',
    "subdir('girepository')\nsubdir('fuzzing')\n",
    '',
    'girepository needs libffi closures, which wasm has none of; fuzzing needs executables',
  );
  edit.replaceOnce(
    'gio/meson.build',
    "error('Could not find res_query()')",
    "warning('Could not find res_query(): native/binding/stubs.c has one')",
    'Emscripten has no DNS resolver; a stub stands in at link time',
  );
  reportExhaustion(edit);
  forgetEmissions(edit);
}

/**
 * glib aborts when memory can't be had, which would end the whole module; the binding's function throws a
 * JavaScript exception, after which the module goes on.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function reportExhaustion(edit) {
  const file = 'glib/gmem.c';
  edit.replaceOnce(
    file,
    '#include "glib_trace.h"\n',
    '#include "glib_trace.h"\n\nextern void gegl_wasm_out_of_memory (size_t) __attribute__ ((noreturn));\n',
    'declares what reports exhausted memory',
  );
  edit.replaceEach(
    file,
    /g_error \("%s: failed to allocate %"G_GSIZE_FORMAT" bytes",\s*G_STRLOC, (\w+)\)/g,
    'gegl_wasm_out_of_memory ($1)',
    4,
    'an allocation that fails must not abort',
  );
  edit.replaceEach(
    file,
    /g_error \("%s: overflow allocating [^;]*?\);/g,
    'gegl_wasm_out_of_memory (G_MAXSIZE);',
    5,
    'a size that overflows must not abort',
  );
}

/**
 * Signal emissions are listed on the C stack. When a JavaScript exception unwinds it, the list must be
 * emptied, or the next emission would walk through dead frames.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function forgetEmissions(edit) {
  edit.replaceOnce(
    'gobject/gsignal.c',
    'static inline void\nemission_push (Emission  *emission)\n',
    [
      'void gegl_wasm_forget_emissions (void);',
      'void',
      'gegl_wasm_forget_emissions (void)',
      '{',
      '  g_emissions = NULL;',
      '}',
      '',
      'static inline void',
      'emission_push (Emission  *emission)',
      '',
    ].join('\n'),
    'an exception that unwinds the stack ends the emissions on it',
  );
}

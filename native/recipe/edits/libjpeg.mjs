// What libjpeg-turbo's source needs: an error that does not end the program.

/** @param {import('../edits.mjs').Editor} edit */
export function editLibjpeg(edit) {
  const why = 'a damaged picture becomes a JavaScript exception, after which the module goes on';
  edit.replaceOnce('jerror.c', '  exit(EXIT_FAILURE);\n', '  gegl_wasm_call_failed();\n', why);
  edit.replaceOnce(
    'jerror.c',
    '#include "jversion.h"\n#include "jerror.h"\n',
    '#include "jversion.h"\n#include "jerror.h"\n\nextern void gegl_wasm_call_failed(void) __attribute__((noreturn));\n',
    why,
  );
}

// What json-glib's source needs: the library without its command-line tools.

/** @param {import('../edits.mjs').Editor} edit */
export function editJsonGlib(edit) {
  edit.replaceOnce(
    'json-glib/meson.build',
    'foreach t: tools\n',
    'tools = []\nforeach t: tools\n',
    'the tools are executables, which this build has no use for',
  );
}

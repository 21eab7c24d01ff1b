// What babl's source needs: extensions linked in and registered from a table, in place of dlopen.

import { changeMesonCall } from '../edits.mjs';
import { RecipeError } from '../errors.mjs';

/** Extensions written in x86 intrinsics. */
const MACHINE_CODE = /^(sse|avx)/;

/** @param {import('../edits.mjs').Editor} edit */
export function editBabl(edit) {
  edit.replaceOnce('meson.build', "subdir('tests')\nsubdir('tools')\n", '', 'executables');
  edit.replaceOnce('meson.build', "subdir('bin')\n", '', 'executables');
  edit.replaceOnce(
    'babl/babl-memory.c',
    'babl_fatal ("args=(%i): failed", size);',
    'gegl_wasm_out_of_memory (size);',
    'memory that runs out becomes a JavaScript exception, after which the module goes on',
  );
  edit.replaceOnce(
    'babl/babl-memory.c',
    '#include "babl-internal.h"\n',
    '#include "babl-internal.h"\n\nextern void gegl_wasm_out_of_memory (size_t) __attribute__ ((noreturn));\n',
    'declares what reports exhausted memory',
  );
  edit.replaceOnce(
    'babl/babl-util.c',
    '  gettimeofday (&measure_time, NULL);\n  return usecs (measure_time) - usecs (start_time);\n',
    '  (void) measure_time;\n  return (long) (unsigned long) (unsigned long long) (emscripten_get_now () * 1000.0);\n',
    'babl ranks its conversions by the microseconds that they take; gettimeofday has milliseconds here',
  );
  edit.replaceOnce(
    'babl/babl-util.c',
    '#include "babl-internal.h"\n',
    '#include "babl-internal.h"\n#include <emscripten.h>\n',
    'declares emscripten_get_now',
  );
  linkExtensions(edit);
}

/** @param {import('../edits.mjs').Editor} edit */
function linkExtensions(edit) {
  const names = extensionNames(edit.read('extensions/meson.build'));
  edit.rewrite('extensions/meson.build', makeExtensionsStatic, 'a plain wasm module has no dlopen');
  edit.write('babl/babl-static-extensions.h', staticExtensions(names));
  edit.replaceOnce(
    'babl/babl-extension.c',
    '#ifdef BABL_DYNAMIC_EXTENSIONS\n\n#include <dirent.h>',
    '#ifdef __EMSCRIPTEN__\n#include "babl-static-extensions.h"\n#elif defined (BABL_DYNAMIC_EXTENSIONS)\n\n#include <dirent.h>',
    'the table of linked extensions takes the place of the search in folders',
  );
  edit.replaceEach(
    'babl/babl-extension.c',
    /^ {2}if \(babl->extension\.dl_handle\)\n {4}dlclose \(babl->extension\.dl_handle\);\n/gm,
    '',
    1,
    'what was not opened is not closed',
  );
}

/**
 * @param {string} meson
 * @returns {string[]} every portable extension of the list that the build file has
 */
function extensionNames(meson) {
  const list = /^extensions = \[\n([\s\S]*?)^\]/m.exec(meson)?.[1] ?? '';
  const names = [...list.matchAll(/^ {2}\['([^']+)'/gm)].map((match) => match[1] ?? '');
  const portable = names.filter((name) => !MACHINE_CODE.test(name));
  if (portable.length < 20) {
    throw new RecipeError('babl: extensions/meson.build no longer lists its extensions as it did.');
  }
  return portable;
}

/** @param {string} name */
function identifier(name) {
  return name.replace(/[^A-Za-z0-9]/g, '_');
}

/**
 * The names must follow `identifier` above, as Meson's underscorify() does.
 *
 * @param {string} meson
 */
function makeExtensionsStatic(meson) {
  return changeMesonCall(meson, 'shared_library(\n    ext[0],', (call) => {
    const changed = call
      .replace('shared_library(', 'static_library(')
      .replace("c_args: [ext[1], '-DBABL_SIMDFREE' ],", () =>
        [
          "c_args: ['-DBABL_SIMDFREE',",
          "  '-Dinit=babl_extension_' + ext[0].underscorify() + '_init',",
          "  '-Ddestroy=babl_extension_' + ext[0].underscorify() + '_destroy'],",
        ].join('\n'),
      );
    if (!changed.includes('underscorify')) throw new RecipeError('its c_args have changed');
    return changed;
  }).replace(
    'foreach ext : extensions\n  static_library(',
    "foreach ext : extensions\n  if ext[0].startswith('sse') or ext[0].startswith('avx')\n    continue\n  endif\n  static_library(",
  );
}

/**
 * @param {readonly string[]} names
 * @returns {string} C source in place of babl's own search for extensions
 */
function staticExtensions(names) {
  return `/* Written by native/recipe/edits/babl.mjs: the extensions that are linked in. */

${names.map((name) => `int babl_extension_${identifier(name)}_init (void);`).join('\n')}

static const struct
{
  const char *name;
  int       (*init) (void);
} static_extensions[] =
{
${names.map((name) => `  { "${name}", babl_extension_${identifier(name)}_init },`).join('\n')}
};

void
babl_extension_load_dir_list (const char  *dir_list,
                              const char **exclusion_patterns)
{
  (void) dir_list;
  (void) exclusion_patterns;

  for (size_t i = 0; i < sizeof static_extensions / sizeof *static_extensions; i++)
    {
      Babl *extension = extension_new (static_extensions[i].name, NULL, NULL);

      babl_set_extender (extension);
      if (static_extensions[i].init () == 0)
        babl_db_insert (db, extension);
      else
        babl_free (extension);
      babl_set_extender (NULL);
    }
}
`;
}

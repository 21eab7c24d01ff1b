// What GEGL's source needs: its operation modules as static libraries that register under names of their own.

import { changeMesonCall } from '../edits.mjs';
import { RecipeError } from '../errors.mjs';

/** @param {import('../edits.mjs').Editor} edit */
export function editGegl(edit) {
  edit.replaceOnce(
    'meson.build',
    [
      "subdir('bin')",
      "subdir('tools')",
      "subdir('operations')",
      "subdir('examples')",
      "subdir('tests')",
      "subdir('perf')",
      "subdir('po')",
      "subdir('docs')",
      '',
    ].join('\n'),
    "gen_loader = find_program('tools/gen-loader.py')\nsubdir('operations')\n",
    'executables, translations and documentation; gen_loader is all that the operations use of tools/',
  );
  makeModulesStatic(edit);
  declareTransformsAsTheyAre(edit);
  endCutJpegs(edit);
  surviveDamagedJpegs(edit);
  edit.replaceOnce(
    'gegl/buffer/gegl-tile-alloc.c',
    '#include "gegl-tile-alloc.h"\n',
    '#include "gegl-tile-alloc.h"\n\nint malloc_trim (size_t pad);\n',
    "Emscripten's libc has malloc_trim, but its malloc.h does not declare it",
  );
  edit.replaceOnce(
    'libs/ctx/meson.build',
    '  include_directories: rootInclude,\n)',
    "  include_directories: rootInclude,\n  c_args: ['-UEMSCRIPTEN'],\n)",
    "ctx's own browser backend doesn't compile and would export symbols",
  );
}

/**
 * Every module defines gegl_module_register and gegl_module_query; linked together they must differ.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function makeModulesStatic(edit) {
  const bundles = [
    ['common', 'gegl-common'],
    ['common-cxx', 'gegl-common-cxx'],
    ['common-gpl3+', 'gegl-common-gpl3'],
    ['core', 'gegl-core'],
    ['generated', 'gegl-generated'],
    ['transform', 'transformops'],
  ];
  const named = bundles.map(([folder, name]) => ({ folder, argument: `'${name}'` }));
  const listed = [
    { folder: 'external', argument: 'libname' },
    { folder: 'seamless-clone', argument: 'lib' },
  ];
  for (const { folder, argument } of [...named, ...listed]) {
    edit.rewrite(
      `operations/${folder}/meson.build`,
      (text) =>
        changeMesonCall(text, `shared_library(${argument},`, (call) => staticCall(call, argument)),
      'a plain wasm module has no dlopen',
    );
  }
}

/**
 * @param {string} call of shared_library()
 * @param {string} argument the Meson expression for the module's name
 * @returns {string} a call of static_library() with the entry points renamed
 */
function staticCall(call, argument) {
  const renames = ['register', 'query']
    .map((entry) => `'-Dgegl_module_${entry}=gegl_module_${entry}_' + ${argument}.underscorify(),`)
    .join(' ');
  const opening = `shared_library(${argument},`;
  const body = call.slice(opening.length);
  const withArguments = /\bc_args: *\[/.test(body)
    ? body.replace(/\b(c|cpp)_args: *\[/g, (start) => `${start} ${renames}`)
    : body.replace(/\n( *)include_directories:/, `\n$1c_args: [ ${renames} ],$&`);
  if (withArguments === body) throw new RecipeError(`no place for the arguments of ${argument}`);
  return `static_library(${argument},${withArguments}`;
}

/**
 * module.c declares the registering functions as returning a GType; they return nothing. wasm-ld makes a
 * trap of a call with another signature.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function declareTransformsAsTheyAre(edit) {
  const file = 'operations/transform/module.c';
  const why = 'the functions return void';
  edit.replaceEach(file, /^GType (?=gegl_op_\w+_register_type )/gm, 'void ', 11, why);
  edit.replaceEach(file, /\bdummy = (?=gegl_op_\w+_register_type )/g, '', 11, why);
}

/**
 * At the end of a file that was cut off, libjpeg asks for more until it is given an end-of-image marker.
 * GEGL's loader answers with nothing, for ever.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function endCutJpegs(edit) {
  const file = 'operations/external/jpg-load.c';
  edit.replaceOnce(
    file,
    '        src->bytes_in_buffer = bytes_read;\n',
    [
      '        src->bytes_in_buffer = bytes_read;',
      '        if (bytes_read == 0)',
      '          {',
      '            static const JOCTET end_of_image[2] = { 0xFF, JPEG_EOI };',
      '            src->next_input_byte = end_of_image;',
      '            src->bytes_in_buffer = sizeof end_of_image;',
      '          }',
      '',
    ].join('\n'),
    'a picture that is cut off is an error, not an endless loop',
  );
}

/**
 * libjpeg's own error handler ends the program.
 *
 * @param {import('../edits.mjs').Editor} edit
 */
function surviveDamagedJpegs(edit) {
  const file = 'operations/external/jpg-load.c';
  const why = 'a damaged picture must not end the program';
  edit.replaceOnce(
    file,
    '#include <jpeglib.h>\n',
    [
      '#include <jpeglib.h>',
      '#include <setjmp.h>',
      '',
      'static jmp_buf jpeg_is_damaged;',
      '',
      'static void',
      'give_up (j_common_ptr cinfo)',
      '{',
      '  (*cinfo->err->output_message) (cinfo);',
      '  longjmp (jpeg_is_damaged, 1);',
      '}',
      '',
    ].join('\n'),
    why,
  );
  edit.replaceEach(
    file,
    /^ {2}cinfo\.err = jpeg_std_error \(&jerr\);\n/gm,
    [
      '$&  jerr.error_exit = give_up;',
      '  cinfo.mem = NULL;',
      '  if (setjmp (jpeg_is_damaged))',
      '    {',
      '      jpeg_destroy_decompress (&cinfo);',
      '      return -1;',
      '    }',
      '',
    ].join('\n'),
    2,
    why,
  );
}

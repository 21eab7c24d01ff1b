// How everything is compiled: compiler wrappers, flags, Meson's cross file and the environment.

import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { keyOf } from './key.mjs';
import { toolsFolder } from './paths.mjs';
import { compilerVersions } from './prerequisites.mjs';
import { fetchSource, pinsOf, unpack } from './sources.mjs';

/** The install prefix that the libraries are told; it exists nowhere, so no path of a machine gets in. */
export const PREFIX = '/gegl';

/** GEGL and glib cast pointers freely. */
const compileFlags = ['-O2', '-fno-strict-aliasing'];

/** @type {Record<string, string[]>} flags that a variant adds to every compilation and link */
const variantFlags = { asan: ['-fsanitize=address', '-fsanitize-recover=address'] };

/** clang 14 with AddressSanitizer doesn't come to an end of pcre2's interpreter, one function of 5,000 lines. */
const notSanitized = ['pcre2'];

/**
 * @typedef {object} Toolchain
 * @property {string} key
 * @property {string} folder the wrappers lie here
 * @property {Record<string, string>} versions
 * @property {string[]} flags of the variant
 * @property {NodeJS.ProcessEnv} environment
 * @property {(component: string, folder: string) => string[]} compileFlags
 *   with which no path of the folder gets into the objects
 * @property {number} jobs
 */

/**
 * @param {string} variant
 * @returns {Toolchain}
 */
export function describeToolchain(variant) {
  const versions = compilerVersions();
  const flags = variantFlags[variant] ?? [];
  const key = keyOf({
    versions,
    flags,
    compileFlags,
    wrapper: wrapper('emcc', flags),
    cross: crossFile('', [], ''),
    meson: pinsOf('meson'),
  });
  const folder = join(toolsFolder, `toolchain-${key}`);
  return {
    key,
    folder,
    versions,
    flags,
    environment: environment(folder),
    compileFlags: (component, directory) => [
      ...compileFlags,
      ...(flags.length > 0 && notSanitized.includes(component) ? ['-fno-sanitize=all'] : []),
      // Build files name sources by relative or by full paths; __FILE__ in messages must not tell which.
      `-ffile-prefix-map=../source=${component}`,
      `-ffile-prefix-map=${directory}/source=${component}`,
      `-ffile-prefix-map=${directory}=${component}`,
    ],
    jobs: availableParallelism(),
  };
}

/**
 * Only what the tools need: npm's variables, a user's CFLAGS or an EM_CACHE must change nothing.
 *
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
function environment(folder) {
  return {
    PATH: `${folder}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: homedir(),
    LANG: 'C.UTF-8',
    ...(process.env.TMPDIR === undefined ? {} : { TMPDIR: process.env.TMPDIR }),
    // Debian's emscripten finds acorn here with its own Node only; with any other, optimized links fail.
    NODE_PATH: '/usr/share/nodejs',
    EM_NODE_JS: process.execPath,
    // Meson runs itself again from build files, past any wrapper script.
    PYTHONPATH: join(folder, 'meson/usr/lib/python3/dist-packages'),
    PYTHONDONTWRITEBYTECODE: '1',
    SOURCE_DATE_EPOCH: '0',
  };
}

/**
 * A single argument is a question such as --version, which Meson asks. The atomics that glib wants
 * become plain operations in a module without threads. Sanitizers stay out of the link checks of
 * configure scripts (one command from source to program), of which glib makes hundreds.
 *
 * @param {string} compiler
 * @param {readonly string[]} flags
 * @returns {string}
 */
function wrapper(compiler, flags) {
  const sanitize =
    flags.length > 0 ? `case $argument in -c|*.o) extra='${flags.join(' ')}' ;; esac` : ':';
  return `#!/bin/sh
# Written by native/recipe/toolchain.mjs: Emscripten without threads and without position independence.
[ $# = 1 ] && exec /usr/bin/${compiler} "$1"
extra=
for argument do
  shift
  ${sanitize}
  case $argument in
    -pthread|-sUSE_PTHREADS*|-sPTHREAD_POOL_SIZE*|-fPIC) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec /usr/bin/${compiler} -D__GCC_HAVE_SYNC_COMPARE_AND_SWAP_4=1 $extra "$@"
`;
}

/**
 * @param {string} tools
 * @param {readonly string[]} flags
 * @param {string} pkgConfigPath
 * @returns {string} Meson's description of the target machine
 */
export function crossFile(tools, flags, pkgConfigPath) {
  const list = `[${flags.map((flag) => `'${flag}'`).join(', ')}]`;
  return `# Written by native/recipe/toolchain.mjs.
[binaries]
c = '${tools}/wasm-cc'
cpp = '${tools}/wasm-c++'
ar = '/usr/bin/emar'
ranlib = '/usr/bin/emranlib'
strip = '/bin/true'
pkg-config = '/usr/bin/pkg-config'
glib-genmarshal = '/usr/bin/glib-genmarshal'
glib-mkenums = '/usr/bin/glib-mkenums'
glib-compile-resources = '/usr/bin/glib-compile-resources'
glib-compile-schemas = '/usr/bin/glib-compile-schemas'

[properties]
needs_exe_wrapper = true
growing_stack = false
have_c99_vsnprintf = true
have_c99_snprintf = true
have_unix98_printf = true
have_strlcpy = true
have_proc_self_cmdline = false
va_val_copy = true
pkg_config_libdir = '${pkgConfigPath}'

[host_machine]
system = 'emscripten'
cpu_family = 'wasm32'
cpu = 'wasm32'
endian = 'little'

[built-in options]
c_args = ${list}
cpp_args = ${list}
default_library = 'static'
prefix = '${PREFIX}'
libdir = 'lib'
`;
}

/**
 * Writes the wrappers and unpacks Meson (Debian 12's own is too old for glib), unless they are there.
 *
 * @param {Toolchain} toolchain
 * @param {boolean} exists
 * @param {(command: string, args: string[]) => Promise<void>} run
 */
export async function installToolchain(toolchain, exists, run) {
  if (exists) return;
  const temporary = `${toolchain.folder}.partial`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  await unpack(fetchSource('meson').file, join(temporary, 'meson'), run);
  const meson = join(toolchain.folder, 'meson/usr/bin/meson');
  /** @type {[string, string][]} */
  const scripts = [
    ['wasm-cc', wrapper('emcc', toolchain.flags)],
    ['wasm-c++', wrapper('em++', toolchain.flags)],
    ['meson-new', `#!/bin/sh\nexec /usr/bin/python3 '${meson}' "$@"\n`],
  ];
  for (const [name, text] of scripts) {
    const file = join(temporary, name);
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
  renameSync(temporary, toolchain.folder);
}

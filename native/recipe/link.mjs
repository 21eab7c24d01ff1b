// From the components' archives and the binding to the two modules: with names, and stripped.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { operationModules, privateHeaders } from './components/gegl.mjs';
import { RecipeError } from './errors.mjs';
import { checkGlue, correctGlue, esModule } from './glue.mjs';
import { fileHashes, keyOf } from './key.mjs';
import { writeLicences } from './licences.mjs';
import { bindingFolder, modulesFolder, recipeFolder, testFolder } from './paths.mjs';
import { run } from './process.mjs';
import { minutes, report } from './progress.mjs';
import { pkgConfigPath, planOf, writeAtomically } from './steps.mjs';
import { describeWasm } from './wasm.mjs';

const allocator = [
  'malloc',
  'free',
  'calloc',
  'realloc',
  'memalign',
  'malloc_usable_size',
  'mallinfo',
];

const runtimeMethods = [
  'ENV',
  'FS',
  'UTF8ToString',
  'getValue',
  'lengthBytesUTF8',
  'setValue',
  'stackAlloc',
  'stackRestore',
  'stackSave',
  'stringToUTF8',
];

const settings = [
  'MODULARIZE=1',
  'EXPORT_NAME=createGegl',
  'ENVIRONMENT=web,worker,node',
  'ALLOW_MEMORY_GROWTH=1',
  'INITIAL_MEMORY=64MB',
  'MAXIMUM_MEMORY=4GB',
  'TOTAL_STACK=5MB',
  // GObject calls class_init functions and the like with more arguments than they take.
  'EMULATE_FUNCTION_POINTER_CASTS=1',
  // No eval() in the glue: pages under a policy without 'unsafe-eval'.
  'DYNAMIC_EXECUTION=0',
  // The process belongs to the user.
  'NODEJS_CATCH_EXIT=0',
  'NODEJS_CATCH_REJECTION=0',
  'EXIT_RUNTIME=0',
  `EXPORTED_FUNCTIONS=${allocator.map((name) => `_${name}`).join(',')}`,
  `EXPORTED_RUNTIME_METHODS=${runtimeMethods.join(',')}`,
];

/** @type {Record<string, string[]>} in place of -sASSERTIONS=0 */
const variantSettings = {
  // As fast as it can be: bench:overhead compares with it.
  memoryprofiler: ['-sASSERTIONS=0', '--memoryprofiler'],
  // With functions that leak on purpose: bench:leaks calls them.
  leaks: ['-sASSERTIONS=0'],
  // 2: an unaligned access, which WebAssembly allows and babl makes, is a warning; a NULL access ends.
  'safe-heap': ['-sSAFE_HEAP=2', '-sASSERTIONS=1'],
  asan: [
    '-sASSERTIONS=1',
    // Its frames are several times as large.
    '-sTOTAL_STACK=32MB',
    // Its runtime has functions with more arguments than the sixteen that emulated casts allow for.
    '-sBINARYEN_EXTRA_PASSES=--pass-arg=max-func-params@25',
  ],
};

/**
 * @typedef {object} ModuleKind
 * @property {string} name
 * @property {string[]} options
 * @property {boolean} names whether it has a name section and readable exports
 */

/**
 * -O0 keeps binaryen from merging and inlining functions, so that each C function stays one to be
 * watched; the objects are optimized anyway.
 *
 * @param {string} variant
 * @returns {ModuleKind[]}
 */
function moduleKinds(variant) {
  const checks = variantSettings[variant];
  const named = { name: 'gegl', names: true };
  if (checks !== undefined) {
    return [{ ...named, options: ['-O0', '--profiling-funcs', ...checks] }];
  }
  return [
    { ...named, options: ['-O0', '-sASSERTIONS=0', '--profiling-funcs'] },
    { name: 'gegl-stripped', names: false, options: ['-O3', '-sASSERTIONS=0'] },
  ];
}

/**
 * @typedef {object} Link
 * @property {string} variant
 * @property {string} key
 * @property {string} folder of the finished modules in the cache
 * @property {[string, string][]} binding its files with their hashes
 * @property {[string, string][]} tests likewise, of native/test: of one variant alone
 * @property {Map<string, import('./steps.mjs').Plan>} plans
 * @property {import('./toolchain.mjs').Toolchain} toolchain
 */

/**
 * @param {string} variant
 * @param {Map<string, import('./steps.mjs').Plan>} plans
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @returns {Link}
 */
export function planLink(variant, plans, toolchain) {
  const recipe = ['link.mjs', 'glue.mjs', 'licences.mjs'].map((name) => join(recipeFolder, name));
  const binding = sourceHashes(bindingFolder);
  const tests = variant === 'leaks' ? sourceHashes(testFolder) : [];
  const key = keyOf({
    variant,
    toolchain: toolchain.key,
    components: [...plans.values()].map((plan) => plan.key),
    files: fileHashes(recipe),
    binding,
    tests,
  });
  const folder = join(modulesFolder, `${variant}-${key}`);
  return { variant, key, folder, binding, tests, plans, toolchain };
}

/**
 * @param {string} folder
 * @returns {[string, string][]}
 */
function sourceHashes(folder) {
  const names = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  return fileHashes(names.sort().map((name) => join(folder, name)));
}

/** @typedef {{ raw: number, gzip: number, exports: number }} ModuleFacts */

/**
 * @param {Link} link
 * @param {readonly import('./steps.mjs').Built[]} built
 */
export async function linkModules(link, built) {
  if (existsSync(join(link.folder, 'build-info.json'))) return;
  const work = `${link.folder}.partial`;
  rmSync(work, { recursive: true, force: true });
  rmSync(link.folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const log = join(modulesFolder, `${link.variant}.log`);
  rmSync(log, { force: true });
  report('modules', `log: ${log}`);
  const start = Date.now();
  report('modules', 'compile the binding');
  const objects = await compileBinding(link, join(work, 'objects'), log);
  /** @type {Record<string, ModuleFacts>} */
  const facts = {};
  for (const kind of moduleKinds(link.variant)) {
    report('modules', `link ${kind.name}`);
    facts[kind.name] = await linkModule(link, kind, objects, work, log);
  }
  rmSync(join(work, 'objects'), { recursive: true });
  writeLicences(join(work, 'LICENSES'), link.plans);
  // The glue scripts are CommonJS whatever the package around them says.
  writeFileSync(join(work, 'package.json'), '{ "type": "commonjs" }\n');
  const info = {
    key: link.key,
    variant: link.variant,
    toolchain: link.toolchain.versions,
    minutes: { link: minutes(Date.now() - start) },
    modules: facts,
    components: Object.fromEntries(built.map(({ name, ...rest }) => [name, rest])),
  };
  writeAtomically(join(work, 'build-info.json'), `${JSON.stringify(info, undefined, 2)}\n`);
  renameSync(work, link.folder);
}

/**
 * @param {Link} link
 * @param {string} folder for the objects
 * @param {string} log
 * @returns {Promise<string[]>}
 */
async function compileBinding(link, folder, log) {
  const source = copyBinding(link, join(folder, 'source'));
  writeFileSync(join(source, 'operation-modules.h'), operationModulesHeader());
  const flags = await compilerFlags(link, folder, log);
  const units = [...link.binding, ...link.tests]
    .map(([name]) => name)
    .filter((name) => name.endsWith('.c'));
  await Promise.all(
    units.map((name) =>
      run(
        'wasm-cc',
        [
          ...link.toolchain.compileFlags('binding', folder),
          '-Wall',
          '-DHAVE_CONFIG_H',
          ...flags,
          '-c',
          join(source, name),
          '-o',
          join(folder, `${name}.o`),
        ],
        { env: link.toolchain.environment, log, subject: 'the binding' },
      ),
    ),
  );
  return units.map((name) => join(folder, `${name}.o`));
}

/**
 * What is compiled must be what the key was made from, even if somebody edits the binding meanwhile.
 *
 * @param {Link} link
 * @param {string} target
 * @returns {string} the target
 */
function copyBinding(link, target) {
  mkdirSync(target, { recursive: true });
  for (const [name] of link.binding) cpSync(join(bindingFolder, name), join(target, name));
  for (const [name] of link.tests) cpSync(join(testFolder, name), join(target, name));
  const known = new Map([...link.binding, ...link.tests]);
  if (sourceHashes(target).some(([name, hash]) => known.get(name) !== hash)) {
    throw new RecipeError(
      'native/binding or native/test has changed during the build. Run the same command again.',
    );
  }
  return target;
}

/** @returns {string} C: which register functions the linked operation modules have */
function operationModulesHeader() {
  const names = operationModules.map((name) => name.replace(/[^A-Za-z0-9]/g, '_'));
  return `/* Written by native/recipe/link.mjs. Each X (name) has
 * gboolean gegl_module_register_<name> (GTypeModule *). */
#define OPERATION_MODULES(X) \\
${names.map((name) => `  X (${name})`).join(' \\\n')}
`;
}

/**
 * @param {Link} link
 * @param {string} folder
 * @param {string} log
 * @returns {Promise<string[]>} where the headers are, GEGL's private ones first
 */
async function compilerFlags(link, folder, log) {
  const output = join(folder, 'cflags');
  await run(
    'sh',
    ['-c', `pkg-config --cflags gio-2.0 gmodule-2.0 json-glib-1.0 babl-0.1 > '${output}'`],
    {
      env: {
        ...link.toolchain.environment,
        PKG_CONFIG_LIBDIR: pkgConfigPath([...link.plans.values()]),
      },
      log,
      subject: 'the binding',
    },
  );
  const gegl = join(planOf(link.plans, 'gegl').prefix, privateHeaders);
  const folders = ['buffer', 'graph', 'module', 'opencl', 'operation', 'process', 'property-types'];
  return [
    `-I${gegl}`,
    `-I${gegl}/gegl`,
    ...folders.map((name) => `-I${gegl}/gegl/${name}`),
    ...readFileSync(output, 'utf8').trim().split(/\s+/),
  ];
}

/**
 * @param {Link} link
 * @returns {string[]} every archive, users before what they use
 */
function archives(link) {
  /**
   * @param {string} component
   * @param {readonly string[]} files
   */
  const from = (component, files) =>
    files.map((file) => join(planOf(link.plans, component).prefix, 'lib', file));
  const modules = operationModules.map((name) => `gegl-0.4/${name}.a`);
  const extensions = readdirSync(join(planOf(link.plans, 'babl').prefix, 'lib/babl-0.1')).sort();
  const list = [
    ...from('gegl', [...modules, 'libgegl-sc-0.4.a', 'libgegl-0.4.a', 'libgegl-npd-0.4.a']),
    ...from('json-glib', ['libjson-glib-1.0.a']),
    ...from(
      'glib',
      ['gio', 'gmodule', 'gobject', 'gthread', 'glib'].map((name) => `lib${name}-2.0.a`),
    ),
    ...from('pcre2', ['libpcre2-8.a']),
    ...from('babl', ['libbabl-0.1.a', ...extensions.map((name) => `babl-0.1/${name}`)]),
    ...from('libpng', ['libpng16.a']),
    ...from('libjpeg', ['libjpeg.a']),
    ...from('zlib', ['libz.a']),
    ...from('ffi', ['libffi.a']),
  ];
  const missing = list.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new RecipeError(`Not built: ${missing.join(', ')}`);
  return list;
}

/**
 * @param {Link} link
 * @param {ModuleKind} kind
 * @param {readonly string[]} objects
 * @param {string} folder
 * @param {string} log
 * @returns {Promise<ModuleFacts>}
 */
async function linkModule(link, kind, objects, folder, log) {
  const glueFile = join(folder, `${kind.name}.js`);
  await run(
    'wasm-c++',
    [
      ...settings.map((setting) => `-s${setting}`),
      ...kind.options,
      // A call with another signature than the function's becomes a trap: that is no mere warning.
      '-Wl,--fatal-warnings',
      '--no-entry',
      ...objects,
      ...archives(link),
      '-o',
      glueFile,
    ],
    { env: link.toolchain.environment, log, subject: kind.name },
  );
  const glue = correctGlue(readFileSync(glueFile, 'utf8'));
  if (link.variant === 'default') checkGlue(kind.name, glue);
  writeFileSync(glueFile, glue);
  writeFileSync(join(folder, `${kind.name}.mjs`), esModule(glue));
  return checkWasm(kind, readFileSync(join(folder, `${kind.name}.wasm`)));
}

/**
 * @param {ModuleKind} kind
 * @param {Buffer} bytes
 * @returns {ModuleFacts}
 */
function checkWasm(kind, bytes) {
  const { exports, hasNames } = describeWasm(bytes);
  if (hasNames !== kind.names || exports.includes('malloc') !== kind.names) {
    throw new RecipeError(
      `${kind.name}: names are ${hasNames ? 'there' : 'gone'} and malloc is ` +
        `${exports.includes('malloc') ? 'readable' : 'minified'}; both were to be ${kind.names ? 'there' : 'gone'}.`,
    );
  }
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, exports: exports.length };
}

// Bundles src/ into what users load: dist/esm (ES modules), dist/cjs (CommonJS), js/ (classic
// scripts under the names that pages use) and dist/types.

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';
import { buildTracker } from './build-tracker.mjs';

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bytes, gzip: what the script for pages may have, heap snapshots with the hunt for leaks, of the first the rewriter
 * and the tracker, and the panel.
 */
const SCRIPT_LIMIT = 62 * 1024;
const ANALYSIS_LIMIT = 28.5 * 1024;
const INSTRUMENT_LIMIT = 22.5 * 1024;
const PANEL_LIMIT = 40 * 1024;

/**
 * Entry points: the name of the built file and, for some, what a classic script puts on the page. What others
 * import() of them loads from beside these when it is asked for. `bundles`: packages of others in it.
 *
 * @type {readonly { name: string, source: string, script?: string, page?: string, bundles?: string[] }[]}
 */
const entries = [
  {
    name: 'gegl',
    source: 'src/gegl/index.ts',
    script: 'gegl-wrapper',
    page: 'src/profiler/wrapper-script.ts',
  },
  {
    name: 'memory-profiler',
    source: 'src/profiler/index.ts',
    script: 'memory-profiler',
    page: 'src/profiler/script.ts',
  },
  {
    name: 'memory-profiler-analysis',
    source: 'src/profiler/heap-analysis.ts',
    script: 'memory-profiler-analysis',
    page: 'src/profiler/heap-analysis.ts',
  },
  {
    name: 'memory-panel',
    source: 'src/present/panel/index.ts',
    script: 'memory-panel',
    page: 'src/present/panel/index.ts',
    bundles: ['uplot'],
  },
  { name: 'text', source: 'src/present/text/index.ts' },
  { name: 'formats', source: 'src/present/formats/library.ts' },
  { name: 'instrument', source: 'src/instrument/index.ts' },
  { name: 'source-maps', source: 'src/present/source-maps/index.ts' },
  { name: 'register', source: 'src/register/index.ts' },
  { name: 'testing', source: 'src/present/testing/index.ts' },
  { name: 'testing-vitest', source: 'src/present/testing/vitest.ts' },
  { name: 'testing-playwright', source: 'src/present/testing/playwright.ts' },
];

/** What a classic script exports goes to the page's globals, or to a CommonJS Node that requires it. */
const exportFromScript =
  "const exportFromScript = (api) => typeof module === 'object' && module?.exports ? (module.exports = api) : Object.assign(globalThis, api);";

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  target: ['es2022', 'safari16'],
  // The dependencies of the package; the page's scripts have none of them.
  external: [
    'node:*',
    'commander',
    'pprof-format',
    '@jridgewell/*',
    'puppeteer-core',
    'vitest',
    '@playwright/test',
    'gegl-memory-profiler',
  ],
  logLevel: 'warning',
  legalComments: 'none',
  define: { PROFILER_VERSION: JSON.stringify(version), SCRIPT_FORMAT: '"module"' },
};

/**
 * import() of an entry stays as it is, of the built file: it is resolved from beside the script that says it, in
 * classic scripts, too.
 *
 * @param {'js' | 'cjs'} extension
 * @returns {import('esbuild').Plugin}
 */
function loadOnDemand(extension) {
  return {
    name: 'load-on-demand',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = resolve(resolveDir, path);
        const entry = entries.find(({ source }) => resolve(root, source) === file);
        return entry && { path: `./${entry.name}.${extension}`, external: true };
      });
    },
  };
}

/**
 * uPlot asks for numbers in the language of the browser, which WebKitGTK says is "C" where no locale is set: that is no
 * language tag, and the module would throw as it loads. Left out, the browser's own default is taken.
 *
 * @type {import('esbuild').Plugin}
 */
const uplotInAnyLocale = {
  name: 'uplot-in-any-locale',
  setup({ onLoad }) {
    onLoad({ filter: /uPlot\.esm\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace("domEnv ? nav.language : 'en-US'", 'undefined');
      if (contents === text) throw new Error('uPlot asks for the language in another way now');
      return { contents };
    });
  },
};

/**
 * The licences of packages that are bundled.
 *
 * @param {readonly string[]} packages
 */
function licencesOf(packages) {
  return Promise.all(
    packages.map(async (name) => {
      const text = await readFile(`${root}node_modules/${name}/LICENSE`, 'utf8');
      return `${name}:\n\n${text.trim()}\n`;
    }),
  );
}

/**
 * The same as a comment that stays.
 *
 * @param {readonly string[]} [packages]
 */
async function noticeOf(packages = []) {
  const licences = await licencesOf(packages);
  return licences.map((licence) => `/*! Contains ${licence}*/\n`).join('');
}

/** @type {import('esbuild').BuildOptions} */
const libraries = { ...common, loader: { '.css': 'text' } };

/** CommonJS has the script's path where an ES module has import.meta; createRequire takes either. */
const commonJs = { define: { ...common.define, 'import.meta.url': '__filename' } };

/** Where CommonJS runs without import(), as in Jest, what loads on demand is required. */
const required = { supported: { 'dynamic-import': false } };

/** Statements behind one another come out smaller under gzip than one joined by commas. */
const COMPRESS = { passes: 3, sequences: false, unsafe_arrows: true };

/**
 * Minified twice: terser finds some 5% more, and shortens what esbuild doesn't see as one program.
 *
 * @param {string} source
 * @param {string} file
 * @param {string} notice
 */
async function buildScript(source, file, notice) {
  const { outputFiles } = await build({
    ...libraries,
    plugins: [loadOnDemand('js'), uplotInAnyLocale],
    define: { ...commonJs.define, SCRIPT_FORMAT: '"classic"' },
    entryPoints: [source],
    format: 'iife',
    banner: { js: `(() => {\n${exportFromScript}` },
    footer: { js: '})();' },
    minify: true,
    write: false,
  });
  const script = outputFiles.map(({ text }) => text).join('');
  const { code = script } = await minify(script, { ecma: 2020, compress: COMPRESS });
  await writeFile(`${root}${file}`, notice + code);
}

await buildTracker();
// Files are written over, not removed first: a test that runs meanwhile finds them.
await mkdir(`${root}js`, { recursive: true });
for (const { name, source, script, page, bundles } of entries) {
  const notice = await noticeOf(bundles);
  await Promise.all([
    build({
      ...libraries,
      plugins: [loadOnDemand('js'), uplotInAnyLocale],
      banner: { js: notice },
      entryPoints: [source],
      format: 'esm',
      outfile: `dist/esm/${name}.js`,
    }),
    build({
      ...libraries,
      ...commonJs,
      ...required,
      plugins: [loadOnDemand('cjs'), uplotInAnyLocale],
      banner: { js: notice },
      entryPoints: [source],
      format: 'cjs',
      platform: 'node',
      outfile: `dist/cjs/${name}.cjs`,
    }),
    page && buildScript(page, `js/${script}.js`, notice),
  ]);
}
for (const [source, name] of /** @type {const} */ ([
  ['src/present/cli/main.ts', 'gegl-memory-profiler'],
  ['src/present/cli/run/node-child.ts', 'node-child'],
])) {
  await build({
    ...common,
    entryPoints: [source],
    format: 'esm',
    platform: 'node',
    outfile: `dist/cli/${name}.js`,
  });
}
await chmod(`${root}dist/cli/gegl-memory-profiler.js`, 0o755);
await buildReportPage();
await writeFile(`${root}js/package.json`, '{ "type": "commonjs" }\n');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
  cwd: root,
  stdio: 'inherit',
});
// The same for who requires: the types of an ES module are those of one that can't be required.
await cp(`${root}dist/types`, `${root}dist/cjs/types`, { recursive: true });
await writeFile(`${root}dist/cjs/types/package.json`, '{ "type": "commonjs" }\n');

/** The script and the style of report pages, and the licences of the libraries in them. */
async function buildReportPage() {
  await build({
    ...common,
    entryPoints: { page: 'src/present/report/page/main.tsx' },
    plugins: [uplotInAnyLocale],
    outdir: 'dist/report',
    format: 'iife',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const licences = await licencesOf(['preact', 'uplot']);
  await writeFile(`${root}dist/report/THIRD-PARTY.txt`, licences.join('\n'));
}

/** The rewriter and the tracker alone, as a page that has nothing else of us would load them. */
async function buildInstrument() {
  const { outputFiles } = await build({
    ...common,
    stdin: {
      contents:
        "export * from './src/instrument/index.ts'; export * from './src/tracker/index.ts';",
      resolveDir: root,
    },
    format: 'esm',
    minify: true,
    write: false,
  });
  const script = outputFiles.map(({ text }) => text).join('');
  const { code = script } = await minify(script, {
    ecma: 2020,
    module: true,
    compress: COMPRESS,
  });
  return code;
}

for (const [what, code, limit] of /** @type {const} */ ([
  ['js/memory-profiler.js', await readFile(`${root}js/memory-profiler.js`), SCRIPT_LIMIT],
  [
    'js/memory-profiler-analysis.js',
    await readFile(`${root}js/memory-profiler-analysis.js`),
    ANALYSIS_LIMIT,
  ],
  ['rewriter and tracker in the first', await buildInstrument(), INSTRUMENT_LIMIT],
  ['js/memory-panel.js', await readFile(`${root}js/memory-panel.js`), PANEL_LIMIT],
])) {
  const { length } = gzipSync(code, { level: 9 });
  console.log(`${what}: ${length} bytes gzip`);
  if (length > limit) {
    console.error(`${what} must be at most ${limit} bytes gzip`);
    process.exitCode = 1;
  }
}

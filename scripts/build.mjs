// Bundles src/ into what users load: dist/esm (ES modules), dist/cjs (CommonJS), js/ (classic
// scripts under the names that pages use) and dist/types.

import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Entry points: the name of the built file, and what a classic script puts on the page. */
const entries = [{ name: 'gegl', source: 'src/gegl/index.ts', script: 'gegl-wrapper' }];

/** `import.meta.url` where there is none: CommonJS and classic scripts that Node requires. */
const importMetaUrl =
  "const importMetaUrl = typeof __filename === 'string' ? require('node:url').pathToFileURL(__filename).href : undefined;";

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  target: ['es2022', 'safari16'],
  external: ['node:*'],
  logLevel: 'warning',
  legalComments: 'none',
};

for (const folder of ['dist', 'js']) {
  await rm(`${root}${folder}`, { recursive: true, force: true });
  await mkdir(`${root}${folder}`);
}
for (const { name, source, script } of entries) {
  const commonJs = {
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: importMetaUrl },
  };
  await Promise.all([
    build({ ...common, entryPoints: [source], format: 'esm', outfile: `dist/esm/${name}.js` }),
    build({
      ...common,
      ...commonJs,
      entryPoints: [source],
      format: 'cjs',
      platform: 'node',
      outfile: `dist/cjs/${name}.cjs`,
    }),
    build({
      ...common,
      define: commonJs.define,
      entryPoints: [source],
      format: 'iife',
      globalName: 'api',
      // The exports go to the page's globals, or to module.exports where a CommonJS Node requires it.
      banner: { js: `(() => {\n${importMetaUrl}` },
      footer: {
        js: "if (typeof module === 'object' && module !== null && 'exports' in module) module.exports = api;\nelse Object.assign(globalThis, api);\n})();",
      },
      minify: true,
      outfile: `js/${script}.js`,
    }),
  ]);
}
await writeFile(`${root}js/package.json`, '{ "type": "commonjs" }\n');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
  cwd: root,
  stdio: 'inherit',
});

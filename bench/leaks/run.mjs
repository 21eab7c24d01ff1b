// npm run bench:leaks: sees to the module with functions that leak, bundles the benchmark, the profiler and the
// wrapper each by itself, so that the profiler knows its own frames from the scenarios', and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildTracker } from '../../scripts/build-tracker.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { status } = spawnSync(process.execPath, ['native/build.mjs', '--variant=leaks'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await buildTracker();

/** @type {Record<string, string>} */
const libraries = {
  'src/gegl/index.ts': './gegl.js',
  'src/profiler/index.ts': './memory-profiler.js',
};
/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { PROFILER_VERSION: '"benchmark"', SCRIPT_FORMAT: '"module"' },
  logLevel: 'warning',
};
await build({
  ...common,
  entryPoints: { gegl: 'src/gegl/index.ts', 'memory-profiler': 'src/profiler/index.ts' },
  outdir: 'dist/bench/leaks',
});
await build({
  ...common,
  entryPoints: { benchmark: 'bench/leaks/benchmark.ts', child: 'bench/leaks/child.ts' },
  outdir: 'dist/bench/leaks',
  plugins: [
    {
      name: 'libraries',
      setup({ onResolve }) {
        onResolve({ filter: /\/src\/(gegl|profiler)\/index\.ts$/ }, ({ path }) => ({
          path: libraries[path.replace(/^(\.\.\/)+/, '')] ?? path,
          external: true,
        }));
      },
    },
  ],
});
process.exitCode =
  spawnSync(process.execPath, ['dist/bench/leaks/benchmark.js', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1;

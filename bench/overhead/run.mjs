// npm run bench:overhead: sees to what it compares with, bundles benchmark.ts and its children, since Node 20 reads
// no TypeScript, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensurePackages } from '../../native/recipe/debian.mjs';
import { messageOf, RecipeError } from '../../native/recipe/errors.mjs';
import { buildTracker } from '../../scripts/build-tracker.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = ['gcc', 'heaptrack', 'libc6-dev', 'libgegl-dev', 'pkg-config'];

try {
  ensurePackages(packages, 'bench:overhead', (text) => console.error(`bench:overhead: ${text}`));
} catch (error) {
  console.error(error instanceof RecipeError ? messageOf(error) : error);
  process.exit(1);
}
for (const variant of ['default', 'memoryprofiler']) {
  const args = ['native/build.mjs', `--variant=${variant}`];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
await buildTracker();
await build({
  absWorkingDir: root,
  entryPoints: { benchmark: 'bench/overhead/benchmark.ts', child: 'bench/overhead/child.ts' },
  // Inside the package, so that the bundles find packages by name.
  outdir: 'dist/bench/overhead',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['binaryen', 'esbuild', 'sql.js'],
  logLevel: 'warning',
});
const outfile = `${root}dist/bench/overhead/benchmark.mjs`;
process.exitCode =
  spawnSync(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1;

// npm run bench:profiler: bundles benchmark.ts, since Node 20 reads no TypeScript, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the package, so that the bundle finds the module by the package's name.
const outfile = `${root}dist/bench/profiler.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: ['bench/profiler/benchmark.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
// A million objects need more than the usual heap.
const flags = ['--expose-gc', '--max-old-space-size=8192'];
process.exitCode =
  spawnSync(process.execPath, [...flags, outfile], { cwd: root, stdio: 'inherit' }).status ?? 1;

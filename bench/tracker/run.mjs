// npm run bench:tracker: bundles benchmark.ts, since Node 20 reads no TypeScript, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildTracker } from '../../scripts/build-tracker.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outfile = `${root}dist/bench/tracker.mjs`;
await buildTracker();
await build({
  absWorkingDir: root,
  entryPoints: ['bench/tracker/benchmark.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['binaryen'],
  logLevel: 'warning',
});
process.exitCode =
  spawnSync(process.execPath, [outfile], { cwd: root, stdio: 'inherit' }).status ?? 1;

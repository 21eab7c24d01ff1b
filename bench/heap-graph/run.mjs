// npm run bench:heap-graph: bundles benchmark.ts, since Node 20 reads no TypeScript, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outfile = `${root}dist/bench/heap-graph.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: ['bench/heap-graph/benchmark.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
process.exitCode =
  spawnSync(process.execPath, [outfile], { cwd: root, stdio: 'inherit' }).status ?? 1;

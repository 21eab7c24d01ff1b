// npm run bench:gegl: bundles benchmark.ts, since Node 20 reads no TypeScript, and runs it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the package, so that the bundle finds the module by the package's name.
const outfile = `${root}dist/bench/gegl.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: ['bench/gegl/benchmark.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
process.chdir(root);
await import(outfile);

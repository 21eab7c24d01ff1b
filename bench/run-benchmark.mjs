// Bundles a benchmark's benchmark.ts, since Node 20 reads no TypeScript, and runs it in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * @param {string} name the benchmark's folder
 * @param {{ flags?: string[], external?: string[] }} [options] flags of Node, and packages that are not bundled
 */
export async function runBenchmark(name, { flags = [], external = [] } = {}) {
  // Inside the package, so that the bundle finds packages, this one among them, by name.
  const outfile = `${root}dist/bench/${name}.mjs`;
  await build({
    absWorkingDir: root,
    entryPoints: [`bench/${name}/benchmark.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    logLevel: 'warning',
  });
  process.exitCode =
    spawnSync(process.execPath, [...flags, outfile, ...process.argv.slice(2)], {
      cwd: root,
      stdio: 'inherit',
    }).status ?? 1;
}

// What every command needs before it can run, done only where it is missing: dependencies, the GEGL
// module, the bundles.

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a step; its failure ends the program with the same exit code.
 *
 * @param {string} what
 * @param {string} command
 * @param {string[]} parameters
 */
export function step(what, command, parameters) {
  console.log(`\n> ${what}`);
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`${what} failed${error ? `: ${error.message}` : ''}.`);
  process.exit(status ?? 1);
}

/** Installs the dependencies when the lock file is newer than what is installed. */
function ensureDependencies() {
  const installed = `${root}node_modules/.package-lock.json`;
  const isFresh =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
  if (!isFresh) step('npm ci', 'npm', ['ci', '--no-audit', '--no-fund']);
}

/** Everything up to the point where the package can be used. */
export function prepare() {
  ensureDependencies();
  step('GEGL module (built once, then cached)', process.execPath, ['native/build.mjs']);
  step('bundles', process.execPath, ['scripts/build.mjs']);
}

// Debian packages that something needs: which are missing, and installing them when we may.

import { spawnSync } from 'node:child_process';
import { RecipeError } from './errors.mjs';

/**
 * @param {readonly string[]} packages
 * @returns {Map<string, string>} installed ones with their versions
 */
export function installedPackages(packages) {
  const format = `\${Package} \${db:Status-Status} \${Version}\n`;
  const query = spawnSync('dpkg-query', ['--show', `--showformat=${format}`, ...packages], {
    encoding: 'utf8',
  });
  if (query.error !== undefined) {
    throw new RecipeError(
      'This needs Debian (tested: Debian 12, bookworm): dpkg-query was not found.',
    );
  }
  /** @type {Map<string, string>} */
  const installed = new Map();
  for (const line of query.stdout.split('\n')) {
    const [name, status, version] = line.split(' ');
    if (name && version && status === 'installed') installed.set(name, version);
  }
  return installed;
}

/**
 * @param {readonly string[]} packages
 * @returns {string[]}
 */
export function missingPackages(packages) {
  const installed = installedPackages(packages);
  return packages.filter((name) => !installed.has(name));
}

/**
 * @param {readonly string[]} packages
 * @returns {string} the command line that installs them
 */
export function installCommand(packages) {
  return `apt-get install --no-install-recommends --yes ${packages.join(' ')}`;
}

/**
 * Makes sure that the packages are there: installs them as root, else says what is missing.
 *
 * @param {readonly string[]} packages
 * @param {string} purpose for the message
 * @param {(text: string) => void} say
 */
export function ensurePackages(packages, purpose, say) {
  const missing = missingPackages(packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new RecipeError(missingMessage(missing, purpose));
  say(`installing ${missing.join(' ')}`);
  // An outdated list asks the mirror for files that are gone. A failure (often an unrelated third-party
  // repository) isn't the end: what counts is whether the installation works.
  apt(['update']);
  if (!apt(['install', '--no-install-recommends', '--yes', ...missing])) {
    throw new RecipeError(
      `${missingMessage(missing, purpose)}\nInstalling them failed (see above).`,
    );
  }
  const still = missingPackages(missing);
  if (still.length > 0) throw new RecipeError(missingMessage(still, purpose));
}

/**
 * @param {readonly string[]} missing
 * @param {string} purpose
 */
function missingMessage(missing, purpose) {
  return [
    `Missing for ${purpose}: ${missing.join(', ')}.`,
    'Install them as root (Debian 12):',
    `  apt-get update && ${installCommand(missing)}`,
  ].join('\n');
}

/**
 * @param {readonly string[]} args
 * @returns {boolean}
 */
function apt(args) {
  const result = spawnSync('apt-get', ['--quiet=2', '-o', 'Dpkg::Use-Pty=0', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

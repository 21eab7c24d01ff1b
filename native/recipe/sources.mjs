// The pinned sources: downloaded from the machine's Debian mirror, checked, kept by hash, unpacked.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RecipeError } from './errors.mjs';
import { sha256 } from './key.mjs';
import { debianMirrors } from './mirrors.mjs';
import { downloadsFolder, nativeFolder } from './paths.mjs';

const aptHelper = '/usr/lib/apt/apt-helper';

/**
 * @typedef {object} Archive
 * @property {string} version
 * @property {string} path below the mirror's `pool/main/`
 * @property {string} sha256
 */

/**
 * @param {string} name
 * @returns {Archive[]} the acceptable archives of a component, best first
 */
export function pinsOf(name) {
  const versions = JSON.parse(readFileSync(join(nativeFolder, 'versions.json'), 'utf8'));
  const pins = versions[name];
  if (!Array.isArray(pins)) throw new RecipeError(`native/versions.json has no "${name}".`);
  return pins;
}

/**
 * @param {string} name
 * @returns {{ archive: Archive, file: string }} the first acceptable archive that could be had
 */
export function fetchSource(name) {
  /** @type {string[]} */
  const failures = [];
  const pins = pinsOf(name);
  for (const archive of pins) {
    const file = archiveFile(archive);
    if (existsSync(file)) return { archive, file };
  }
  for (const archive of pins) {
    for (const mirror of debianMirrors()) {
      const failure = download(`${mirror}/pool/main/${archive.path}`, archive);
      if (failure === undefined) return { archive, file: archiveFile(archive) };
      failures.push(failure);
    }
  }
  throw new RecipeError(
    [
      `${name}: its source could not be downloaded. Tried:`,
      ...failures.map((failure) => `  ${failure}`),
      'If the mirror has dropped this version, pin another one (native/README.md, "Bumping a version").',
    ].join('\n'),
  );
}

/** @param {Archive} archive */
function archiveFile(archive) {
  return join(downloadsFolder, `${archive.sha256.slice(0, 16)}-${basename(archive.path)}`);
}

/**
 * Downloads with apt's own helper: it knows the machine's proxy and certificates.
 *
 * @param {string} address
 * @param {Archive} archive
 * @returns {string | undefined} what went wrong
 */
function download(address, archive) {
  mkdirSync(downloadsFolder, { recursive: true });
  const folder = mkdtempSync(join(downloadsFolder, 'partial-'));
  try {
    const target = join(folder, 'archive');
    const helper = spawnSync(aptHelper, ['download-file', encodeURI(address), target], {
      encoding: 'utf8',
    });
    if (helper.status !== 0 || !existsSync(target)) {
      const reason = /^E: (.*)$/m.exec(helper.stderr)?.[1];
      return `${address}: ${reason ?? helper.error?.message ?? 'download failed'}`;
    }
    const actual = sha256(readFileSync(target));
    if (actual !== archive.sha256) {
      return `${address}: SHA256 is ${actual}, native/versions.json pins ${archive.sha256}`;
    }
    renameSync(target, archiveFile(archive));
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @param {string} folder that gets the content, without the archive's own top folder
 * @param {(command: string, args: string[]) => Promise<void>} run
 */
export async function unpack(file, folder, run) {
  mkdirSync(folder, { recursive: true });
  if (file.endsWith('.deb')) await run('dpkg', ['--extract', file, folder]);
  else await run('tar', ['-C', folder, '--strip-components=1', '--no-same-owner', '-xf', file]);
}

// The checkout's copy of the finished modules.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} folder
 * @param {string} key
 * @returns {boolean} whether it holds the modules of that key, whole
 */
export function isCurrent(folder, key) {
  const file = join(folder, 'build-info.json');
  if (!existsSync(file)) return false;
  const info = JSON.parse(readFileSync(file, 'utf8'));
  if (info.key !== key) return false;
  /** @type {[string, { raw: number }][]} */
  const modules = Object.entries(info.modules);
  return modules.every(([name, { raw }]) => {
    const wasm = join(folder, `${name}.wasm`);
    return (
      existsSync(wasm) &&
      statSync(wasm).size === raw &&
      existsSync(join(folder, `${name}.js`)) &&
      existsSync(join(folder, `${name}.mjs`))
    );
  });
}

/**
 * Copies, and does not link: whoever edits a file there must not change the cache.
 *
 * @param {string} from
 * @param {string} to
 */
export function copyOut(from, to) {
  const info = 'build-info.json';
  mkdirSync(to, { recursive: true });
  rmSync(join(to, info), { force: true });
  rmSync(join(to, 'LICENSES'), { recursive: true, force: true });
  cpSync(from, to, { recursive: true, filter: (file) => !file.endsWith(`/${info}`) });
  // Last: it says that all the rest is there.
  cpSync(join(from, info), join(to, info));
}

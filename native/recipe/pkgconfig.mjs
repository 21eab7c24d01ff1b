// The .pc files by which components find each other: relocatable, since a cache may move.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREFIX } from './toolchain.mjs';

/** Within an install prefix. */
export const pkgConfigFolder = 'lib/pkgconfig';

/**
 * Writes one for a library whose own build has none.
 *
 * @param {string} prefix
 * @param {string} name
 * @param {string} library the name after `-l`
 * @param {string} version
 */
export function writePkgConfig(prefix, name, library, version) {
  const folder = join(prefix, pkgConfigFolder);
  mkdirSync(folder, { recursive: true });
  const text = [
    `prefix=${PREFIX}`,
    `Name: ${name}`,
    `Description: ${name}`,
    `Version: ${version}`,
    `Libs: -L\${prefix}/lib -l${library}`,
    `Cflags: -I\${prefix}/include`,
    '',
  ].join('\n');
  writeFileSync(join(folder, `${name}.pc`), text);
}

/**
 * Makes every .pc file of a prefix speak of the folder that it lies in.
 *
 * @param {string} prefix
 */
export function relocatePkgConfig(prefix) {
  const folder = join(prefix, pkgConfigFolder);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.pc'))) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8')
      .replace(new RegExp(`^prefix=${PREFIX}$`, 'm'), () => `prefix=\${pcfiledir}/../..`)
      .replace(new RegExp(`(=|-L|-I)${PREFIX}(?=/|$)`, 'gm'), (_, before) => `${before}\${prefix}`);
    writeFileSync(file, text);
  }
}

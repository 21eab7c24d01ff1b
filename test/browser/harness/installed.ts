// Finds the programs that a browser engine needs, or says which Debian package is missing.

import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from './errors.ts';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notInstalled(program: string, debianPackage: string): HarnessError {
  return new HarnessError(
    'browser-not-installed',
    `${program} was not found. Run \`npm run setup\`, which installs all that the tests need, or install Debian's package ${debianPackage}.`,
  );
}

/** The path of `program` on PATH. @throws HarnessError `browser-not-installed` */
export function findProgram(program: string, debianPackage: string): string {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = join(folder, program);
    if (folder !== '' && isExecutable(path)) return path;
  }
  throw notInstalled(program, debianPackage);
}

/** WebKitGTK's MiniBrowser, which stands outside PATH; the newest API version where there are several. */
export function findMiniBrowser(libraryRoot = '/usr/lib'): string {
  const found: { path: string; apiVersion: number }[] = [];
  for (const architecture of readdirSync(libraryRoot)) {
    // Debian: <root>/<multiarch>/webkit2gtk-4.1; elsewhere: <root>/webkit2gtk-4.1 or webkitgtk-6.0.
    const folders = /^webkit2?gtk-/.test(architecture)
      ? [architecture]
      : listFolder(join(libraryRoot, architecture)).map((name) => join(architecture, name));
    for (const folder of folders) {
      const apiVersion = /webkit2?gtk-([\d.]+)$/.exec(folder)?.[1];
      const path = join(libraryRoot, folder, 'MiniBrowser');
      if (apiVersion && isExecutable(path)) found.push({ path, apiVersion: Number(apiVersion) });
    }
  }
  const newest = found.sort((a, b) => b.apiVersion - a.apiVersion)[0];
  if (!newest) throw notInstalled("WebKitGTK's MiniBrowser", 'webkit2gtk-driver');
  return newest.path;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

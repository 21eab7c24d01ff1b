// Loads programs of others from their packages, anew each time, so that each run has modules of its own.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const packages = join(import.meta.dirname, '../../node_modules');
const require = createRequire(import.meta.url);
let turn = 0;

export function pathOf(file: string): string {
  return join(packages, file);
}

export function readPackageFile(file: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(pathOf(file)));
}

/** A CommonJS script; what it requires itself is not loaded anew. */
export function requireFresh<T>(file: string): T {
  const path = require.resolve(pathOf(file));
  delete require.cache[path];
  // What a script of others exports can't be known but from its documentation.
  return require(path) as T;
}

/** An ES module; what it imports itself is not loaded anew. */
export async function importFresh<T>(file: string): Promise<T> {
  turn += 1;
  return (await import(/* @vite-ignore */ `${pathToFileURL(pathOf(file))}?${turn}`)) as T;
}

// Where everything lies: the checkout's own folders, and the cache that all checkouts share.

import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const nativeFolder = dirname(dirname(fileURLToPath(import.meta.url)));
export const recipeFolder = join(nativeFolder, 'recipe');
export const bindingFolder = join(nativeFolder, 'binding');
export const testFolder = join(nativeFolder, 'test');

const userCache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

export const cacheFolder = join(userCache, 'gegl-memory-profiler');
export const downloadsFolder = join(cacheFolder, 'downloads');
export const componentsFolder = join(cacheFolder, 'components');
export const modulesFolder = join(cacheFolder, 'modules');
export const toolsFolder = join(cacheFolder, 'tools');
export const lockFile = join(cacheFolder, 'lock');

/**
 * @param {string} variant
 * @returns {string}
 */
export function outputFolder(variant) {
  return join(nativeFolder, variant === 'default' ? 'out' : `out-${variant}`);
}

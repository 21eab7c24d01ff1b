// Loads scripts and source maps from the disk, those of a site too where its files lie in a folder.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileWithin } from './file-within.ts';
import type { LoadText } from './resolve.ts';

/**
 * Nothing is read but files of these folders, and, by their paths, files below the working directory.
 *
 * @param folders where the files of addresses or paths lie: `{ 'https://app.test/': '/home/me/app/dist/' }`.
 */
export function loadFiles(folders: Readonly<Record<string, string>> = {}): LoadText {
  return async (address) => {
    const path = pathOf(address, folders);
    return path === null ? null : await readFile(path, 'utf8');
  };
}

function pathOf(address: string, folders: Readonly<Record<string, string>>): string | null {
  const [site, folder] = Object.entries(folders).find(([url]) => address.startsWith(url)) ?? [];
  if (site !== undefined && folder !== undefined) {
    const [path = ''] = address.slice(site.length).split(/[?#]/);
    return fileWithin(folder, `./${decodeURIComponent(path)}`);
  }
  const path = address.startsWith('file:') ? fileURLToPath(address) : address;
  return /^(\/|[A-Z]:\\)/.test(path) ? fileWithin(process.cwd(), path) : null;
}

/**
 * Of any address, the file in a folder that has the most of its path: `https://app.test/a/b.js` is `folder/a/b.js`,
 * else `folder/b.js`. Nothing is read elsewhere.
 */
export function loadFromFolder(folder: string): LoadText {
  return async (address) => {
    const [path = ''] = address.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/[?#]/);
    const parts = decodeURIComponent(path).split(/[/\\]/);
    if (parts.includes('..')) return null;
    for (const first of parts.keys()) {
      const file = fileWithin(folder, join(...parts.slice(first)));
      if (file !== null) return await readFile(file, 'utf8');
    }
    return null;
  };
}

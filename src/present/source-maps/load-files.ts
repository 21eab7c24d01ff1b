// Loads scripts and source maps from the disk, those of a site too where its files lie in a folder.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadText } from './resolve.ts';

/** @param folders where the files of addresses lie: `{ 'https://app.test/': '/home/me/app/dist/' }`. */
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
    const name = decodeURIComponent(path);
    // An address must not lead out of the folder.
    return /(^|[/\\])\.\.([/\\]|$)/.test(name) ? null : `${folder.replace(/\/$/, '')}/${name}`;
  }
  if (address.startsWith('file:')) return fileURLToPath(address);
  return /^(\/|[A-Z]:\\)/.test(address) ? address : null;
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
      const text = await readFile(join(folder, ...parts.slice(first)), 'utf8').catch(() => null);
      if (text !== null) return text;
    }
    return null;
  };
}

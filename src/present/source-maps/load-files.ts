// Loads scripts and source maps from the disk, those of a site too where its files lie in a folder.

import { readFile } from 'node:fs/promises';
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

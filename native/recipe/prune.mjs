// Keeps the cache small: of every component and module the newest four, and whatever this build uses.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The default build, two sanitizer variants, and one to go back to. */
const KEPT = 4;

/**
 * @param {string} folder whose entries are named `<name>-<key>`
 * @param {ReadonlySet<string>} used paths that stay whatever their age
 */
export function prune(folder, used) {
  if (!existsSync(folder)) return;
  /** @type {Map<string, { path: string, time: number }[]>} */
  const byName = new Map();
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const name = entry.replace(/-[0-9a-f]{16}/, '');
    const others = byName.get(name) ?? [];
    byName.set(name, [...others, { path, time: statSync(path).mtimeMs }]);
  }
  for (const entries of byName.values()) {
    entries.sort((a, b) => b.time - a.time);
    for (const { path } of entries.slice(KEPT)) {
      if (!used.has(path)) rmSync(path, { recursive: true, force: true });
    }
  }
}

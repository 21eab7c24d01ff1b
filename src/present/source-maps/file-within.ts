// A recording may come from a stranger, and name any file of the disk. Only those of a folder that the user has chosen
// are ever read.

import { realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** @returns the path of a file in the folder; null where there is none, or where it leads out, also by a link. */
export function fileWithin(folder: string, path: string): string | null {
  try {
    const root = realpathSync(folder);
    const file = realpathSync(resolve(root, path));
    const isWithin = file.startsWith(root.endsWith(sep) ? root : root + sep);
    // To read what is no file, as a pipe, may take for ever.
    return isWithin && statSync(file).isFile() ? file : null;
  } catch {
    // It is not there, may not be looked at, or has a name that no file can have, as a data: address.
    return null;
  }
}

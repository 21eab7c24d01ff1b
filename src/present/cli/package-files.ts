// Files of this package, from wherever in it the command runs: its sources or what was built.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommandError } from './exit-codes.ts';

/** @param path from the package's folder. */
export function packageFile(path: string): string {
  for (let up = new URL('./', import.meta.url); up.pathname !== '/'; up = new URL('../', up)) {
    if (!existsSync(new URL('package.json', up))) continue;
    const file = fileURLToPath(new URL(path, up));
    if (existsSync(file)) return file;
    throw new CommandError(`${file} is missing: the package is not built. Run "npm run build".`);
  }
  throw new CommandError('The folder of this package was not found.');
}

// Files of this package, from wherever in it this runs: its sources or what was built.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export class PackageError extends Error {
  override readonly name = 'PackageError';
  readonly code = 'NOT_BUILT';
}

/** @param path from the package's folder. @throws PackageError */
export function packageFile(path: string): string {
  // Where this is CommonJS, the build puts a path in place of the address.
  const here = import.meta.url;
  let folder = dirname(here.startsWith('file:') ? fileURLToPath(here) : here);
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  const file = join(folder, path);
  if (existsSync(file)) return file;
  throw new PackageError(`${file} is missing: the package is not built. Run "npm run build".`);
}

/** The profiler for a page that can't load more of it: in one text. @throws PackageError */
export function profilerText(): string {
  return ['memory-profiler', 'memory-profiler-analysis']
    .map((name) => readFileSync(packageFile(`js/${name}.js`), 'utf8'))
    .join('\n');
}

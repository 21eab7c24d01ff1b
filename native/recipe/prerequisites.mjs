// The programs that the build itself runs, all from Debian 12, and the compiler's exact version.

import { ensurePackages, installedPackages } from './debian.mjs';

const packages = [
  'binaryen',
  'cmake',
  'emscripten',
  // glib-genmarshal, glib-mkenums and glib-compile-resources, which the cross build runs on this machine
  'libglib2.0-dev-bin',
  'make',
  'ninja-build',
  'pkg-config',
  'python3',
  'python3-distutils',
  'util-linux',
  'xz-utils',
];

/** @param {(text: string) => void} say */
export function ensurePrerequisites(say) {
  ensurePackages(packages, 'building GEGL', say);
}

/** @returns {Record<string, string>} package versions that decide which code comes out */
export function compilerVersions() {
  const versions = installedPackages(['binaryen', 'clang-14', 'emscripten', 'lld-14']);
  return Object.fromEntries([...versions].sort());
}

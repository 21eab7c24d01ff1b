// The project's own stand-in for libffi (native/ffi/): the calls that GObject makes, and nothing else.

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nativeFolder } from '../paths.mjs';
import { writePkgConfig } from '../pkgconfig.mjs';

const ffiFolder = join(nativeFolder, 'ffi');

/** @type {import('../steps.mjs').Component} */
export const ffi = {
  name: 'ffi',
  dependencies: [],
  files: ['components/ffi.mjs', '../ffi/ffi.c', '../ffi/ffi.h'],
  licences: [],
  async compile(job) {
    mkdirSync(job.build, { recursive: true });
    const flags = job.toolchain.compileFlags(job.name, job.folder);
    await job.run('wasm-cc', [
      ...flags,
      `-ffile-prefix-map=${ffiFolder}=ffi`,
      '-Wall',
      '-Wextra',
      '-Werror',
      '-c',
      join(ffiFolder, 'ffi.c'),
      '-o',
      join(job.build, 'ffi.o'),
    ]);
    await job.run('emar', ['rcs', join(job.build, 'libffi.a'), join(job.build, 'ffi.o')]);
  },
  async install(job) {
    mkdirSync(join(job.installed, 'lib'), { recursive: true });
    mkdirSync(join(job.installed, 'include'), { recursive: true });
    copyFileSync(join(job.build, 'libffi.a'), join(job.installed, 'lib/libffi.a'));
    copyFileSync(join(ffiFolder, 'ffi.h'), join(job.installed, 'include/ffi.h'));
    // The version of libffi whose interface it has; glib asks for 3.0 or later.
    writePkgConfig(job.installed, 'libffi', 'ffi', '3.4.0');
  },
};

// zlib: deflate for PNG, and for gio's converters.

import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PREFIX } from '../toolchain.mjs';

/** @type {import('../steps.mjs').Component} */
export const zlib = {
  name: 'zlib',
  dependencies: [],
  pin: 'zlib',
  files: ['components/zlib.mjs'],
  licences: ['LICENSE'],
  async configure(job) {
    // Its configure script builds where it stands.
    rmSync(job.build, { recursive: true, force: true });
    cpSync(job.source, job.build, { recursive: true });
    await job.run('./configure', ['--static', `--prefix=${PREFIX}`], {
      cwd: job.build,
      env: {
        CC: 'wasm-cc',
        AR: 'emar',
        RANLIB: 'emranlib',
        CHOST: 'wasm32-emscripten',
        CFLAGS: job.toolchain.compileFlags(job.name, job.folder).join(' '),
      },
    });
  },
  async compile(job) {
    await job.run('make', ['-C', job.build, `-j${job.toolchain.jobs}`, 'libz.a']);
  },
  async install(job) {
    for (const [file, folder] of /** @type {const} */ ([
      ['libz.a', 'lib'],
      ['zlib.pc', 'lib/pkgconfig'],
      ['zlib.h', 'include'],
      ['zconf.h', 'include'],
    ])) {
      mkdirSync(join(job.installed, folder), { recursive: true });
      copyFileSync(join(job.build, file), join(job.installed, folder, file));
    }
  },
};

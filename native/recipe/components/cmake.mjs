// Setting up, building and installing what comes with a CMake build.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PREFIX } from '../toolchain.mjs';

const emscriptenPlatform = '/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake';

/**
 * @param {import('../steps.mjs').Job} job
 * @param {readonly string[]} options
 */
export async function cmakeSetup(job, options) {
  rmSync(job.build, { recursive: true, force: true });
  await job.run('cmake', [
    '-G',
    'Ninja',
    '-S',
    job.source,
    '-B',
    job.build,
    `-DCMAKE_TOOLCHAIN_FILE=${emscriptenPlatform}`,
    `-DCMAKE_C_COMPILER=${join(job.toolchain.folder, 'wasm-cc')}`,
    '-DCMAKE_BUILD_TYPE=Release',
    // In place of "-O3 -DNDEBUG": what our own flags say holds.
    '-DCMAKE_C_FLAGS_RELEASE=',
    `-DCMAKE_C_FLAGS=${job.toolchain.compileFlags(job.name, job.folder).join(' ')}`,
    `-DCMAKE_INSTALL_PREFIX=${PREFIX}`,
    '-DCMAKE_INSTALL_LIBDIR=lib',
    ...options,
  ]);
}

/** @param {import('../steps.mjs').Job} job */
export async function cmakeInstall(job) {
  await job.run('ninja', ['-C', job.build, 'install'], { env: { DESTDIR: job.stage } });
}

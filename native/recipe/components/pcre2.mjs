// pcre2: glib's regular expressions.

import { cmakeInstall, cmakeSetup } from './cmake.mjs';
import { ninja } from './meson.mjs';

/** @type {import('../steps.mjs').Component} */
export const pcre2 = {
  name: 'pcre2',
  dependencies: [],
  pin: 'pcre2',
  files: ['components/pcre2.mjs', 'components/cmake.mjs'],
  licences: ['LICENCE.md'],
  async configure(job) {
    await cmakeSetup(job, [
      '-DBUILD_SHARED_LIBS=OFF',
      '-DPCRE2_BUILD_PCRE2GREP=OFF',
      '-DPCRE2_BUILD_TESTS=OFF',
      '-DPCRE2_SUPPORT_JIT=OFF',
    ]);
  },
  async compile(job) {
    await ninja(job);
  },
  async install(job) {
    await cmakeInstall(job);
  },
};

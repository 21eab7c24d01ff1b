// Setting up, building and installing what comes with a Meson build.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crossFile } from '../toolchain.mjs';

/**
 * @param {import('../steps.mjs').Job} job
 * @param {readonly string[]} options
 */
export async function mesonSetup(job, options) {
  const cross = join(job.folder, 'cross.ini');
  const flags = job.toolchain.compileFlags(job.name, job.folder);
  writeFileSync(cross, crossFile(job.toolchain.folder, flags, job.pkgConfigPath));
  rmSync(job.build, { recursive: true, force: true });
  await job.run('meson-new', [
    'setup',
    `--cross-file=${cross}`,
    '-Dbuildtype=plain',
    '--wrap-mode=nodownload',
    ...options,
    job.build,
    job.source,
  ]);
}

/**
 * @param {import('../steps.mjs').Job} job
 * @param {readonly string[]} [targets] everything when left out
 */
export async function ninja(job, targets = []) {
  await job.run('ninja', ['-C', job.build, `-j${job.toolchain.jobs}`, ...targets]);
}

/**
 * @param {import('../steps.mjs').Job} job
 * @param {readonly string[]} [options]
 */
export async function mesonInstall(job, options = []) {
  await job.run('meson-new', [
    'install',
    '-C',
    job.build,
    '--no-rebuild',
    `--destdir=${job.stage}`,
    ...options,
  ]);
}

// One build at a time on a cache. The kernel's own file lock, so that a build that died holds nothing.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { RecipeError } from './errors.mjs';

/**
 * Node has no file locks; `flock` (util-linux, on every Debian) holds it until its standard input ends,
 * which is when this process releases it or dies.
 *
 * @param {string} file
 * @param {readonly string[]} options of flock
 * @returns {Promise<(() => void) | undefined>} releases the lock; undefined: somebody else has it
 */
function hold(file, options) {
  return new Promise((resolve, reject) => {
    const holder = spawn('flock', [...options, file, 'sh', '-c', 'echo locked; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Out of the terminal's process group: an interrupt must not free the lock before the build has ended.
      detached: true,
    });
    holder.on('error', (error) => reject(new RecipeError(`cannot run flock: ${error.message}`)));
    holder.on('exit', () => resolve(undefined));
    holder.stdout.once('data', () => {
      holder.unref();
      resolve(() => holder.stdin.end());
    });
  });
}

/**
 * @param {string} file
 * @param {() => void} onWait called once when another build has to be waited for
 * @returns {Promise<() => void>} releases the lock
 */
export async function takeLock(file, onWait) {
  mkdirSync(dirname(file), { recursive: true });
  const free = await hold(file, ['--nonblock']);
  if (free !== undefined) return free;
  onWait();
  const waited = await hold(file, []);
  if (waited === undefined) throw new RecipeError(`cannot lock ${file}`);
  return waited;
}

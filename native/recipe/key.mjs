// Keys of the cache: a hash over all that a result depends on, and over nothing of the machine.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * @param {unknown} value anything that JSON can hold
 * @returns {string}
 */
export function keyOf(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/**
 * @param {string | Buffer} content
 * @returns {string}
 */
export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * @param {readonly string[]} files
 * @returns {[string, string][]} name and hash of each: the folder they stand in doesn't matter
 */
export function fileHashes(files) {
  return files.map((file) => [basename(file), sha256(readFileSync(file))]);
}

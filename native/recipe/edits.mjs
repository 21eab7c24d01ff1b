// Small edits of other people's sources. Each says why, and each fails loudly when its place has changed.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecipeError } from './errors.mjs';

const FRAGMENT_SHOWN = 200;

/**
 * @typedef {object} Editor
 * @property {(file: string, from: string, to: string, why: string) => void} replaceOnce
 * @property {(file: string, from: RegExp, to: string, times: number, why: string) => void} replaceEach
 *   `from` has the `g` flag; `to` may use $1 and so on
 * @property {(file: string, change: (text: string) => string, why: string) => void} rewrite
 *   for what two strings can't say; `change` may throw
 * @property {(file: string, text: string) => void} write a new file of our own
 * @property {(file: string) => string} read
 */

/**
 * @param {string} component
 * @param {string} folder its unpacked source
 * @returns {Editor}
 */
export function editorFor(component, folder) {
  /** @param {string} file */
  const read = (file) => readFileSync(join(folder, file), 'utf8');
  /**
   * @param {string} file
   * @param {string} text
   */
  const write = (file, text) => writeFileSync(join(folder, file), text);
  /** @type {Editor['replaceEach']} */
  const replaceEach = (file, from, to, times, why) => {
    const text = read(file);
    checkCount({ component, file, why }, String(from), text.match(from)?.length ?? 0, times);
    write(file, text.replace(from, to));
  };
  return {
    read,
    write,
    replaceEach,
    replaceOnce(file, from, to, why) {
      const parts = read(file).split(from);
      checkCount({ component, file, why }, from, parts.length - 1, 1);
      write(file, parts.join(to));
    },
    rewrite(file, change, why) {
      try {
        write(file, change(read(file)));
      } catch (error) {
        if (!(error instanceof RecipeError)) throw error;
        throw new RecipeError(
          `${component}: the edit of ${file} (${why}) failed: ${error.message}`,
        );
      }
    },
  };
}

/**
 * @param {{ component: string, file: string, why: string }} edit
 * @param {string} fragment
 * @param {number} found
 * @param {number} expected
 */
function checkCount(edit, fragment, found, expected) {
  if (found === expected) return;
  const shown =
    fragment.length > FRAGMENT_SHOWN ? `${fragment.slice(0, FRAGMENT_SHOWN)}...` : fragment;
  throw new RecipeError(
    [
      `${edit.component}: cannot edit ${edit.file} (${edit.why}).`,
      `Expected ${expected} time(s), found ${found} time(s), this fragment:`,
      ...shown.split('\n').map((line) => `  | ${line}`),
      `The source has changed: adapt native/recipe/edits/${edit.component}.mjs.`,
    ].join('\n'),
  );
}

/**
 * @param {string} text
 * @param {string} opening for instance `shared_library('name',`
 * @param {(call: string) => string} change
 * @returns {string} the text with one Meson call changed, from its opening to the `)` that closes it
 */
export function changeMesonCall(text, opening, change) {
  const start = text.indexOf(opening);
  if (start < 0 || text.indexOf(opening, start + 1) >= 0) {
    throw new RecipeError(`"${opening}" must stand there exactly once`);
  }
  const end = closingParenthesis(text, start);
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {number} just past the parenthesis that closes the first one after `start`
 */
function closingParenthesis(text, start) {
  let depth = 0;
  for (let at = text.indexOf('(', start); at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  throw new RecipeError('a call that is never closed');
}

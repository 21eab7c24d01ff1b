// Emscripten's glue script, corrected where 3.1.6 is older than today's Node, and its ES module twin.

import { RecipeError } from './errors.mjs';

/**
 * Node has had fetch() since 18, but not for file paths: the tests for it must not choose it there.
 *
 * @param {string} glue
 * @returns {string}
 */
export function correctGlue(glue) {
  return replaceTimes(
    glue,
    /typeof fetch ?={2,3} ?(["'])function\1/g,
    (test) => `(!ENVIRONMENT_IS_NODE && ${test})`,
    2,
    'the tests for fetch()',
  );
}

const loader =
  /^\s*var createGegl = \(\(\) => \{\n {2}var _scriptDir = [^\n]*\n {2}if \(typeof __filename [^\n]*\n/g;
const exportTail = /^if \(typeof exports === 'object' && typeof module === 'object'\)[\s\S]*$/gm;

/**
 * The same factory as an ES module. In Node the glue needs require() and __dirname; a browser has
 * neither, and must not be made to import them.
 *
 * @param {string} glue corrected
 * @returns {string}
 */
export function esModule(glue) {
  const head = `const process_ = globalThis.process;
const require = process_?.versions?.node
  ? process_.getBuiltinModule('module').createRequire(import.meta.url)
  : undefined;
const __dirname = require?.('path').dirname(require('url').fileURLToPath(import.meta.url));

var createGegl = (() => {
  var _scriptDir = import.meta.url;
`;
  const opened = replaceTimes(glue, loader, () => head, 1, 'the opening of the factory');
  return replaceTimes(
    opened,
    exportTail,
    () => 'export default createGegl;\n',
    1,
    'the exports at the end',
  );
}

/** What a page under a Content-Security-Policy, or a process of the user's, must not meet. */
const forbidden = [
  { pattern: /\beval\(|\bnew Function\b/, why: "needs 'unsafe-eval' in a page's policy" },
  {
    pattern: /process(?:\.on|\["on"\])\(/,
    why: "installs handlers in the user's Node process",
  },
];

/**
 * @param {string} name
 * @param {string} glue
 */
export function checkGlue(name, glue) {
  for (const { pattern, why } of forbidden) {
    const found = pattern.exec(glue);
    if (found !== null) {
      throw new RecipeError(`${name}: the glue has "${found[0]}", which ${why}`);
    }
  }
}

/**
 * @param {string} text
 * @param {RegExp} pattern with the `g` flag
 * @param {(match: string) => string} change
 * @param {number} times
 * @param {string} what
 */
function replaceTimes(text, pattern, change, times, what) {
  const found = text.match(pattern)?.length ?? 0;
  if (found !== times) {
    throw new RecipeError(
      `glue script: found ${what} ${found} time(s) in place of ${times}: adapt native/recipe/glue.mjs.`,
    );
  }
  return text.replace(pattern, change);
}

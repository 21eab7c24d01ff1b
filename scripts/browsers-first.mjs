// The order of the test files: those of browsers first, which take longest, and of each project the long ones first, so
// that no worker is left with one at the end. Vitest knows that only of files that it has run before; in a fresh clone
// it goes by their size, which says little: those of browsers are a few lines.

import { BaseSequencer } from 'vitest/node';

/** In this order, each without a break: its files share processes where it says so. */
const PROJECTS = ['browsers', 'process for each file', 'processes shared'];
/** Of the files of browsers, what takes longest. */
const ENGINES = ['webkit', 'firefox', 'chromium'];
const KINDS = ['conformance', 'tracking', 'panel', 'demo', 'report', 'profiler'];
/** Of the others: those that took more than ten seconds of processor, longest first. */
const LONG = [
  'cli/run',
  'gegl/solidity',
  'testing/examples',
  'profiler/find-leaks',
  'gegl/accounting',
  'gegl/heap-snapshot',
  'profiler/soak',
  'profiler/leak-findings',
  'heap/without-names',
  'register/register',
  'testing/matchers',
  'formats/in-browser',
  'tracker/sampler',
  'analyze/leaks',
  'gegl/truth',
  'gegl/wrapper',
  'heap/heap-report',
  'bench/leaks',
  'instrument/fuzz',
];

export class BrowsersFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    const sorted = await super.sort(files);
    return sorted
      .map((file) => ({ file, ranks: ranksOf(file) }))
      .sort((a, b) => a.ranks.project - b.ranks.project || a.ranks.file - b.ranks.file)
      .map(({ file }) => file);
  }
}

/**
 * 0 for what begins first.
 *
 * @param {import('vitest/node').TestSpecification} file
 */
function ranksOf({ project, moduleId }) {
  return { project: placeIn(PROJECTS, project.name), file: rankOf(moduleId) };
}

/** @param {string} path */
function rankOf(path) {
  // The harness's own tests close the browsers that the others have left open.
  if (path.includes('/test/browser/harness/')) return 10 * (KINDS.length + 1);
  const [, name] = /\/test\/browser\/([^/]+)\.test\.ts$/.exec(path) ?? [];
  if (!name) return placeIn(LONG, path.split('/').slice(-2).join('/').replace('.test.ts', ''));
  const [kind = '', engine = ''] = name.split('-');
  return placeIn(KINDS, kind) * 10 + placeIn(ENGINES, engine);
}

/**
 * @param {readonly string[]} list
 * @param {string} word
 */
function placeIn(list, word) {
  const place = list.indexOf(word);
  return place < 0 ? list.length : place;
}

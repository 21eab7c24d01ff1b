// The order of the test files: those of browsers first, which take longest. Vitest knows that only of files that it has
// run before; in a fresh clone it goes by their size, which is a few lines, and one worker would be left with the last.

import { BaseSequencer } from 'vitest/node';

/** Of the files of browsers, what takes longest. */
const ENGINES = ['webkit', 'firefox', 'chromium'];
const LONGEST = ['conformance', 'tracking', 'harness', 'panel', 'demo', 'profiler'];

export class BrowsersFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    const sorted = await super.sort(files);
    return sorted
      .map((file) => ({ file, rank: rankOf(file.moduleId) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ file }) => file);
  }
}

/**
 * 0 for the longest.
 *
 * @param {string} path
 */
function rankOf(path) {
  const [, name] = /\/test\/browser\/(?:.*\/)?([^/]+)\.test\.ts$/.exec(path) ?? [];
  if (!name) return Number.MAX_SAFE_INTEGER;
  const [kind = '', engine = ''] = name.split('-');
  return placeIn(LONGEST, kind) * 10 + placeIn(ENGINES, engine);
}

/**
 * @param {readonly string[]} list
 * @param {string} word
 */
function placeIn(list, word) {
  const place = list.indexOf(word);
  return place < 0 ? list.length : place;
}

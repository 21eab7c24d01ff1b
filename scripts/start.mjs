// `npm start`: profiles a real GEGL session in Node, prints the report, and writes it as a page to look at.

import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { prepare, root, step } from './prepare.mjs';

const recording = 'test-results/photo-editor.json';
const page = 'test-results/report.html';

prepare();
mkdirSync(`${root}test-results`, { recursive: true });
step('a photo editor, profiled', process.execPath, [
  '--expose-gc',
  '--enable-source-maps',
  'examples/photo-editor/profile.mjs',
  ...['--export', recording],
]);
step('the same as a page', process.execPath, [
  'dist/cli/gegl-memory-profiler.js',
  ...['report', recording, '--sources', '.', '-o', page],
]);
console.log(`\nLook at it: ${pathToFileURL(root + page).href}`);

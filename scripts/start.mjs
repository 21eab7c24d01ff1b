// `npm start`: profiles a real GEGL session in Node and prints the report.

import { prepare, step } from './prepare.mjs';

prepare();
step('a photo editor, profiled', process.execPath, [
  '--expose-gc',
  '--enable-source-maps',
  'examples/photo-editor/profile.mjs',
]);

// `npm test`: everything, from a clean checkout. `npm test -- PATTERN` runs the tests that match.

import { prepare, step } from './prepare.mjs';

prepare();
const { node, parameters } = { node: process.execPath, parameters: process.argv.slice(2) };
step('Debian packages of the tests', node, ['scripts/setup.mjs']);
step('formatter and linter', node, ['node_modules/@biomejs/biome/bin/biome', 'ci', '.']);
step('types', node, ['node_modules/typescript/bin/tsc', '--noEmit']);
step('tests', node, ['node_modules/vitest/vitest.mjs', 'run', ...parameters]);

// `npm run setup`: the Debian packages that the test suite needs, beyond those of the GEGL build.
// Installs what is missing as root, else says what to install; `--check` only reports.

import { ensurePackages, installCommand, missingPackages } from '../native/recipe/debian.mjs';
import { messageOf, RecipeError } from '../native/recipe/errors.mjs';

const packages = [
  // the three browser engines, and a screen for the one that has no headless mode
  'chromium',
  'firefox-esr',
  'webkit2gtk-driver',
  'xvfb',
  // native GEGL, to compare with
  'gcc',
  'libc6-dev',
  'libgegl-dev',
  'pkg-config',
  // readers of the files that recordings are converted to: pprof, and the viewer of chrome://tracing
  'golang-go',
];

const args = process.argv.slice(2);
const usage = 'Usage: node scripts/setup.mjs [--check]';

try {
  if (args.includes('--help')) console.log(usage);
  else if (args.some((arg) => arg !== '--check')) throw new RecipeError(usage);
  else if (args.includes('--check')) check();
  else ensurePackages(packages, 'the tests', (text) => console.log(`setup: ${text}`));
} catch (error) {
  console.error(error instanceof RecipeError ? messageOf(error) : error);
  process.exitCode = 1;
}

function check() {
  const missing = missingPackages(packages);
  if (missing.length === 0) {
    console.log('setup: nothing is missing.');
    return;
  }
  console.log(`setup: missing ${missing.join(', ')}. As root:\n  ${installCommand(missing)}`);
  process.exitCode = 1;
}

// `npm run build:gegl`: from nothing to GEGL's WebAssembly modules in native/out. See README.md here.

import { existsSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { help, parseArguments } from './recipe/arguments.mjs';
import { components } from './recipe/components/index.mjs';
import { messageOf, RecipeError } from './recipe/errors.mjs';
import { linkModules, planLink } from './recipe/link.mjs';
import { takeLock } from './recipe/lock.mjs';
import { copyOut, isCurrent } from './recipe/output.mjs';
import {
  componentsFolder,
  lockFile,
  modulesFolder,
  outputFolder,
  toolsFolder,
} from './recipe/paths.mjs';
import { ensurePrerequisites } from './recipe/prerequisites.mjs';
import { run, stopAll } from './recipe/process.mjs';
import { report } from './recipe/progress.mjs';
import { prune } from './recipe/prune.mjs';
import { buildComponents } from './recipe/schedule.mjs';
import { planComponents } from './recipe/steps.mjs';
import { describeToolchain, installToolchain } from './recipe/toolchain.mjs';

/** @param {string} variant */
async function build(variant) {
  ensurePrerequisites((text) => report('prerequisites', text));
  const toolchain = describeToolchain(variant);
  const plans = planComponents(components, toolchain);
  const output = outputFolder(variant);
  if (isCurrent(output, planLink(variant, plans, toolchain).key)) {
    console.log(`${relative(process.cwd(), output)} is up to date.`);
    return;
  }
  mkdirSync(modulesFolder, { recursive: true });
  const release = await takeLock(lockFile, () => report('lock', 'waiting for another build'));
  try {
    await installTools(toolchain);
    const built = await buildComponents(plans, toolchain);
    // Planned only now: somebody may have worked on the binding while the components were built.
    const link = planLink(variant, plans, toolchain);
    await linkModules(link, built);
    const now = new Date();
    utimesSync(link.folder, now, now);
    copyOut(link.folder, output);
    prune(componentsFolder, new Set([...plans.values()].map((plan) => plan.folder)));
    prune(modulesFolder, new Set([link.folder]));
    prune(toolsFolder, new Set([toolchain.folder]));
  } finally {
    release();
  }
  summarize(output);
}

/** @param {import('./recipe/toolchain.mjs').Toolchain} toolchain */
async function installTools(toolchain) {
  mkdirSync(toolsFolder, { recursive: true });
  const log = join(toolsFolder, `${basename(toolchain.folder)}.log`);
  await installToolchain(toolchain, existsSync(toolchain.folder), (command, args) =>
    run(command, args, { log, subject: 'toolchain' }),
  );
}

/** @param {string} output */
function summarize(output) {
  const info = JSON.parse(readFileSync(join(output, 'build-info.json'), 'utf8'));
  /** @type {[string, import('./recipe/link.mjs').ModuleFacts][]} */
  const modules = Object.entries(info.modules);
  for (const [name, facts] of modules) {
    const [raw, gzip] = [facts.raw, facts.gzip].map((size) => (size / 1e6).toFixed(2));
    report(name, `${raw} MB, ${gzip} MB gzip, in ${relative(process.cwd(), output)}`);
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    stopAll();
    console.error('\nInterrupted. The same command goes on from here.');
    process.exit(130);
  });
}

try {
  const options = parseArguments(process.argv.slice(2));
  if (options.help) console.log(help);
  else await build(options.variant);
} catch (error) {
  stopAll();
  console.error(error instanceof RecipeError ? messageOf(error) : error);
  process.exit(1);
}

// Takes one component from its source to an installed prefix, a stamped step at a time, so that an
// interrupted build goes on where it was.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { editorFor } from './edits.mjs';
import { messageOf, RecipeError } from './errors.mjs';
import { fileHashes, keyOf } from './key.mjs';
import { componentsFolder, recipeFolder } from './paths.mjs';
import { pkgConfigFolder, relocatePkgConfig } from './pkgconfig.mjs';
import { run } from './process.mjs';
import { minutes, report } from './progress.mjs';
import { fetchSource, pinsOf, unpack } from './sources.mjs';
import { PREFIX } from './toolchain.mjs';

/** Change it when this file comes to build something else from the same component files. */
const FORMAT = 1;

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string[]} dependencies names
 * @property {string} [pin] its name in versions.json; without one it is this project's own code
 * @property {string[]} files relative to native/recipe: what its result depends on, besides its source
 * @property {(edit: import('./edits.mjs').Editor) => void} [edit]
 * @property {string[]} licences files and folders of its source
 * @property {(job: Job) => Promise<void>} [configure]
 * @property {(job: Job) => Promise<void>} compile
 * @property {(job: Job) => Promise<void>} install
 */

/**
 * @typedef {object} Job what a component's steps work with
 * @property {string} name
 * @property {string} version
 * @property {string} folder everything of this component, under its key
 * @property {string} source
 * @property {string} build
 * @property {string} stage DESTDIR of its installation
 * @property {string} installed the prefix within the stage
 * @property {string} pkgConfigPath of its dependencies
 * @property {import('./toolchain.mjs').Toolchain} toolchain
 * @property {(name: string) => string} dependency the prefix of one
 * @property {(command: string, args: string[], options?: { cwd?: string, env?: NodeJS.ProcessEnv }) => Promise<void>} run
 */

/**
 * @typedef {object} Plan a component with its key
 * @property {Component} component
 * @property {string} key
 * @property {string} folder
 * @property {string} prefix
 * @property {Plan[]} closure all that it depends on, directly or not
 */

/**
 * @typedef {object} Built what a finished component says of itself
 * @property {string} name
 * @property {string} key
 * @property {string} version
 * @property {string} source path of the archive below pool/main
 * @property {string} sha256
 * @property {number} minutes
 * @property {Record<string, number>} steps minutes of each
 */

/**
 * @param {readonly Component[]} components each after what it depends on
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @returns {Map<string, Plan>}
 */
export function planComponents(components, toolchain) {
  /** @type {Map<string, Plan>} */
  const plans = new Map();
  for (const component of components) {
    const direct = component.dependencies.map((name) => planOf(plans, name));
    const key = keyOf({
      format: FORMAT,
      name: component.name,
      toolchain: toolchain.key,
      pins: component.pin === undefined ? [] : pinsOf(component.pin),
      files: fileHashes(component.files.map((file) => join(recipeFolder, file))),
      licences: component.licences,
      dependencies: direct.map((plan) => plan.key),
    });
    const folder = join(componentsFolder, `${component.name}-${key}`);
    const closure = [...new Set(direct.flatMap((plan) => [...plan.closure, plan]))];
    plans.set(component.name, { component, key, folder, prefix: join(folder, 'prefix'), closure });
  }
  return plans;
}

/**
 * @param {Map<string, Plan>} plans
 * @param {string} name
 * @returns {Plan}
 */
export function planOf(plans, name) {
  const plan = plans.get(name);
  if (plan === undefined) throw new Error(`no component "${name}" before the one that needs it`);
  return plan;
}

/**
 * @param {readonly Plan[]} plans
 * @returns {string} a PKG_CONFIG_LIBDIR that has them all
 */
export function pkgConfigPath(plans) {
  return plans.map((plan) => join(plan.prefix, pkgConfigFolder)).join(':');
}

/**
 * @param {Plan} plan
 * @returns {Built | undefined} undefined when it has to be built, or built on
 */
export function finished(plan) {
  const file = join(plan.folder, 'component.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {Plan} plan
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @returns {Promise<Built>}
 */
export async function buildComponent(plan, toolchain) {
  const before = finished(plan);
  if (before !== undefined) {
    const now = new Date();
    utimesSync(plan.folder, now, now); // "used": the cache keeps the newest
    return before;
  }
  const { component } = plan;
  const log = join(plan.folder, 'build.log');
  mkdirSync(join(plan.folder, 'stamps'), { recursive: true });
  report(component.name, `log: ${log}`);
  const archive = component.pin === undefined ? undefined : fetchSource(component.pin);
  const job = jobOf(plan, toolchain, log, archive?.archive.version ?? '');
  try {
    const steps = await runSteps(plan, job, archive?.file);
    const built = {
      name: component.name,
      key: plan.key,
      version: job.version,
      source: archive?.archive.path ?? '',
      sha256: archive?.archive.sha256 ?? '',
      minutes: Math.round(Object.values(steps).reduce((sum, value) => sum + value * 100, 0)) / 100,
      steps,
    };
    writeAtomically(join(plan.folder, 'component.json'), JSON.stringify(built, undefined, 2));
    // Only the prefix is needed from now on; objects and sources are many times its size.
    for (const folder of [job.build, job.source, job.stage]) {
      rmSync(folder, { recursive: true, force: true });
    }
    report(component.name, `ready, ${built.minutes.toFixed(1)} min of its own`);
    return built;
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    throw new RecipeError(
      `${messageOf(error)}\n${component.name} did not build. Run the same command again to go on from this step; ` +
        `remove ${plan.folder} to build it anew.`,
    );
  }
}

/**
 * @param {Plan} plan
 * @param {Job} job
 * @param {string | undefined} archive
 * @returns {Promise<Record<string, number>>} minutes of each step
 */
async function runSteps(plan, job, archive) {
  const { component } = plan;
  /** @type {Record<string, number>} */
  const spent = {};
  /**
   * @param {string} name
   * @param {() => Promise<void>} action
   */
  const step = async (name, action) => {
    const stamp = join(plan.folder, 'stamps', name);
    if (!existsSync(stamp)) {
      report(component.name, name);
      const start = Date.now();
      await action();
      writeAtomically(stamp, String(minutes(Date.now() - start)));
    }
    spent[name] = Number(readFileSync(stamp, 'utf8'));
  };
  if (archive !== undefined) await step('unpack', () => prepareSource(component, job, archive));
  if (component.configure !== undefined) {
    const { configure } = component;
    await step('configure', () => configure(job));
  }
  await step('compile', () => component.compile(job));
  await step('install', () => installComponent(plan, job));
  return spent;
}

/**
 * Unpacks and edits beside the final place: a source is there with all its edits, or not at all.
 *
 * @param {Component} component
 * @param {Job} job
 * @param {string} archive
 */
async function prepareSource(component, job, archive) {
  const fresh = `${job.source}.partial`;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(job.source, { recursive: true, force: true });
  await unpack(archive, fresh, job.run);
  component.edit?.(editorFor(component.name, fresh));
  renameSync(fresh, job.source);
}

/**
 * @param {Plan} plan
 * @param {Job} job
 */
async function installComponent(plan, job) {
  rmSync(job.stage, { recursive: true, force: true });
  rmSync(plan.prefix, { recursive: true, force: true });
  await plan.component.install(job);
  relocatePkgConfig(job.installed);
  keepLicences(plan.component, job);
  renameSync(job.installed, plan.prefix);
}

/**
 * @param {Component} component
 * @param {Job} job
 */
function keepLicences(component, job) {
  for (const path of component.licences) {
    const original = join(job.source, path);
    if (!existsSync(original)) throw new RecipeError(`${job.name}: its source has no ${path}`);
    // One flat folder a component: a file's place in the source becomes part of its name.
    cpSync(original, join(job.installed, 'licences', path.replaceAll('/', '-')), {
      recursive: true,
    });
  }
}

/**
 * @param {Plan} plan
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} log
 * @param {string} version
 * @returns {Job}
 */
function jobOf(plan, toolchain, log, version) {
  const path = pkgConfigPath(plan.closure);
  const stage = join(plan.folder, 'stage');
  const environment = { ...toolchain.environment, PKG_CONFIG_LIBDIR: path };
  return {
    name: plan.component.name,
    version,
    folder: plan.folder,
    source: join(plan.folder, 'source'),
    build: join(plan.folder, 'build'),
    stage,
    installed: join(stage, PREFIX),
    pkgConfigPath: path,
    toolchain,
    dependency(name) {
      const found = plan.closure.find((other) => other.component.name === name);
      if (found === undefined) throw new Error(`${plan.component.name} does not depend on ${name}`);
      return found.prefix;
    },
    run(command, args, options = {}) {
      return run(command, args, {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...environment, ...options.env },
        log,
        subject: plan.component.name,
      });
    },
  };
}

/**
 * @param {string} file
 * @param {string} text
 */
export function writeAtomically(file, text) {
  writeFileSync(`${file}.partial`, text);
  renameSync(`${file}.partial`, file);
}

// A scenario: what a file tells to do with a page, or with a module, while it is watched.

import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Repetition } from '../../../profiler/find-leaks.ts';

/** `Subject`: puppeteer's page, or the exports of the script. All functions may be asynchronous. */
export interface Scenario<Subject> {
  /** Once, before: opens a document, logs in. */
  readonly setup?: (subject: Subject) => unknown;
  /** Again and again: what may leak. */
  readonly action?: (subject: Subject) => unknown;
  /** After each action: goes back to where it began. */
  readonly back?: (subject: Subject) => unknown;
  /** Once, at the end. */
  readonly teardown?: (subject: Subject) => unknown;
}

const PARTS = ['setup', 'action', 'back', 'teardown'] as const;

/** Codes of Node's errors of files that are no modules, or not there; their stacks are Node's own. */
const NO_MODULE = /^ERR_(IMPORT_|MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION|UNSUPPORTED_)/;

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code = 'INVALID_SCENARIO';
}

/** @throws ScenarioError that names the file; what the file throws itself. */
export async function loadScenario<Subject>(path: string): Promise<Scenario<Subject>> {
  const module = await importScenario(path);
  const given = PARTS.filter((name) => module[name] !== undefined);
  if (given.length === 0) {
    throw new ScenarioError(`${path} exports none of ${PARTS.join(', ')}.`);
  }
  for (const name of given) {
    if (typeof module[name] !== 'function') {
      throw new ScenarioError(`${path}: "${name}" must be a function.`);
    }
  }
  if (module.back !== undefined && module.action === undefined) {
    throw new ScenarioError(`${path} exports "back", but no "action" that it goes back from.`);
  }
  return module;
}

async function importScenario(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const isPlaceless = error instanceof SyntaxError && !error.stack?.includes('file:');
    if (isPlaceless) throw new ScenarioError(tellSyntaxError(path, error));
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!NO_MODULE.test(code)) throw error;
    throw new ScenarioError(`${path} could not be loaded: ${(error as Error).message}`);
  }
}

/**
 * Node tells the place of what it can't parse only where nobody catches the error. No line of the scenario is run again:
 * all modules are parsed before the first runs, which ends it.
 */
function tellSyntaxError(path: string, error: SyntaxError): string {
  const modules = ['data:text/javascript,process.exit()', pathToFileURL(path).href];
  const text = modules.map((module) => `import ${JSON.stringify(module)};`).join('');
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', text], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 10_000,
  });
  const [, url, line] = /^(file:.*):(\d+)$/m.exec(stderr) ?? [];
  return url === undefined
    ? `${path}: ${error}, in a file that it imports while it runs.`
    : `${fileURLToPath(url)}:${line}: ${error}`;
}

/** What is repeated; null where the scenario has no action. */
export function iterationOf<Subject>(
  { action, back }: Scenario<Subject>,
  subject: Subject,
): (() => Promise<void>) | null {
  if (!action) return null;
  return async () => {
    await action(subject);
    await back?.(subject);
  };
}

/** Tells before each run how far it is. */
export function counted(
  iteration: () => Promise<void>,
  { warmup, iterations }: Required<Repetition>,
  tell: (line: string) => void,
): () => Promise<void> {
  let runs = 0;
  return () => {
    runs += 1;
    const run = runs - warmup;
    tell(
      run <= 0
        ? 'warming up'
        : run <= iterations
          ? `run ${run} of ${iterations}`
          : `run ${run}, to be certain`,
    );
    return iteration();
  };
}

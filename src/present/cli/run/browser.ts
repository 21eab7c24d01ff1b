// Finds a browser that is installed. None is ever downloaded.

import { accessSync, constants } from 'node:fs';
import { basename, join } from 'node:path';
import { CommandError, EXIT } from '../exit-codes.ts';

/** As puppeteer calls them; Chromium and its kin are `chrome`. */
export type Engine = 'chrome' | 'firefox';

export interface FoundBrowser {
  readonly engine: Engine;
  readonly path: string;
}

const PROGRAMS: Readonly<Record<Engine, readonly string[]>> = {
  chrome: [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  firefox: ['firefox', 'firefox-esr', '/Applications/Firefox.app/Contents/MacOS/firefox'],
};
/** What a user may say instead of a path. */
const NAMES: Readonly<Record<string, Engine>> = { chromium: 'chrome', firefox: 'firefox' };

/** @param wanted a name of `NAMES`, or a path; left out: `CHROME_PATH`, or a Chromium. */
export function findBrowser(wanted: string | undefined): FoundBrowser {
  const engine = NAMES[wanted ?? 'chromium'];
  const path = engine === undefined ? wanted : undefined;
  const given = path ?? (engine === 'chrome' ? process.env.CHROME_PATH : undefined);
  if (given !== undefined) {
    if (isExecutable(given)) return { engine: engineOf(given), path: given };
    throw new CommandError(`${given} is no program that can be run.`, EXIT.usage);
  }
  const programs = PROGRAMS[engine ?? 'chrome'];
  for (const program of programs) {
    const found = findOnPath(program);
    if (found !== null) return { engine: engine ?? 'chrome', path: found };
  }
  throw new CommandError(
    `No browser was found; looked for ${programs.join(', ')}. Install one, or name its path with --browser.`,
  );
}

function engineOf(path: string): Engine {
  return /firefox/i.test(basename(path)) ? 'firefox' : 'chrome';
}

function findOnPath(program: string): string | null {
  if (program.startsWith('/')) return isExecutable(program) ? program : null;
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

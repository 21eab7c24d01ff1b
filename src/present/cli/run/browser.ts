// Finds a Chromium that is installed. None is ever downloaded.

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { CommandError, EXIT } from '../exit-codes.ts';

const PROGRAMS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const MAC_PROGRAM = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @param path where the user says it is. */
export function findBrowser(path: string | undefined): string {
  const given = path ?? process.env.CHROME_PATH;
  if (given !== undefined) {
    if (isExecutable(given)) return given;
    throw new CommandError(`${given} is no program that can be run.`, EXIT.usage);
  }
  for (const program of PROGRAMS) {
    const found = findOnPath(program);
    if (found !== null) return found;
  }
  if (isExecutable(MAC_PROGRAM)) return MAC_PROGRAM;
  throw new CommandError(
    `No browser was found; looked for ${PROGRAMS.join(', ')}. Install Chromium, or name one with --browser or CHROME_PATH.`,
  );
}

function findOnPath(program: string): string | null {
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

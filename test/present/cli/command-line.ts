// Runs commands as they are typed, and keeps what they write.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { run } from '../../../src/present/cli/run.ts';

/** The built one, for processes of their own. */
export const COMMAND = fileURLToPath(
  new URL('../../../dist/cli/gegl-memory-profiler.js', import.meta.url),
);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Nobody watches: files and pipes. */
export function type(...args: string[]): Promise<Ran> {
  return runAt(false, args);
}

export function typeAtTerminal(...args: string[]): Promise<Ran> {
  return runAt(true, args);
}

async function runAt(isTerminal: boolean, args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => {
      out += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    },
    err: (text) => {
      err += text;
    },
    color: false,
    width: 100,
    isTerminal,
    isWatched: false,
  });
  return { code, out, err };
}

/** A folder that is gone after the tests of a file. */
export function makeFolder(): (name: string, contents?: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'memory-profiler-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name, contents) => {
    const path = join(folder, name);
    if (contents !== undefined) writeFileSync(path, contents);
    return path;
  };
}

// A place for everything that one browser leaves behind: its processes (by a mark in their environment) and its files (in one folder).
// `close()` ends and removes both; if this process dies before that, the reaper does it.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MARK_VARIABLE, processesWithMark } from './processes.mjs';

export interface ProcessScope {
  readonly mark: string;
  /** Temporary, removed by `close()`. */
  readonly folder: string;
  /** For the processes started here: marked, and with their home and temporary folder inside `folder`. */
  readonly environment: Record<string, string>;
  /** Starts a program whose end is part of `close()`. */
  spawn(
    command: string,
    args: readonly string[],
    options?: { environment?: Record<string, string>; stdio?: StdioOptions },
  ): ChildProcess;
  /** Ids of the processes that are alive in this scope. */
  processes(): number[];
  close(): Promise<void>;
}

const open = new Set<ProcessScope>();

/** Marks and folders of the scopes that are open now. */
export function openScopes(): { mark: string; folder: string }[] {
  return [...open].map(({ mark, folder }) => ({ mark, folder }));
}

export function openProcessScope(): ProcessScope {
  const mark = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), 'gegl-profiler-browser-'));
  for (const name of ['home', 'tmp', 'runtime']) mkdirSync(join(folder, name), { mode: 0o700 });

  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith('XDG_')) environment[name] = value;
  }
  Object.assign(environment, {
    [MARK_VARIABLE]: mark,
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    XDG_RUNTIME_DIR: join(folder, 'runtime'),
  });

  const reaper = spawn(
    process.execPath,
    [fileURLToPath(new URL('reaper.mjs', import.meta.url)), mark, folder],
    { detached: true, stdio: ['pipe', 'ignore', 'inherit'] },
  );
  reaper.unref();
  const reaped = once(reaper, 'exit');
  let closing: Promise<void> | undefined;

  const scope: ProcessScope = {
    mark,
    folder,
    environment,
    spawn: (command, args, options = {}) =>
      spawn(command, args, {
        env: { ...environment, ...options.environment },
        stdio: options.stdio ?? 'ignore',
        // A group of its own: Ctrl-C in a terminal must reach the tests only, which then close in order.
        detached: true,
      }),
    processes: () => processesWithMark(mark),
    close() {
      closing ??= (async () => {
        reaper.ref();
        reaper.stdin.end();
        await reaped;
        open.delete(scope);
      })();
      return closing;
    },
  };
  open.add(scope);
  return scope;
}

// This project's own script, where it is a file of its own: a worker can start by it.

import { OWN_SCRIPT } from '../../instrument/load/index.ts';

/** The build says which kind of script this is; where the sources run as they are, they are modules. */
declare const SCRIPT_FORMAT: 'classic' | 'module' | undefined;

/** Null in a bundle with the application, which a worker would start, too. */
export function ownScript(): { readonly url: string; readonly type: WorkerType } | null {
  const isFile = /\/memory-profiler(\.min)?\.m?js([?#]|$)/.test(OWN_SCRIPT ?? '');
  if (typeof SCRIPT_FORMAT !== 'string' || !isFile || OWN_SCRIPT === null) return null;
  return { url: OWN_SCRIPT, type: SCRIPT_FORMAT };
}

// A script of this project's, where it is a file of its own: a worker can start by it.

import { OWN_SCRIPT } from '../../instrument/load/index.ts';

/** The build says which kind of script this is; where the sources run as they are, they are modules. */
declare const SCRIPT_FORMAT: 'classic' | 'module' | undefined;

/**
 * @param name of the file that this code is built into.
 * @returns null in a bundle with the application, which a worker would start, too.
 */
export function ownScript(
  name: string,
): { readonly url: string; readonly type: WorkerType } | null {
  const isFile = new RegExp(`/${name}(\\.min)?\\.m?js([?#]|$)`).test(OWN_SCRIPT ?? '');
  if (typeof SCRIPT_FORMAT !== 'string' || !isFile || OWN_SCRIPT === null) return null;
  return { url: OWN_SCRIPT, type: SCRIPT_FORMAT };
}

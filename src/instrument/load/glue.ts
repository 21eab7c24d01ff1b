// The script that loads a module says which of its minified exports is malloc. It is looked for where the
// module is being loaded: in the stack, and among the page's scripts. It is a help, and never an obstacle.

import { OWN_SCRIPT, scriptsOf } from './own-script.ts';

/** As many scripts are looked into; a page may have hundreds. */
const MAX_SCRIPTS = 20;

/** The text of a script, or where it is. */
export type GlueSource = { readonly text: string } | { readonly address: string };

/** Where the glue may be, likeliest first. */
export function glueSources(stack: unknown): GlueSource[] {
  const addresses = new Set(scriptsOf(stack));
  const inline: GlueSource[] = [];
  if (typeof document === 'object') {
    for (const { src, text } of document.scripts) {
      if (src) addresses.add(src);
      else inline.push({ text });
    }
  }
  if (OWN_SCRIPT) addresses.delete(OWN_SCRIPT);
  return [...[...addresses].map((address) => ({ address })), ...inline].slice(0, MAX_SCRIPTS);
}

/** A page can't wait for a script; a program in Node can. */
export const canReadNow = typeof process === 'object' && !!process.versions?.node;

/** The text, where it may be glue; null else. */
export function readNow(source: GlueSource): string | null {
  if ('text' in source) return ifGlue(source.text);
  if (!canReadNow) return null;
  const { address } = source;
  try {
    // Absent before Node 20.16: then minified modules are found by their code, or not.
    const fs = process.getBuiltinModule?.('node:fs');
    return ifGlue(
      fs?.readFileSync(address.startsWith('file:') ? new URL(address) : address, 'utf8'),
    );
  } catch {
    return null;
  }
}

/** As `readNow()`, from the cache where it is there. Only of this origin: who may see others is not ours to say. */
export async function readSoon(source: GlueSource): Promise<string | null> {
  if ('text' in source || canReadNow) return readNow(source);
  try {
    if (new URL(source.address).origin !== location.origin) return null;
    return ifGlue(await (await fetch(source.address, { cache: 'force-cache' })).text());
  } catch {
    // Its address may be anything, and the page's policy may forbid to ask.
    return null;
  }
}

function ifGlue(text: string | undefined): string | null {
  return text?.includes('malloc') ? text : null;
}

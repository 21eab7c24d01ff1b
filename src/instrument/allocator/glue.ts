// Reads from an Emscripten glue script which exports, minified or not, are functions of the allocator.

import type { AllocatorRole } from '../abi.ts';
import type { WasmModule } from '../module.ts';
import { fitsRole, NAME_PATTERN, roleOf } from './roles.ts';

const PATH = String.raw`[\w$]+(?:\.[\w$]+|\[["'][\w$]+["']\])*`;
/** What may stand between the name and the value: further names, and a function that replaces itself. */
const BETWEEN = [
  String.raw`${PATH}\s*=(?![=>])\s*`,
  String.raw`(?:async\s*)?function\s*[\w$]*\s*\([^()]*\)\s*\{\s*return\b\s*`,
  String.raw`(?:\([^()]*\)|[\w$]+)\s*=>\s*`,
  String.raw`\(\s*`,
].join('|');
const KEY = String.raw`(?:\.([\w$]+)|\[["']([^"']+)["']\])`;
const VALUE = String.raw`[\w$]+(?:\.[\w$]+|\[["'][\w$]+["']\])*?${KEY}(?=\.(?:apply|call)\b|\s*(?:[;,)}(\n]|$))`;
const WRAPPED = String.raw`createExportWrapper\(["']([^"']+)["']`;

/**
 * `_malloc=Module["_malloc"]=function(){return(_malloc=Module["_malloc"]=Module["asm"]["Vc"]).apply(...)}`,
 * `_malloc = wasmExports["t"]`, `a._malloc=b=>(a._malloc=W.t)(b)` and what minifiers make of these.
 */
const BINDING = new RegExp(
  String.raw`(?<![\w$])_(${NAME_PATTERN})(?:["']\])?\s*=(?!=)\s*(?:${BETWEEN}){0,16}(?:${VALUE}|${WRAPPED})`,
  'g',
);

export interface GlueBinding {
  readonly name: string;
  readonly role: AllocatorRole;
  readonly index: number;
}

/**
 * Bindings of a glue script that fit the module, by export and signature. A script with several modules has
 * several sets of them: each is returned that has a malloc and a free that fit.
 */
export function readGlue(module: WasmModule, glue: string): GlueBinding[][] {
  const functions = new Map<string, number>();
  for (const { name, kind, index } of module.exports) {
    if (kind === 'function') functions.set(name, index);
  }
  const sets: { keys: Map<string, string>; bindings: GlueBinding[]; misfits: number }[] = [];
  for (const [, name = '', dotted, quoted, wrapped] of glue.matchAll(BINDING)) {
    const key = dotted ?? quoted ?? wrapped ?? '';
    let set = sets.at(-1);
    // A name that is bound to another export begins the set of another module.
    if (!set || (set.keys.get(name) ?? key) !== key) {
      set = { keys: new Map(), bindings: [], misfits: 0 };
      sets.push(set);
    }
    if (set.keys.has(name)) continue;
    set.keys.set(name, key);
    const role = roleOf(name);
    const index = functions.get(key);
    if (role && index !== undefined && fitsRole(module, index, role)) {
      set.bindings.push({ name, role, index });
    } else set.misfits += 1;
  }
  const fitting = sets.filter(
    ({ bindings }) =>
      bindings.some(({ role }) => role === 'malloc') &&
      bindings.some(({ role }) => role === 'free'),
  );
  const fewest = Math.min(...fitting.map(({ misfits }) => misfits));
  return fitting.filter(({ misfits }) => misfits === fewest).map(({ bindings }) => bindings);
}

// The names that functions of allocators go by, and the signatures that their roles ask for.

import type { AllocatorRole } from '../abi.ts';
import { typeOf, type WasmModule } from '../module.ts';
import { I32, I64 } from '../types.ts';

/** What may stand before the names of libc: in Emscripten's dlmalloc and emmalloc, in musl and in mimalloc. */
const PREFIXES = ['', 'dl', 'emmalloc_', 'emscripten_builtin_', '__libc_', 'mi_'];

/** Without operators of C++. */
const LIBC: Readonly<Record<AllocatorRole, string>> = {
  malloc: 'malloc',
  free: 'free cfree',
  calloc: 'calloc',
  realloc: 'realloc',
  reallocarray: 'reallocarray',
  rust_realloc: '',
  memalign: 'memalign aligned_alloc internal_memalign',
  posix_memalign: 'posix_memalign',
  new: 'valloc pvalloc',
};
const MIMALLOC: Readonly<Partial<Record<AllocatorRole, string>>> = {
  free: 'mi_free_size mi_free_aligned mi_free_size_aligned',
  new: 'mi_zalloc mi_malloc_aligned mi_zalloc_aligned mi_new mi_new_nothrow',
};

const ROLES = new Map<string, AllocatorRole>();
const addRoles = (names: typeof MIMALLOC, prefix: string) => {
  for (const role of Object.keys(names) as AllocatorRole[]) {
    for (const name of names[role]?.split(' ').filter(Boolean) ?? [])
      ROLES.set(prefix + name, role);
  }
};
for (const prefix of PREFIXES) addRoles(LIBC, prefix);
addRoles(MIMALLOC, '');

/** All names that tell a role, and the beginnings of those that may. */
export const ROLE_NAMES: readonly string[] = [...ROLES.keys(), '_Zn*', '_Zd*', 'operator *'];

/** Matches all names of the table, and mangled operators of C++. */
export const NAME_PATTERN = `${[...ROLES.keys()].join('|')}|_Zn[wa][mj]\\w*|_Zd[la]Pv\\w*`;

/**
 * The role of a function by its name, mangled or demangled; undefined where it tells none. The placement forms of new
 * and delete allocate nothing.
 */
export function roleOf(name: string): AllocatorRole | undefined {
  const role = ROLES.get(name);
  // A module has thousands of names: only those that begin like an operator meet the patterns.
  if (role || !(name.startsWith('_Z') || name.startsWith('operator '))) return role;
  if (/^(_Zn[wa][mj](?!Pv)|operator new(\[\])?\((?!.*void))/.test(name)) return 'new';
  if (/^(_Zd[la]Pv(?!S_)|operator delete(\[\])?\((?!.*void\*, void))/.test(name)) return 'free';
  return undefined;
}

/** P: i64 where memory 0 has 64-bit addresses. */
export function pointerType(module: WasmModule): string {
  return module.memories[0]?.is64 ? I64 : I32;
}

/** Parameters and result of each role, P for a pointer or size; `...` stands for any further parameters. */
const SIGNATURES: Readonly<Record<AllocatorRole, string>> = {
  malloc: 'P->P',
  free: 'P...->',
  calloc: 'P,P->P',
  realloc: 'P,P->P',
  reallocarray: 'P,P,P->P',
  rust_realloc: 'P,P,P,P->P',
  memalign: 'P,P->P',
  posix_memalign: `P,P,P->${I32}`,
  new: 'P...->P',
};

/** Whether a function has the signature that a role asks for. */
export function fitsRole(module: WasmModule, index: number, role: AllocatorRole): boolean {
  const pointer = pointerType(module);
  const { parameters, results } = typeOf(module, index);
  const [wanted = '', result] = SIGNATURES[role].replaceAll('P', pointer).split('->');
  if (results.join() !== result) return false;
  return wanted.endsWith('...') ? parameters[0] === pointer : parameters.join() === wanted;
}

// The names that functions of allocators go by, and the signatures that their roles ask for.

import type { AllocatorRole } from '../abi.ts';
import { typeOf, type WasmModule } from '../module.ts';
import { I32, I64 } from '../types.ts';

/** Emscripten's dlmalloc and emmalloc, musl's own names for them, mimalloc; without operators of C++. */
const NAMES: Readonly<Record<AllocatorRole, string>> = {
  malloc: 'malloc dlmalloc emmalloc_malloc emscripten_builtin_malloc __libc_malloc mi_malloc',
  free:
    'free dlfree emmalloc_free emscripten_builtin_free __libc_free mi_free cfree ' +
    'mi_free_size mi_free_aligned mi_free_size_aligned',
  calloc: 'calloc dlcalloc emmalloc_calloc emscripten_builtin_calloc __libc_calloc mi_calloc',
  realloc:
    'realloc dlrealloc emmalloc_realloc emscripten_builtin_realloc __libc_realloc mi_realloc',
  reallocarray: 'reallocarray mi_reallocarray',
  memalign:
    'memalign dlmemalign internal_memalign emmalloc_memalign emscripten_builtin_memalign ' +
    'aligned_alloc emmalloc_aligned_alloc mi_memalign mi_aligned_alloc',
  posix_memalign: 'posix_memalign dlposix_memalign emmalloc_posix_memalign mi_posix_memalign',
  new: 'valloc dlvalloc pvalloc dlpvalloc mi_zalloc mi_malloc_aligned mi_zalloc_aligned mi_new mi_new_nothrow',
};

const ROLES = new Map<string, AllocatorRole>();
for (const role of Object.keys(NAMES) as AllocatorRole[]) {
  for (const name of NAMES[role].split(' ')) ROLES.set(name, role);
}

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

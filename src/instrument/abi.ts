// What a rewritten module and the tracker agree on: the names of the added exports, and the hooks with
// their places in the table. P is the module's pointer type, i32 or i64.

/** Exports that are added to a module. A module that has one of them is instrumented already. */
export const ADDED_EXPORTS = {
  /** The funcref table in which the tracker's functions are put. */
  hooks: 'memprof:hooks',
  /** i32, mutable: 0 as long as nobody has filled the table; then the module runs as it did before. */
  enabled: 'memprof:enabled',
  /** i32, mutable: the probabilistic calling context; always there, 0 where contexts are off. */
  context: 'memprof:context',
  /** Memory 0, where the module has one: also when it exports or imports it under a name of its own. */
  memory: 'memprof:memory',
} as const;

/** Places in the table of hooks. */
export const HOOKS = {
  /** (address P, size P, context i32): after an allocation; address is never 0. */
  allocated: 0,
  /** (address P): before a release; address is never 0. */
  freeing: 1,
  /** (): before a function that may call malloc for its own block, such as calloc or memalign. */
  composing: 2,
  /** (address P, size P, context i32): after it; replaces what was allocated within. Never 0. */
  composed: 3,
  /** (address P): before realloc; 0 where it allocates. */
  reallocating: 4,
  /** (old P, address P, size P, context i32): after realloc; address is 0 where it failed or freed. */
  reallocated: 5,
  /** (probe i32, key i32) -> token i32: a scope opens. */
  scopeOpened: 6,
  /** (token i32): it closes, with all that was opened within and not closed, as by an exception. */
  scopeClosed: 7,
  /** (probe i32, address i32, key i32): an instance came into being. */
  instanceCreated: 8,
  /** (probe i32, address i32, key i32): before an instance is released. */
  instanceFreeing: 9,
  /** (probe i32, first i32, second i32): any other probe. */
  event: 10,
} as const;

export type HookName = keyof typeof HOOKS;
export const HOOK_COUNT = Object.keys(HOOKS).length;

/** What a function of an allocator does, which says what its parameters mean. */
export type AllocatorRole =
  /** (size) -> address */
  | 'malloc'
  /** (address, ...) -> (); also delete in all its forms, where it does not call free */
  | 'free'
  /** (count, size) -> address */
  | 'calloc'
  /** (address, size) -> address */
  | 'realloc'
  /** (address, count, size) -> address */
  | 'reallocarray'
  /** (address, old size, alignment, size) -> address */
  | 'rust_realloc'
  /** (alignment, size) -> address; also aligned_alloc */
  | 'memalign'
  /** (pointer to the address, alignment, size) -> error number */
  | 'posix_memalign'
  /** (size, ...) -> address: new where it does not call malloc, valloc and the like */
  | 'new';

/** A function of the module that is watched beside its allocator. */
export interface Probe {
  /** As in the name section, or an export. */
  readonly name: string;
  /**
   * `scope`: everything allocated while it runs is charged to its key. `created`: its result is an instance;
   * `freeing`: its first parameter is one. `call`: told before it runs, with its first two parameters;
   * `result`: told after it ran, with its second parameter and its result.
   */
  readonly kind: 'scope' | 'created' | 'freeing' | 'call' | 'result';
  /**
   * What tells the kinds of scope or instance apart: the first parameter (the result, where `created`), or
   * the 32-bit word that it points to (of a GTypeInstance, its class). `value` when left out.
   */
  readonly key?: 'value' | 'pointee';
}

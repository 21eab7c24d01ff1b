// Finds the functions of a module's allocator: by what the user says, by exports, the glue script, the name
// section, and the code of dlmalloc. What several ways find is put together; the earlier way counts.

import type { AllocatorRole } from '../abi.ts';
import { AllocatorNotFoundError } from '../errors.ts';
import { InstructionReader, OPCODE } from '../instructions.ts';
import { bodyOf, typeOf, type WasmModule } from '../module.ts';
import type { FunctionNames } from '../names.ts';
import { behindForwarders, reaches } from './code.ts';
import { findByState, findDlmalloc, findRustDlmalloc, isDlmalloc } from './dlmalloc.ts';
import { readGlue } from './glue.ts';
import { fitsRole, ROLE_NAMES, roleOf } from './roles.ts';
import {
  type AllocatorName,
  FINDING_WAYS,
  type FindAllocatorOptions,
  type FindingWay,
  type FoundAllocator,
  type WatchedFunction,
} from './types.ts';

export type * from './types.ts';

/** How deep a function is looked into for a call of malloc or free. */
const DEPTH = 2;

/** Functions that are reported as one, whatever they allocate within. */
const COMPOSING: ReadonlySet<AllocatorRole> = new Set([
  'calloc',
  'memalign',
  'posix_memalign',
  'new',
]);

/** @throws AllocatorNotFoundError */
export function findAllocator(
  module: WasmModule,
  names: FunctionNames,
  options: FindAllocatorOptions = {},
): FoundAllocator {
  const found = new Finder(module, names);
  found.byUser(options.allocator ?? {});
  found.byExports();
  found.byGlue(options.glue);
  found.byNames();
  found.byFingerprint();
  found.dropOuter();
  found.byState();
  found.byInnerAllocations();
  return found.result();
}

class Finder {
  readonly #module: WasmModule;
  readonly #names: FunctionNames;
  readonly #found = new Map<number, WatchedFunction>();
  readonly #tried: string[] = [];
  readonly #warnings: string[] = [];
  /** Roles that the user has filled, in which nothing else is sought. */
  readonly #given = new Set<AllocatorRole>();

  constructor(module: WasmModule, names: FunctionNames) {
    this.#module = module;
    this.#names = names;
  }

  byUser(allocator: Partial<Record<AllocatorRole, string | number>>): void {
    for (const [role, wanted] of Object.entries(allocator) as [AllocatorRole, string | number][]) {
      const index = typeof wanted === 'number' ? wanted : this.#indexOf(wanted);
      const said = `the option says that ${role} is ${typeof wanted === 'number' ? 'function ' : ''}${wanted}`;
      if (index === null) {
        this.#tried.push(`${said}, which is neither an export nor in the name section`);
      } else if (!bodyOf(this.#module, index)) {
        this.#tried.push(`${said}, which is imported or not there`);
      } else if (!fitsRole(this.#module, index, role)) {
        this.#tried.push(`${said}, which has another signature`);
      } else {
        this.#add('user', role, index, typeof wanted === 'string' ? wanted : null);
        this.#given.add(role);
        continue;
      }
      throw new AllocatorNotFoundError(this.#tried);
    }
  }

  byExports(): void {
    const isImported = this.#module.imports.some(({ name }) => roleOf(name) === 'malloc');
    for (const { name, kind, index } of this.#module.exports) {
      if (kind !== 'function') continue;
      const role = roleOf(name) ?? (name.startsWith('_') ? roleOf(name.slice(1)) : undefined);
      if (role) this.#add('export', role, index, name);
    }
    this.#try(
      isImported
        ? 'it imports malloc, so that its heap belongs to another module'
        : 'no export of its own is called malloc and free',
    );
  }

  byGlue(glue: string | undefined): void {
    if (glue === undefined) {
      this.#try('no glue script was given');
      return;
    }
    const sets = readGlue(this.#module, glue);
    // A script for several modules may fit by chance in more than one way.
    const set =
      sets.length > 1
        ? sets.find((bindings) =>
            bindings.some(({ role, index }) => role === 'malloc' && this.#isDlmalloc(index)),
          )
        : sets[0];
    for (const { role, index, name } of set ?? []) this.#add('glue', role, index, name);
    this.#try('the glue script binds no exports of this module to _malloc and _free');
  }

  byNames(): void {
    for (const [index, name] of this.#names.find(ROLE_NAMES)) {
      const role = roleOf(name);
      if (role) this.#add('names', role, index, name);
    }
    this.#try(
      this.#names.size > 0 ? 'no function is named malloc and free' : 'there are no function names',
    );
  }

  byFingerprint(): void {
    if (this.#has('malloc') && this.#has('free')) return;
    const pair = findDlmalloc(this.#module);
    if (pair && !this.#has('malloc')) this.#add('fingerprint', 'malloc', pair.malloc, null);
    if (pair && !this.#has('free')) this.#add('fingerprint', 'free', pair.free, null);
    const rust = this.#found.size === 0 ? findRustDlmalloc(this.#module) : null;
    for (const { role, index } of rust ?? []) this.#add('fingerprint', role, index, null);
    this.#try("no code looks like dlmalloc's");
  }

  /** What only malloc and free of dlmalloc lead to. With names nothing else is left to find. */
  byState(): void {
    const malloc = this.#first('malloc');
    const free = this.#first('free');
    if (!malloc || !free || this.#list().some(({ source }) => source === 'names')) return;
    const { functions, inlined } = findByState(this.#module, malloc.index, free.index);
    for (const { role, index } of functions) this.#add('code', role, index, null);
    if (inlined.length > 0 && !this.#has('realloc')) {
      this.#warnings.push(
        `realloc is inlined into function ${inlined.join(', ')} of the module: a block that it resizes ` +
          'in place keeps its former size in the figures.',
      );
    }
  }

  /**
   * Of functions that call each other only the inner ones are watched, which see everything: a `malloc` that adds
   * a header of its own, or operators of C++ that go to malloc and free, would report a block twice.
   */
  dropOuter(): void {
    const mallocs = this.#indices('malloc');
    const frees = this.#indices('free');
    for (const { role, index, source } of this.#list()) {
      if (source === 'user') continue;
      const inner = role === 'free' ? frees : role === 'malloc' || role === 'new' ? mallocs : null;
      if (!inner || !reaches(this.#module, index, without(inner, index), DEPTH)) continue;
      this.#found.delete(index);
      inner.delete(index);
      if (role === 'free') this.#addOtherBranches(index, frees);
    }
  }

  /**
   * emmalloc's malloc calls its memalign, which is watched, too: its own report must replace that one, as that of
   * an operator new does.
   */
  byInnerAllocations(): void {
    const inner = new Set<number>();
    for (const { role, index } of this.#list()) if (COMPOSING.has(role)) inner.add(index);
    for (const watched of this.#list()) {
      const { role, index } = watched;
      if (role !== 'malloc' || !reaches(this.#module, index, inner, DEPTH)) continue;
      this.#found.set(index, { ...watched, role: 'new' });
    }
  }

  /** An operator delete of mimalloc's goes to free on one branch, and to a variant of it on another. */
  #addOtherBranches(index: number, frees: ReadonlySet<number>): void {
    const body = bodyOf(this.#module, index);
    if (!body) return;
    const reader = new InstructionReader(this.#module.bytes).open(body);
    let isPassedOn = false;
    while (reader.next()) {
      const { opcode, immediate: callee } = reader;
      if (
        opcode === OPCODE.call &&
        isPassedOn &&
        !frees.has(callee) &&
        typeOf(this.#module, callee).parameters.length === 1 &&
        !reaches(this.#module, callee, frees, DEPTH) &&
        ![...frees].some((free) => reaches(this.#module, free, new Set([callee]), DEPTH))
      ) {
        this.#add('code', 'free', callee, null);
      }
      isPassedOn = opcode === OPCODE.localGet && callee === 0;
    }
  }

  result(): FoundAllocator {
    const malloc = this.#first('malloc') ?? this.#list().find(({ role }) => role === 'new');
    const free = this.#first('free');
    if (!malloc || !free) throw new AllocatorNotFoundError(this.#tried);
    const rank = ({ source }: WatchedFunction) => FINDING_WAYS.indexOf(source);
    const { source } = rank(malloc) > rank(free) ? malloc : free;
    return {
      functions: this.#list().sort((a, b) => a.index - b.index),
      source,
      confidence: source === 'fingerprint' ? 'likely' : 'certain',
      allocator: this.#whichAllocator(malloc.index),
      warnings: this.#warnings,
    };
  }

  #whichAllocator(malloc: number): AllocatorName | null {
    if (this.#has('rust_realloc') || this.#isDlmalloc(malloc)) return 'dlmalloc';
    for (const [, name] of this.#names.find([
      'mi_*',
      '_mi_*',
      'emmalloc_*',
      'dlmalloc',
      'dlfree',
    ])) {
      return name.startsWith('dl') ? 'dlmalloc' : name.startsWith('emm') ? 'emmalloc' : 'mimalloc';
    }
    return null;
  }

  #add(source: FindingWay, role: AllocatorRole, index: number, name: string | null): void {
    const target = behindForwarders(this.#module, index);
    if (this.#given.has(role) || this.#found.has(target)) return;
    if (!fitsRole(this.#module, target, role) || !bodyOf(this.#module, target)) return;
    this.#found.set(target, { role, index: target, name: this.#names.get(target) ?? name, source });
  }

  /** Notes what was in vain, as long as something is missing. */
  #try(what: string): void {
    if (!this.#has('malloc') || !this.#has('free')) this.#tried.push(what);
  }

  #isDlmalloc(index: number): boolean {
    return isDlmalloc(this.#module, behindForwarders(this.#module, index));
  }

  #indexOf(name: string): number | null {
    const { exports } = this.#module;
    const exported = exports.find((entry) => entry.kind === 'function' && entry.name === name);
    if (exported) return exported.index;
    for (const [index] of this.#names.find([name])) return index;
    return null;
  }

  #list(): WatchedFunction[] {
    return [...this.#found.values()];
  }

  #first(role: AllocatorRole): WatchedFunction | undefined {
    return this.#list().find((watched) => watched.role === role);
  }

  #has(role: AllocatorRole): boolean {
    return this.#first(role) !== undefined;
  }

  #indices(role: AllocatorRole): Set<number> {
    return new Set(this.#list().flatMap((watched) => (watched.role === role ? watched.index : [])));
  }
}

function without(set: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const rest = new Set(set);
  rest.delete(index);
  return rest;
}

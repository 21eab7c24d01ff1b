// The code that takes a watched function's place: it calls the original, which has moved, and tells the
// hooks. Written so that a throw through it leaves nothing wrong behind, and so that it is short.

import { type AllocatorRole, HOOKS, type HookName, type Probe } from './abi.ts';
import { bytesOfType, type FunctionType, I32, I64, type ValueType } from './types.ts';
import { s32, u32 } from './writer.ts';

const OP = {
  if: 0x04,
  end: 0x0b,
  try: 0x06,
  catchAll: 0x19,
  rethrow: 0x09,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i64Load: 0x29,
  memorySize: 0x3f,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32LtU: 0x49,
  i64Eqz: 0x50,
  i64LtU: 0x54,
  i32Add: 0x6a,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32ShrU: 0x76,
  i32Rotr: 0x78,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  i64Rotr: 0x8a,
  i32WrapI64: 0xa7,
} as const;
const VOID = 0x40;

type Code = readonly number[];

/** What is done around a function; a function may be watched in several ways. */
export interface Watch {
  readonly role?: AllocatorRole;
  readonly probes: readonly { readonly id: number; readonly probe: Probe }[];
  /** Whether the calling context is mixed on entry and restored on exit. */
  readonly mixesContext: boolean;
  /** Whether JavaScript may call it. */
  readonly isExported: boolean;
}

/** Indices in the rewritten module. */
export interface Places {
  readonly pointer: typeof I32 | typeof I64;
  readonly hasMemory: boolean;
  readonly table: number;
  readonly enabled: number;
  readonly context: number;
  /** False where the module uses exceptions of the newer form: both can't stand in one module. */
  readonly mayCatch: boolean;
  /** The index of a type with this signature, added where it is missing. */
  typeIndex(type: FunctionType): number;
}

export class WrapperWriter {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  /** @returns a function body: locals and code, without its size. */
  body(index: number, original: number, type: FunctionType, watch: Watch): number[] {
    const locals = new Locals(type.parameters);
    const { before, after, cleanup, keepsResults, results } = this.#parts(
      type,
      watch,
      locals,
      index,
    );
    const catches =
      cleanup.length > 0 &&
      this.#places.mayCatch &&
      // A local without a default must be set in the block that reads it.
      !type.results.some((result) => result.startsWith('64'));
    const call = [
      ...type.parameters.flatMap((_, parameter) => get(parameter)),
      ...[OP.call, ...u32(original)],
      ...(keepsResults || catches ? results.toReversed().flatMap((local) => set(local)) : []),
    ];
    return [
      ...locals.declarations(),
      ...before,
      ...(catches ? [OP.try, VOID, ...call, OP.catchAll, ...cleanup, OP.rethrow, 0, OP.end] : call),
      ...after,
      ...(keepsResults || catches ? results.flatMap((local) => get(local)) : []),
      OP.end,
    ];
  }

  /** @returns the body of a function that only calls another of its type. */
  trampoline(target: number, type: FunctionType): number[] {
    return [
      0,
      ...type.parameters.flatMap((_, parameter) => get(parameter)),
      ...[OP.call, ...u32(target), OP.end],
    ];
  }

  #parts(type: FunctionType, watch: Watch, locals: Locals, index: number) {
    const results = type.results.map((result) => locals.add(result));
    const before: number[] = [];
    const after: number[] = [];
    const cleanup: number[] = [];
    let keepsResults = false;
    if (watch.mixesContext) {
      const { mix, restore } = mixedContext(index, this.#places.context, locals.add(I32));
      before.push(...mix);
      after.push(...restore);
      if (watch.isExported) cleanup.push(...restore);
    }
    for (const { id, probe } of watch.probes) {
      const part = this.#probe(id, probe, type, locals, results[0]);
      before.push(...part.before);
      after.unshift(...part.after);
      if (probe.kind === 'scope') cleanup.unshift(...part.after);
      keepsResults ||= part.after.length > 0;
    }
    if (watch.role) {
      const part = this.#allocator(watch.role, results[0] ?? 0, locals);
      before.push(...part.before);
      after.unshift(...part.after);
      keepsResults ||= part.after.length > 0;
    }
    return { before, after, cleanup, keepsResults, results };
  }

  #allocator(role: AllocatorRole, result: number, locals: Locals): { before: Code; after: Code } {
    const { pointer } = this.#places;
    const is64 = pointer === I64;
    const context = [OP.globalGet, ...u32(this.#places.context)];
    const product = (one: number, other: number) => [
      ...get(one),
      ...get(other),
      is64 ? OP.i64Mul : OP.i32Mul,
    ];
    // 0 frees the block, but not where it stands for a product that is too large: then the smaller factor is told.
    const productOrLess = [
      ...[...get(1), ...get(2), ...get(1), ...get(2), is64 ? OP.i64LtU : OP.i32LtU, OP.select],
      ...[...product(1, 2), ...product(1, 2), is64 ? OP.i64Eqz : OP.i32Eqz, OP.select],
    ];
    const allocated = (hook: 'allocated' | 'composed', size: Code, address = result) =>
      this.#whenEnabled(
        this.#isNotZero(address),
        this.#hook(hook, [pointer, pointer, I32], [...get(address), ...size, ...context]),
      );
    const composing = this.#whenEnabled([], this.#hook('composing', [], []));
    switch (role) {
      case 'malloc':
        return { before: [], after: allocated('allocated', get(0)) };
      case 'calloc':
        return { before: composing, after: allocated('composed', product(0, 1)) };
      case 'memalign':
        return { before: composing, after: allocated('composed', get(1)) };
      case 'new':
        return { before: composing, after: allocated('composed', get(0)) };
      case 'posix_memalign': {
        const address = locals.add(pointer);
        const load = is64 ? [OP.i64Load, 3, 0] : [OP.i32Load, 2, 0];
        return {
          before: composing,
          after: this.#whenEnabled(
            [...get(result), OP.i32Eqz],
            [...get(0), ...load, ...set(address), ...allocated('composed', get(2), address)],
          ),
        };
      }
      case 'free':
        return {
          before: this.#whenEnabled(this.#isNotZero(0), this.#hook('freeing', [pointer], get(0))),
          after: [],
        };
      case 'realloc':
      case 'reallocarray':
      case 'rust_realloc': {
        const size = role === 'reallocarray' ? productOrLess : get(role === 'realloc' ? 1 : 3);
        return {
          before: this.#whenEnabled([], this.#hook('reallocating', [pointer], get(0))),
          after: this.#whenEnabled(
            [],
            this.#hook(
              'reallocated',
              [pointer, pointer, pointer, I32],
              [...get(0), ...get(result), ...size, ...context],
            ),
          ),
        };
      }
    }
  }

  #probe(
    id: number,
    probe: Probe,
    type: FunctionType,
    locals: Locals,
    result: number | undefined,
  ): { before: Code; after: Code } {
    const [first, second] = type.parameters;
    const [returned] = type.results;
    const number = [OP.i32Const, ...s32(id)];
    const key = (local: number, of: ValueType | undefined) =>
      probe.key === 'pointee' ? this.#pointee(local, of) : asI32(local, of);
    const told = (hook: HookName, one: Code, other: Code) =>
      this.#whenEnabled([], this.#hook(hook, [I32, I32, I32], [...number, ...one, ...other]));
    switch (probe.kind) {
      case 'scope': {
        const token = locals.add(I32);
        const open = this.#hook('scopeOpened', [I32, I32], [...number, ...key(0, first)], [I32]);
        return {
          before: this.#whenEnabled([], [...open, ...set(token)]),
          after: this.#whenEnabled([], this.#hook('scopeClosed', [I32], get(token))),
        };
      }
      case 'created': {
        const instance = result ?? 0;
        const after = told('instanceCreated', asI32(instance, returned), key(instance, returned));
        return { before: [], after };
      }
      case 'freeing':
        return { before: told('instanceFreeing', asI32(0, first), key(0, first)), after: [] };
      case 'call':
        return { before: told('event', asI32(0, first), asI32(1, second)), after: [] };
      case 'result':
        return { before: [], after: told('event', asI32(1, second), asI32(result ?? 0, returned)) };
    }
  }

  /** The word that a pointer points to; 0 where it points to none. */
  #pointee(local: number, type: ValueType | undefined): Code {
    const { pointer, hasMemory } = this.#places;
    if (!hasMemory || type !== pointer) return asI32(local, type);
    const is64 = pointer === I64;
    // Whether it lies in the memory, which has pages of 64 KiB: what is no whole word becomes a page far behind.
    const isInside = is64
      ? [...get(local), OP.i64Const, 2, OP.i64Rotr, OP.i64Const, 14, OP.i64ShrU, OP.memorySize, 0]
      : [...get(local), OP.i32Const, 2, OP.i32Rotr, OP.i32Const, 14, OP.i32ShrU, OP.memorySize, 0];
    return [
      ...[...isInside, is64 ? OP.i64LtU : OP.i32LtU],
      ...[OP.if, 0x7f, ...get(local), OP.i32Load, 2, 0, 0x05, OP.i32Const, 0, OP.end],
    ];
  }

  #isNotZero(local: number): Code {
    const { pointer } = this.#places;
    return [...get(local), pointer === I64 ? OP.i64Eqz : OP.i32Eqz, OP.i32Eqz];
  }

  #whenEnabled(condition: Code, code: Code): Code {
    const enabled = [OP.globalGet, ...u32(this.#places.enabled)];
    const both = condition.length > 0 ? [...condition, OP.i32And] : [];
    return [...enabled, ...both, OP.if, VOID, ...code, OP.end];
  }

  #hook(
    name: HookName,
    parameters: readonly ValueType[],
    values: Code,
    results: readonly ValueType[] = [],
  ): Code {
    const type = this.#places.typeIndex({ parameters, results });
    return [
      ...values,
      ...[OP.i32Const, ...s32(HOOKS[name])],
      ...[OP.callIndirect, ...u32(type), ...u32(this.#places.table)],
    ];
  }
}

/** The locals of a wrapper: the parameters, and what is added. */
class Locals {
  readonly #parameters: number;
  readonly #added: ValueType[] = [];

  constructor(parameters: readonly ValueType[]) {
    this.#parameters = parameters.length;
  }

  add(type: ValueType): number {
    return this.#parameters + this.#added.push(type) - 1;
  }

  declarations(): number[] {
    return [
      ...u32(this.#added.length),
      ...this.#added.flatMap((type) => [1, ...bytesOfType(type)]),
    ];
  }
}

function get(local: number): number[] {
  return [OP.localGet, ...u32(local)];
}

function set(local: number): number[] {
  return [OP.localSet, ...u32(local)];
}

function asI32(local: number, type: ValueType | undefined): Code {
  if (type === I32) return get(local);
  if (type === I64) return [...get(local), OP.i32WrapI64];
  return [OP.i32Const, 0];
}

/** Code that mixes a function into the calling context, which it keeps in a local, and code that puts it back. */
export function mixedContext(
  index: number,
  context: number,
  saved: number,
): { mix: number[]; restore: number[] } {
  return {
    mix: [
      ...[OP.globalGet, ...u32(context), OP.localTee, ...u32(saved)],
      ...[OP.i32Const, 3, OP.i32Mul, OP.i32Const, ...s32(contextNumber(index)), OP.i32Add],
      ...[OP.globalSet, ...u32(context)],
    ],
    restore: [...get(saved), OP.globalSet, ...u32(context)],
  };
}

/** Well spread over 32 bits, so that sums of them seldom meet (the finalizer of MurmurHash3). */
function contextNumber(index: number): number {
  let hash = index + 1;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

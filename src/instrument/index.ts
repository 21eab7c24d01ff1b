// instrumentWasm(): makes the heap of a WebAssembly module observable, without a rebuild. Bytes in, bytes
// out; the same bytes and options give the same result, in a page, in Node and on the command line.

import type { AllocatorRole, Probe } from './abi.ts';
import { type FoundAllocator, findAllocator, type WatchedFunction } from './allocator/index.ts';
import { chooseContextFunctions, usesNewExceptions } from './contexts.ts';
import { WasmFormatError } from './errors.ts';
import { bodyOf, customSection, isInstrumented, parseModule, type WasmModule } from './module.ts';
import { type FunctionNames, namesGiven, readFunctionNames, symbolsFor } from './names.ts';
import type { OffsetMap } from './offset-map.ts';
import { rewrite } from './rewrite.ts';
import type { Watch } from './wrappers.ts';

export type { AllocatorRole, Probe } from './abi.ts';
export type { FindingWay, FoundAllocator, WatchedFunction } from './allocator/index.ts';
export { AllocatorNotFoundError, type InstrumentErrorCode, WasmFormatError } from './errors.ts';
export { parseSymbolMap } from './names.ts';
export { type OffsetMap, toOriginal, toRewritten } from './offset-map.ts';

export interface InstrumentOptions {
  /** Text of the script that loads the module: it says which minified export is malloc. */
  readonly glue?: string;
  /** Names of functions by index, of a module without a name section: from a symbol map, or a twin. */
  readonly symbols?: ReadonlyMap<number, string>;
  /** Functions of the allocator that the caller knows: an export, a name or a function index each. */
  readonly allocator?: Partial<Record<AllocatorRole, string | number>>;
  /** Further functions to watch; those that the module does not have are passed over. */
  readonly probes?: readonly Probe[];
  /**
   * Whether functions from which the allocator can be reached carry a calling context, so that every
   * allocation can be told by its callers without a stack walk (probabilistic calling context, Bond and
   * McKinley, OOPSLA 2007). Code then moves; without it all code stays where it is but for one constant.
   */
  readonly contexts?: boolean;
}

export interface InstrumentReport {
  readonly allocator: FoundAllocator;
  /** `id` is the place in `options.probes`; `index` the function, null where the module has none. */
  readonly probes: readonly {
    readonly probe: Probe;
    readonly id: number;
    readonly index: number | null;
  }[];
  readonly pointerBits: 32 | 64;
  readonly sharedMemory: boolean;
  readonly hasNames: boolean;
  /** How many functions carry the calling context; null where that is off or could not be done. */
  readonly contexts: number | null;
  /** Where code has gone: byte offsets in the original and in the rewritten module. */
  readonly offsetMap: OffsetMap;
  /** Functions of the original module; indices from here on were added. */
  readonly functions: number;
  /** For each added function, the index of the original one that it is a part of. */
  readonly moved: readonly number[];
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly warnings: readonly string[];
}

export interface Instrumented {
  readonly bytes: Uint8Array;
  readonly report: InstrumentReport;
}

/**
 * Rewrites a module so that a tracker can follow its allocations.
 *
 * As long as no tracker is attached, the module behaves as before.
 *
 * @throws WasmFormatError with the byte offset, for what is no module or has parts that are not known;
 *   AllocatorNotFoundError, which lists where it was looked for.
 */
export function instrumentWasm(bytes: Uint8Array, options: InstrumentOptions = {}): Instrumented {
  const warnings: string[] = [];
  const module = parseModule(bytes);
  refuseUnfit(module);
  const own = readFunctionNames(module, (message) => warnings.push(message));
  const names =
    own.size > 0 ? own : namesGiven(symbolsFor(module.functions.length, options.symbols));
  const allocator = findAllocator(module, names, options);
  warnings.push(...allocator.warnings);
  const watches = new Map<number, Watch>();
  const exported = exportedFunctions(module);
  const watch = (index: number, more: Partial<Watch>) => {
    const known = watches.get(index);
    watches.set(index, {
      probes: [],
      mixesContext: false,
      isExported: exported.has(index),
      ...known,
      ...more,
    });
  };
  for (const { index, role } of allocator.functions) watch(index, { role });
  const probes = findProbes(module, names, options.probes ?? []);
  for (const { probe, id, index } of probes) {
    if (index === null) continue;
    watch(index, { probes: [...(watches.get(index)?.probes ?? []), { id, probe }] });
  }
  const contexts = options.contexts
    ? findContexts(module, names, allocator.functions, warnings)
    : null;
  const carriers: number[] = [];
  for (const index of contexts?.functions ?? []) {
    if (exported.has(index) || watches.has(index)) watch(index, { mixesContext: true });
    else carriers.push(index);
  }
  const rewritten = rewrite(module, {
    watches,
    carriers: { functions: carriers, exits: contexts?.exits ?? [] },
    names,
    keepsOffsets: contexts === null,
    mayCatch: contexts ? !contexts.usesNewExceptions : mayCatch(module, probes),
  });
  return {
    bytes: rewritten.bytes,
    report: {
      allocator,
      probes,
      pointerBits: module.memories[0]?.is64 ? 64 : 32,
      sharedMemory: module.memories[0]?.isShared ?? false,
      hasNames: names.size > 0,
      contexts: contexts?.functions.length ?? null,
      offsetMap: rewritten.offsetMap,
      functions: module.functions.length,
      moved: rewritten.moved,
      inputBytes: bytes.length,
      outputBytes: rewritten.bytes.length,
      warnings,
    },
  };
}

/**
 * Names of a module's functions by index, such as a twin with names has for the module without. Empty where it
 * has none.
 *
 * @throws WasmFormatError
 */
export function readSymbols(bytes: Uint8Array): ReadonlyMap<number, string> {
  return readFunctionNames(parseModule(bytes)).all();
}

/** What can be read, but would not be the same afterwards. */
function refuseUnfit(module: WasmModule): void {
  if (isInstrumented(module)) {
    throw new WasmFormatError(0, 'it is instrumented already; take the original');
  }
  const object = customSection(module, 'linking');
  if (object) {
    throw new WasmFormatError(object.start, 'an object file; instrument the linked module');
  }
}

function exportedFunctions(module: WasmModule): ReadonlySet<number> {
  return new Set(module.exports.flatMap(({ kind, index }) => (kind === 'function' ? [index] : [])));
}

/** By name in the name section, else by export; imported functions can't be watched. */
function findProbes(
  module: WasmModule,
  names: FunctionNames,
  probes: readonly Probe[],
): InstrumentReport['probes'] {
  const wanted = new Set(probes.map(({ name }) => name));
  const found = new Map<string, number>();
  for (const { kind, name, index } of module.exports) {
    if (kind === 'function' && wanted.has(name)) found.set(name, index);
  }
  for (const [index, name] of names.find([...wanted])) {
    if (bodyOf(module, index)) found.set(name, index);
  }
  return probes.map((probe, id) => {
    const index = found.get(probe.name) ?? null;
    return { probe, id, index: index !== null && bodyOf(module, index) ? index : null };
  });
}

/** Null where code could not be followed; then allocations are told by stack walks. */
function findContexts(
  module: WasmModule,
  names: FunctionNames,
  watched: readonly WatchedFunction[],
  warnings: string[],
) {
  const targets = watched.map(({ index }) => index);
  try {
    return chooseContextFunctions(module, names, targets);
  } catch (error) {
    if (!(error instanceof WasmFormatError)) throw error;
    warnings.push(`Calling contexts are off, since code could not be followed. ${error.message}`);
    return null;
  }
}

/** Whether a wrapper may catch: only that of a scope does, so only with one the code is looked through. */
function mayCatch(module: WasmModule, probes: InstrumentReport['probes']): boolean {
  if (!probes.some(({ probe, index }) => probe.kind === 'scope' && index !== null)) return true;
  try {
    return !usesNewExceptions(module);
  } catch (error) {
    // Code that can't be followed may have them.
    if (error instanceof WasmFormatError) return false;
    throw error;
  }
}

// The wasm module that is watched, as Emscripten shows it: which one, and what its memory holds.

import { runningEngines, type TrackedEngine } from '../gegl/lifecycle.ts';

/** The parts of an Emscripten module that are used where they exist; read them with `read()`. */
export interface EmscriptenModule {
  readonly HEAPU8?: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly stackSave?: () => number;
  readonly stackRestore?: (address: number) => void;
  readonly stackAlloc?: (bytes: number) => number;
  readonly _mallinfo?: (result: number) => void;
  /** Of this project's GEGL build. */
  readonly _gegl_wasm_static_bytes?: () => number;
  readonly _gegl_wasm_stack_bytes?: () => number;
}

/** What is watched: a module, and the engine that announced it, if one did. */
export interface Watched {
  readonly module: EmscriptenModule;
  readonly engine: TrackedEngine | null;
}

/**
 * Modules in which an engine ran. Once it has exited or aborted nothing in them may be called: an
 * allocator that was stopped halfway may never answer.
 */
const engineModules = new WeakSet<object>();

/**
 * The module to watch: the one given to `start()`, else that of the GEGL engine started last, else
 * the page's global `Module`; null as long as there is none, and once it has stopped.
 */
export function findWatched(given: EmscriptenModule | null): Watched | null {
  let found: Watched | null = null;
  for (const engine of runningEngines()) {
    const module = moduleOf(engine);
    if (!module) continue;
    engineModules.add(module);
    if (!given || module === given) found = { module, engine };
  }
  if (found) return found;
  const module = given ?? (globalThis as { Module?: unknown }).Module;
  return typeof module === 'object' && module !== null && !engineModules.has(module)
    ? { module, engine: null }
    : null;
}

/** An engine whose module has aborted is still listed, but has no module any more. */
export function moduleOf(engine: TrackedEngine): object | null {
  try {
    return engine.module;
  } catch {
    return null;
  }
}

/**
 * A part of the module. Getters are left alone: in debug builds, Emscripten puts one in the place of
 * everything that was not exported, and asking it aborts the program.
 */
export function read<Name extends keyof EmscriptenModule>(
  module: EmscriptenModule,
  name: Name,
): EmscriptenModule[Name] {
  return Object.getOwnPropertyDescriptor(module, name)?.value;
}

/** The module's memory as of now; null where it has none, or its buffer is detached. */
export function memoryOf(module: EmscriptenModule): ArrayBufferLike | null {
  // After growth an old view's buffer is detached, with length 0, or, where another thread did it, as long as before.
  const { buffer } = read(module, 'wasmMemory') ?? read(module, 'HEAPU8') ?? {};
  return buffer?.byteLength ? buffer : null;
}

/** `struct mallinfo` is ten 32-bit numbers; `uordblks`, the bytes in use, is the eighth. */
const MALLINFO_BYTES = 40;
const UORDBLKS = 7;

/** Whether the allocator can be asked for the bytes that it has handed out. */
export function hasMallinfo(module: EmscriptenModule): boolean {
  return (['_mallinfo', 'stackSave', 'stackRestore', 'stackAlloc'] as const).every((name) =>
    read(module, name),
  );
}

/**
 * `mallinfo().uordblks`: walks the allocator's blocks, so its time grows with their number.
 *
 * @throws TypeError on wasm64, as a number is no address there: its fields are of 32 or 64 bits, by the allocator.
 */
export function mallinfoBytes(module: EmscriptenModule): number | null {
  const stack = read(module, 'stackSave')?.();
  const address = read(module, 'stackAlloc')?.(MALLINFO_BYTES);
  if (stack === undefined || address === undefined) return null;
  try {
    read(module, '_mallinfo')?.(address);
    const memory = memoryOf(module);
    return (
      memory && new DataView(memory, address >>> 0, MALLINFO_BYTES).getUint32(UORDBLKS * 4, true)
    );
  } finally {
    read(module, 'stackRestore')?.(stack);
  }
}

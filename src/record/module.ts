// The wasm module that is watched, as Emscripten shows it: which one, and what its memory holds.

import { runningEngines, type TrackedEngine } from '../gegl/lifecycle.ts';

/** The parts of an Emscripten module that are used where they exist. */
export interface EmscriptenModule {
  readonly HEAPU8?: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  stackSave?(): number;
  stackRestore?(address: number): void;
  stackAlloc?(bytes: number): number;
  _mallinfo?(result: number): void;
  /** Of this project's GEGL build. */
  _gegl_wasm_static_bytes?(): number;
  _gegl_wasm_stack_bytes?(): number;
}

/** What is watched: a module, and the engine that announced it, if one did. */
export interface Watched {
  readonly module: EmscriptenModule;
  readonly engine: TrackedEngine | null;
}

/**
 * The module to watch: the one given to `start()`, else that of the GEGL engine started last, else
 * the page's global `Module`; null as long as there is none.
 */
export function findWatched(given: EmscriptenModule | null): Watched | null {
  const engines = [...runningEngines()];
  if (given) {
    return { module: given, engine: engines.find((engine) => engine.module === given) ?? null };
  }
  const engine = engines.at(-1);
  if (engine) return { module: engine.module as EmscriptenModule, engine };
  const { Module } = globalThis as { Module?: EmscriptenModule };
  return typeof Module === 'object' && Module !== null ? { module: Module, engine: null } : null;
}

/** The module's memory as of now; null where it has none, or its buffer is detached. */
export function memoryOf(module: EmscriptenModule): ArrayBufferLike | null {
  // After growth the old buffer is detached, with length 0; the glue then makes a new view.
  const buffer = module.HEAPU8?.buffer;
  if (buffer && buffer.byteLength > 0) return buffer;
  const other = module.wasmMemory?.buffer;
  return other && other.byteLength > 0 ? other : null;
}

/** `struct mallinfo` is ten 32-bit numbers; `uordblks`, the bytes in use, is the eighth. */
const MALLINFO_BYTES = 40;
const UORDBLKS = 7;

/** Whether the allocator can be asked for the bytes that it has handed out. */
export function hasMallinfo(module: EmscriptenModule): boolean {
  return !!(module._mallinfo && module.stackSave && module.stackRestore && module.stackAlloc);
}

/** `mallinfo().uordblks`: walks the allocator's blocks, so its time grows with their number. */
export function mallinfoBytes(module: EmscriptenModule): number | null {
  const { stackSave, stackRestore, stackAlloc, _mallinfo } = module;
  if (!stackSave || !stackRestore || !stackAlloc || !_mallinfo) return null;
  const stack = stackSave();
  try {
    const address = stackAlloc(MALLINFO_BYTES) >>> 0;
    _mallinfo(address);
    const memory = memoryOf(module);
    return memory && new DataView(memory, address, MALLINFO_BYTES).getUint32(UORDBLKS * 4, true);
  } finally {
    stackRestore(stack);
  }
}

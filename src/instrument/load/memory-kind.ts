// What kind of memory one is: shared or not, and how wide its addresses are.

import { originalOf } from '../../originals.ts';

/** Whether other threads may have it, too. */
export function isShared(memory: WebAssembly.Memory | null): boolean {
  return Object.prototype.toString.call(memory?.buffer) === '[object SharedArrayBuffer]';
}

/** A module that imports a memory of 64-bit addresses, shared or not. */
function importing64(hasThreads: boolean): Uint8Array<ArrayBuffer> {
  // At most 2^48 pages, the most that there can be.
  const limits = hasThreads ? [7, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40] : [4, 0];
  const entry = [1, 0, 0, 2, ...limits];
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, entry.length, ...entry);
}

/** The JavaScript API does not say, but linking does. */
export function pointerBitsOf(memory: WebAssembly.Memory): 32 | 64 {
  try {
    const { Instance, Module } = WebAssembly;
    new Instance(new (originalOf(Module))(importing64(isShared(memory))), { '': { '': memory } });
    return 64;
  } catch {
    // It does not fit, or the engine knows no such memories.
    return 32;
  }
}

// Starts the scan's WebAssembly. It may run wherever the module that is looked at does.

import { HeapImageError } from '../errors.ts';
import { BINARY } from './binary.generated.ts';

const PAGE = 65_536;

export interface Kernel {
  readonly memory: ArrayBuffer;
  /** Calls a function of assembly/index.ts. */
  call(name: string, ...parameters: number[]): number;
}

let compiled: WebAssembly.Module | null = null;

/**
 * Throws a `HeapImageError` where a policy forbids WebAssembly, where its SIMD instructions are not known, and where
 * there is no memory.
 *
 * @param bytes the memory that it needs.
 */
export function startKernel(bytes: number): Kernel {
  try {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(BINARY), (character) => character.charCodeAt(0)),
    );
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    const call: Kernel['call'] = (name, ...parameters) => {
      const found = exports[name];
      if (typeof found !== 'function') throw new TypeError(`The kernel has no ${name}.`);
      return Number(found(...parameters));
    };
    return { memory: memory.buffer, call };
  } catch (error) {
    throw HeapImageError.noKernel(error);
  }
}

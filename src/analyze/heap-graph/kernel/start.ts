// Starts the scan's WebAssembly. It may run wherever the module that is looked at does.

import { originalOf } from '../../../originals.ts';
import { bytesOf } from '../../../wasm-text.ts';
import { HeapImageError } from '../errors.ts';
import { BINARY } from './binary.generated.ts';

const PAGE = 65_536;

export interface Kernel {
  /** Another one when it has grown. */
  readonly memory: ArrayBuffer;
  /** Sees to it that there are so many bytes. */
  grow(bytes: number): void;
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
  return orNoKernel(() => {
    compiled ??= new (originalOf(WebAssembly.Module))(bytesOf(BINARY));
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    const call: Kernel['call'] = (name, ...parameters) => {
      const found = exports[name];
      if (typeof found !== 'function') throw new TypeError(`The kernel has no ${name}.`);
      return Number(found(...parameters));
    };
    const grow: Kernel['grow'] = (wanted) => {
      const missing = Math.ceil((wanted - memory.buffer.byteLength) / PAGE);
      if (missing > 0) orNoKernel(() => memory.grow(missing));
    };
    return {
      get memory() {
        return memory.buffer;
      },
      grow,
      call,
    };
  });
}

function orNoKernel<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw HeapImageError.noKernel(error);
  }
}

// Finds the functions of a module's allocator: by what the user says, by exports, the glue script, the name
// section, and the shape of dlmalloc's code.

import type { WasmModule } from '../module.ts';
import type { FindAllocatorOptions, FoundAllocator } from './types.ts';

export type * from './types.ts';

/** @throws AllocatorNotFoundError */
export function findAllocator(
  module: WasmModule,
  names: ReadonlyMap<number, string>,
  options: FindAllocatorOptions = {},
): FoundAllocator {
  throw new Error(`not yet: ${module.bytes.length}, ${names.size}, ${Object.keys(options)}`);
}

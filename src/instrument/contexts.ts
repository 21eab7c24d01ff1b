// Which functions carry the probabilistic calling context (Bond and McKinley, OOPSLA 2007): those from which
// the allocator can be reached.

import type { WasmModule } from './module.ts';

export interface ContextFunctions {
  /** Functions to wrap, by index; none of them imported or watched. */
  readonly functions: readonly number[];
  /** Those of them that are exported: from there JavaScript enters, and a wrapper must put back the context. */
  readonly exported: ReadonlySet<number>;
  /** Whether the module has new-style exceptions (try_table, throw_ref): no legacy try may be added then. */
  readonly usesNewExceptions: boolean;
}

export function chooseContextFunctions(
  module: WasmModule,
  names: ReadonlyMap<number, string>,
  targets: readonly number[],
): ContextFunctions {
  throw new Error(`not yet: ${module.bytes.length}, ${names.size}, ${targets.length}`);
}

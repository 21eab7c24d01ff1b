// What knows the functions of a library that are watched beside the allocator: which they are, and what
// their keys mean.

import type { Probe } from '../../instrument/abi.ts';
import type { BlockTable } from './contents.ts';
import type { HeapMemory } from './memory.ts';

export interface ProbeBinding {
  readonly probes: readonly Probe[];
  /** Functions that only pass allocations on, by name: they are no site's. */
  readonly forwarders: readonly string[];
  /** For one module. */
  bind(memory: HeapMemory): BoundProbes;
}

/** Probes go by their place in `probes`. */
export interface BoundProbes {
  /** Of a probe of the kinds `call` and `result`. Called inside the module's call: it may only read. */
  event(probe: number, first: number, second: number): void;
  /** The name of a scope or type; null where it is not known. */
  nameOf(probe: number, key: number): string | null;
  /** Bytes that belong to instances; null where that can't be told. */
  charge(contents: BlockTable, instances: readonly Instance[]): readonly Charge[] | null;
  /** The library's numbers of the types that it has registered. */
  types(): Iterable<number>;
}

export interface Instance {
  readonly address: number;
  readonly type: string;
}

export interface Charge {
  readonly instance: Instance;
  readonly bytes: number;
  readonly blocks: number;
}

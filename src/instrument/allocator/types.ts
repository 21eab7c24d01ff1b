// What finding an allocator yields: the functions to watch, and how they were found.

import type { AllocatorRole } from '../abi.ts';

/** How a function of the allocator was found, in the order in which the ways are trusted. */
export const FINDING_WAYS = ['user', 'export', 'glue', 'names', 'code', 'fingerprint'] as const;
/**
 * `user`: the caller named it. `export`: exported by its name. `glue`: the glue script says which minified
 * export it is. `names`: the name section. `code`: a known function of the allocator calls it, and nothing else
 * of its kind. `fingerprint`: its code looks like dlmalloc's.
 */
export type FindingWay = (typeof FINDING_WAYS)[number];

export interface WatchedFunction {
  readonly role: AllocatorRole;
  /** Place in the function index space; never an imported one. */
  readonly index: number;
  /** As the name section has it, else as it was found; null where only its code was seen. */
  readonly name: string | null;
  readonly source: FindingWay;
}

export type AllocatorName = 'dlmalloc' | 'mimalloc' | 'emmalloc';

export interface FoundAllocator {
  /** By index; each function once. Among them at least one `free`, and one `malloc` or, if it is made of others, `new`. */
  readonly functions: readonly WatchedFunction[];
  /** How malloc and free were found; the weaker one, where they were found in two ways. */
  readonly source: FindingWay;
  /** `likely` where code was matched or names left it open; the counters of the tracker then tell. */
  readonly confidence: 'certain' | 'likely';
  /** Which one it is, where that could be told. */
  readonly allocator: AllocatorName | null;
  /** What will not be seen. */
  readonly warnings: readonly string[];
}

export interface FindAllocatorOptions {
  /** Text of the script that loads the module. */
  readonly glue?: string;
  /** What the user says: an export, a name of the name section, or a function index. */
  readonly allocator?: Partial<Record<AllocatorRole, string | number>>;
}

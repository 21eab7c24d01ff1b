// What the benchmark and its children say to each other.

import type { Work } from './workloads.ts';

export interface Order {
  readonly what: 'run' | 'count';
  readonly work: Work;
  /** Whether to run it once untimed before: others have used the processor's caches since. */
  readonly twice: boolean;
}

export interface Timed {
  /** Milliseconds. */
  readonly time: number;
  /** Stacks taken. */
  readonly stacks: number;
}

export interface Counted {
  readonly digest: string;
  /** Null where nobody counts. */
  readonly allocations: number | null;
  /** Releases of what was not known, and allocations of what was live: none, where all is seen. */
  readonly complaints: number;
}

export type Answer = Timed | Counted | { readonly isReady: true };

// What a child is told, and what it answers.

import type { Planted } from './world.ts';

export type Order =
  | {
      readonly what: 'record';
      readonly name: string;
      readonly steps: number;
      readonly file: string;
    }
  | { readonly what: 'repeat' | 'truth'; readonly name: string };

/** A finding as it is graded: in the order of the report, errors first. */
export interface Found {
  readonly type: string;
  readonly severity: string;
  /** Its message, stack, and whatever else of it names a site. */
  readonly text: string;
}

/** What was reported after so many steps. */
export interface Checkpoint {
  readonly step: number;
  /** How much the scenario had leaked by then. */
  readonly leaks: number;
  readonly found: readonly Found[];
}

export interface Recorded {
  readonly what: 'record';
  readonly planted: Planted;
  readonly checkpoints: readonly Checkpoint[];
  /** Of `leak`, as they came. */
  readonly events: readonly { readonly step: number; readonly found: Found }[];
  /** Milliseconds for a report, at the end. */
  readonly reportTime: number;
  /** Of each heap snapshot, in milliseconds. */
  readonly heapSnapshotTimes: readonly number[];
  readonly errors: readonly string[];
}

export interface Repeated {
  readonly what: 'repeat';
  /** Null where no action of the scenario ends as it began. */
  readonly found: readonly Found[] | null;
  readonly leaks: number;
  readonly errors: readonly string[];
}

export interface Truth {
  readonly what: 'truth';
  /** What a session that was run before leaves, once more. */
  readonly blocks: number;
  readonly bytes: number;
  readonly planted: Planted;
}

export type Answer = Recorded | Repeated | Truth;

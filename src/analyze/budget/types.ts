// A memory budget: what a recording may use at most. The form is that of budget.schema.json, in which people write it.

import type { ObjectKind, Severity } from '../../recording/types.ts';

/** Bytes, or `"64 MB"`; 1 KB is 1024 B. */
export type Size = number | string;

/** At the end of the recording, and at most. */
export interface SizeLimits {
  readonly end?: Size;
  readonly peak?: Size;
}

export interface Budget {
  /** The module's memory, which never shrinks. */
  readonly heapSize?: SizeLimits;
  /** What is in use: by the tracker, else by the allocator. */
  readonly liveBytes?: SizeLimits;
  /** Live handles of the application, at the end. */
  readonly objects?: Partial<Readonly<Record<ObjectKind, number>>>;
  /** Live instances inside the module, at the end, by type; `*` is anything, and sums up. */
  readonly types?: Readonly<Record<string, number>>;
  /**
   * Live bytes, at the end, of all allocation sites that a pattern fits: `function:gegl_tile_*` (the name of any function of
   * the stack) or `stack:src/undo.js` (any part of it).
   */
  readonly sites?: Readonly<Record<string, Size>>;
  /** Findings, by severity; those that were accepted are not counted. */
  readonly leaks?: Partial<Readonly<Record<Severity, number>>>;
  /** Whether a figure that is not known keeps its budget. It breaks it when left out. */
  readonly allowUnknown?: boolean;
  readonly $schema?: string;
}

export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  readonly code = 'INVALID_BUDGET';
  /** The wrong place, such as `types.GeglBuffer`; empty for the whole. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(`The budget is wrong${path === '' ? '' : ` at ${path}`}: ${why}.`);
    this.path = path;
  }
}

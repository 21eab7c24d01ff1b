// What a watched run comes to.

import type { FoundLeaks, Repetition } from '../../../profiler/find-leaks.ts';
import type { TrackMode } from '../../../recording/heap-types.ts';

export interface RunOptions {
  readonly track: TrackMode;
  /** Milliseconds between samples. */
  readonly sampleInterval: number;
  readonly repetition: Required<Repetition>;
  /** Path of its file; null: none. */
  readonly scenario: string | null;
}

export interface RunOutcome {
  /** Text of the recording. */
  readonly recording: string;
  /** Of the repeated action; null where there was none. */
  readonly found: FoundLeaks | null;
  /** Of the script; 0 for a page. */
  readonly exitCode: number;
}

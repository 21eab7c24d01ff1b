// What the command and the process of a watched script tell each other: a task by a variable, results by files.

import type { RunOptions } from './outcome.ts';

export interface NodeTask extends Omit<RunOptions, 'track'> {
  /** Where results go. */
  readonly folder: string;
  /** Path of the watched script. */
  readonly script: string;
}

export const TASK_VARIABLE = 'MEMPROF_TASK';
export const RECORDING_FILE = 'recording.json';
export const FOUND_FILE = 'found.json';

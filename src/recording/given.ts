// A recording as programs have it at hand.

import { parseRecording } from './parse.ts';
import type { Recording } from './types.ts';

/** A recording, its text (`exportData()`), or a profiler, whose recording so far is taken. */
export type GivenRecording = Recording | string | { exportData(): string };

/** @returns null for what is none of these. @throws RecordingError */
export function recordingFrom(given: unknown): Recording | null {
  if (typeof given === 'string') return parseRecording(given);
  if (typeof given !== 'object' || given === null) return null;
  if ('exportData' in given && typeof given.exportData === 'function') {
    return parseRecording(String(given.exportData()));
  }
  return parseRecording(JSON.stringify(given));
}

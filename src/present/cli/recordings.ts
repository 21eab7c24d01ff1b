// Recordings, and findings that are accepted, that a command is given as files.

import {
  parseSuppressions,
  type Suppression,
  SuppressionError,
} from '../../analyze/suppressions.ts';
import { createReport, type Report } from '../../profiler/report.ts';
import { parseRecording, RecordingError } from '../../recording/parse.ts';
import type { Recording } from '../../recording/types.ts';
import { CommandError } from './exit-codes.ts';
import { readText } from './files.ts';

/** @throws CommandError that names the file and the place in it that is broken. */
export function readRecording(path: string): Recording {
  const text = readText(path);
  try {
    return parseRecording(text);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new CommandError(`${path}: ${error.message}`);
  }
}

/** @param path none: nothing is accepted. @throws CommandError that names the file and the line that is broken. */
export function readSuppressions(path: string | undefined): Suppression[] {
  if (path === undefined) return [];
  const text = readText(path);
  try {
    return parseSuppressions(text);
  } catch (error) {
    if (!(error instanceof SuppressionError)) throw error;
    throw new CommandError(`${path}: ${error.message}`);
  }
}

/** What the page or process would have reported itself. */
export function reportOf(recording: Recording, suppressions: readonly Suppression[] = []): Report {
  return createReport(recording, null, suppressions);
}

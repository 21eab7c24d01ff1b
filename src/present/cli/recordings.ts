// Recordings, and findings that are accepted, that a command is given as files; and what leaks in them.

import { findUnaccepted } from '../../analyze/leaks/index.ts';
import {
  parseSuppressions,
  type Suppression,
  SuppressionError,
} from '../../analyze/suppressions.ts';
import { geglKnowledge } from '../../gegl/knowledge.ts';
import { createReport, type Report } from '../../profiler/report.ts';
import { parseRecording, RecordingError } from '../../recording/parse.ts';
import type { Finding, Recording } from '../../recording/types.ts';
import { onFile, readText } from './files.ts';

/** @throws CommandError that names the file and the place in it that is broken. */
export function readRecording(path: string): Recording {
  return onFile(path, RecordingError, () => parseRecording(readText(path)));
}

/** @param path none: nothing is accepted. @throws CommandError that names the file and the line that is broken. */
export function readSuppressions(path: string | undefined): Suppression[] {
  if (path === undefined) return [];
  return onFile(path, SuppressionError, () => parseSuppressions(readText(path)));
}

/** What leaks in a recording, without what is accepted; each recording is looked through but once. */
export function leakFinder(
  suppressions: readonly Suppression[] = [],
): (recording: Recording) => readonly Finding[] {
  const found = new Map<Recording, readonly Finding[]>();
  return (recording) => {
    const known =
      found.get(recording) ?? findUnaccepted(recording, geglKnowledge, suppressions).findings;
    found.set(recording, known);
    return known;
  };
}

/** What the page or process would have reported itself. */
export function reportOf(recording: Recording, suppressions: readonly Suppression[] = []): Report {
  return createReport(recording, null, suppressions);
}

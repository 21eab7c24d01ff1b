// Recordings that a command is given as files.

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

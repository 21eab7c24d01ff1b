// How to track, as a word of the environment, of a script tag or of a page's address.

import type { TrackMode } from '../../tracker/index.ts';

const MODES: readonly TrackMode[] = ['off', 'counts', 'sampled', 'all'];

/** @returns 'sampled' for an empty word; 'off', with a warning, for one that is none of them. */
export function trackMode(word: string | null | undefined, where: string): TrackMode {
  if (!word) return 'sampled';
  const mode = MODES.find((candidate) => candidate === word);
  if (mode) return mode;
  console.warn(
    `gegl-memory-profiler: ${where} is "${word}", so nothing is tracked; it must be one of ${MODES.join(', ')}.`,
  );
  return 'off';
}

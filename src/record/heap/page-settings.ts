// What a page asks for by the tag of our classic script: <script src="js/memory-profiler.js" data-track="sampled">.
// With data-allow-query on it, the page's address may ask, too: ?memprof=sampled. Not without it, since anybody
// can make such links. data-workers="none" leaves the page's workers alone, "all" has them all start by our script.

import { trackMode } from './track-mode.ts';
import type { TrackOptions } from './track-options.ts';

/** Null where the page asks for nothing. To be called while the script runs for the first time. */
export function pageSettings(): TrackOptions | null {
  const script = globalThis.document?.currentScript;
  if (!script || !('dataset' in script)) return null;
  const { track, allowQuery, workers } = script.dataset;
  const query =
    allowQuery === undefined ? null : new URLSearchParams(location.search).get('memprof');
  const word = query ?? track;
  if (word === undefined) return null;
  const mode = trackMode(word, query === null ? 'data-track' : '?memprof');
  if (mode === 'off') return null;
  return workers === 'none' || workers === 'all' ? { mode, workers } : { mode };
}

// trackLoads(): every module that loads from now on is rewritten and gets a tracker; threads share the one of
// their module.

import { startThread, threadStart } from '../../instrument/load/index.ts';
import { LoadTracker } from './load-tracker.ts';
import { registry, type Tracking } from './registry.ts';
import { isGreeting } from './threads.ts';
import type { ThreadHost, TrackOptions } from './track-options.ts';

export {
  type LoadWarning,
  loadWarnings,
  onTrackedHeap,
  type TrackedHeap,
  type Tracking,
  trackedHeaps,
} from './registry.ts';
export type { TrackOptions } from './track-options.ts';

/** Where tracking is on already, in this page, worker or process, that one goes on. */
export function trackLoads(options: TrackOptions = {}, host: ThreadHost = {}): Tracking {
  return registry().tracking ?? keep(new LoadTracker(options, host));
}

/**
 * To be called first: in a worker that a page has started by our script, loads the worker's own one and joins
 * the modules that it is sent.
 *
 * @returns whether that is so.
 */
export function startAsThread(): boolean {
  const start = threadStart();
  if (!start) return false;
  const tracker = new LoadTracker({ match: () => false, workers: 'none' });
  keep(tracker);
  startThread(start, (message) => {
    if (isGreeting(message)) tracker.hear(message);
  });
  return true;
}

function keep(tracker: LoadTracker): Tracking {
  const state = registry();
  const tracking = {
    stop() {
      tracker.uninstall();
      if (state.tracking === tracking) state.tracking = null;
    },
  };
  state.tracking = tracking;
  return tracking;
}

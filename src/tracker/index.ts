// Exact figures of a watched heap, beside the profiled module.

export { TrackerError, type TrackerErrorCode } from './errors.ts';
export { Tracker } from './tracker.ts';
export type * from './types.ts';

// Exact figures of a watched heap, beside the profiled module.

export { Tracker } from './tracker.ts';
export type * from './types.ts';

// The ways to watch a heap that are compared: the rows of the table.

import type { TrackOptions } from '../../src/record/heap/track-loads.ts';

export interface Way {
  readonly name: string;
  /** What is made of the module: nothing, ours with these options, or a way of others. */
  readonly watch: null | TrackOptions | 'naive map' | 'memoryprofiler';
  /** Of the ratio to the module as it is. */
  readonly goal?: string;
  /** Needs a module that was linked for it. */
  readonly onlyGegl?: boolean;
}

export const BASELINE = 'uninstrumented';

export const WAYS: readonly Way[] = [
  { name: BASELINE, watch: null },
  // How far from 1 its ratio is, is how far from the truth the others may be.
  { name: 'uninstrumented, again', watch: null },
  { name: 'off', watch: { mode: 'off' }, goal: '1.00' },
  { name: 'counts', watch: { mode: 'counts' }, goal: '<= 1.03' },
  { name: 'sampled', watch: { mode: 'sampled', seed: 1 }, goal: '<= 1.05' },
  { name: 'all, by calling contexts', watch: { mode: 'all' }, goal: '<= 1.30' },
  { name: 'all, a stack walk each', watch: { mode: 'all', contexts: false } },
  { name: 'naive: a JavaScript Map', watch: 'naive map' },
  { name: 'emscripten --memoryprofiler', watch: 'memoryprofiler', onlyGegl: true },
];

// What the test of threads tells its workers, and they answer.

import type { TrackMode } from '../../src/tracker/index.ts';

export interface HammerTask {
  memory: WebAssembly.Memory;
  /** Of blocks, shared: whether each is taken. */
  places: Int32Array;
  mode: TrackMode;
  seed: number;
  steps: number;
  /** How many threads have started, shared. */
  ready: Int32Array;
  threads: number;
}

export interface HammerResult {
  allocatedBlocks: number;
  allocatedBytes: number;
  freedBlocks: number;
  runs: number;
}

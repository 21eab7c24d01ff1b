// Elapsed time that only goes forward, and the gaps in it: a hidden page, a sleeping machine, a
// busy thread, a wall clock that was set.

import type { ClockGap } from '../recording/types.ts';

/** A sample later than this many intervals makes a gap. */
const LATE_INTERVALS = 3;
/** Both clocks may drift apart by this much, in milliseconds, before it counts. */
const TOLERANCE = 2_000;
const MAX_GAPS = 1_000;

export interface ClockReading {
  readonly elapsed: number;
  readonly timestamp: number;
}

export class RecordingClock {
  readonly #steady: () => number;
  readonly #wall: () => number;
  #origin = 0;
  #lastSteady = 0;
  #last: ClockReading | null = null;
  #wasHidden = false;
  startedAt = 0;
  gaps: ClockGap[] = [];

  constructor(steady = () => performance.now(), wall = () => Date.now()) {
    this.#steady = steady;
    this.#wall = wall;
    this.reset();
  }

  reset(): void {
    this.#origin = this.#steady();
    this.#last = null;
    this.startedAt = this.#wall();
    this.gaps = [];
  }

  /** Milliseconds since the start. */
  elapsed(): number {
    return this.#steady() - this.#origin;
  }

  /** To be called when the page is hidden. */
  noteHidden(): void {
    this.#wasHidden = true;
  }

  /** The time of a sample, after noting what happened since the one before. */
  sample(interval: number, isHidden: boolean, wasStopped: boolean): ClockReading {
    const steady = this.#steady();
    const reading = { elapsed: steady - this.#origin, timestamp: this.#wall() };
    const last = this.#last;
    if (last) {
      // Two samples in one tick of a coarse clock: time still only goes forward.
      reading.elapsed = Math.max(reading.elapsed, last.elapsed + 0.001);
      const reason = wasStopped
        ? 'stopped'
        : this.#gapReason(
            steady - this.#lastSteady,
            reading.timestamp - last.timestamp,
            interval,
            isHidden,
          );
      if (reason && this.gaps.length < MAX_GAPS) {
        this.gaps.push({ from: last.elapsed, to: reading.elapsed, reason });
      }
    }
    this.#lastSteady = steady;
    this.#wasHidden = isHidden;
    this.#last = reading;
    return reading;
  }

  #gapReason(
    steadyPassed: number,
    wallPassed: number,
    interval: number,
    isHidden: boolean,
  ): ClockGap['reason'] | null {
    const ahead = wallPassed - steadyPassed;
    if (ahead > TOLERANCE) return 'suspended';
    if (ahead < -TOLERANCE) return 'clock-set';
    if (steadyPassed <= interval * LATE_INTERVALS) return null;
    return isHidden || this.#wasHidden ? 'hidden' : 'delayed';
  }
}

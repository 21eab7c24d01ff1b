// Shows samples, marks and leaks in the performance panel of the browser's own tools, while it records: in Chromium as
// tracks (by its extensibility API for user timings), elsewhere as plain measures.

import { formatBytes } from '../analyze/figures.ts';
import type { Finding, Severity } from '../recording/types.ts';
import type { Snapshot } from './report.ts';

const COLORS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'primary',
};

export class PerformanceMarkers {
  readonly #onError: (error: unknown) => void;
  #start = 0;
  #end = performance.now();

  /** @param onError is told when the platform refuses a measure. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** An entry from the sample before to this one. */
  sample({ wasmMemory, objectCounts, gegl }: Snapshot): void {
    this.#start = this.#end;
    this.#end = performance.now();
    const { heapUsed, heapUsedGrowth, heapSize } = wasmMemory;
    const used = heapUsed ?? heapSize;
    this.#measure(
      'Samples',
      used === null ? 'unknown' : `${formatBytes(used)} ${heapUsed === null ? 'heap' : 'in use'}`,
      (heapUsedGrowth ?? 0) > 0 ? 'tertiary' : 'tertiary-light',
      { ...wasmMemory, ...gegl, ...objectCounts },
    );
  }

  /** As long as the sample that was taken at it. */
  mark(name: string): void {
    this.#measure('Marks and leaks', name, 'primary', {});
  }

  /** As long as the sample that showed it. */
  leak({ type, severity, message, details }: Finding): void {
    this.#measure('Marks and leaks', `${severity}: ${type}`, COLORS[severity], {
      message,
      advice: details.advice,
    });
  }

  #measure(track: string, name: string, color: string, figures: object): void {
    const properties = Object.entries(figures)
      .filter(([, value]) => value != null)
      .map(([key, value]) => [key, String(value)]);
    try {
      performance.measure(name, {
        start: this.#start,
        end: this.#end,
        detail: {
          devtools: {
            dataType: 'track-entry',
            trackGroup: 'gegl-memory-profiler',
            track,
            color,
            tooltipText: name,
            properties,
          },
        },
      });
      // Whoever records or observes has it by now; kept, they would be a leak themselves. Those of the page stay.
      if (performance.getEntriesByName(name, 'measure').length < 2) performance.clearMeasures(name);
    } catch (error) {
      this.#onError(error);
    }
  }
}

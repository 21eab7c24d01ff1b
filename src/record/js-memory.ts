// The JavaScript heap, from whatever the platform tells of it.

import { byName } from '../recording/by-name.ts';
import { JS_MEMORY_COLUMNS, type JsMemorySource } from '../recording/types.ts';

export type JsMemory = Readonly<Record<(typeof JS_MEMORY_COLUMNS)[number], number | null>>;

/** Bytes by what holds them, as `performance.measureUserAgentSpecificMemory()` gives them. */
export type MemoryBreakdown = readonly {
  readonly bytes: number;
  readonly types: readonly string[];
}[];

interface UserAgentMemory {
  readonly bytes: number;
  readonly breakdown: MemoryBreakdown;
}

/** Measuring collects garbage in every frame; browsers answer after up to 20 seconds themselves. */
const MEASURE_INTERVAL = 10_000;

export class JsMemoryReader {
  readonly source: JsMemorySource;
  /** The last breakdown; null until there is one. */
  breakdown: MemoryBreakdown | null = null;
  readonly #measure: (() => Promise<UserAgentMemory>) | null;
  #measured: number | null = null;
  #nextMeasure = 0;
  #nodeLimit: number | null = null;

  constructor() {
    const { memory, measureUserAgentSpecificMemory: measure } = performance as Performance & {
      memory?: unknown;
      measureUserAgentSpecificMemory?: () => Promise<UserAgentMemory>;
    };
    this.#measure =
      measure && globalThis.crossOriginIsolated ? () => measure.call(performance) : null;
    if (isNode()) {
      this.source = 'process.memoryUsage';
      // Absent before Node 20.16; the limit is unknown there.
      const v8 = process.getBuiltinModule?.('node:v8');
      this.#nodeLimit = v8?.getHeapStatistics().heap_size_limit ?? null;
    } else if (memory) this.source = 'performance.memory';
    else this.source = this.#measure ? 'measureUserAgentSpecificMemory' : 'none';
  }

  /** @param onFailure told why the browser refuses to measure, once. */
  read(onFailure: (error: unknown) => void): JsMemory {
    this.#remeasure(onFailure);
    if (this.source === 'process.memoryUsage') {
      const { heapUsed, heapTotal } = process.memoryUsage();
      return {
        usedJSHeapSize: heapUsed,
        totalJSHeapSize: heapTotal,
        jsHeapSizeLimit: this.#nodeLimit,
      };
    }
    const { memory = { usedJSHeapSize: this.#measured } } = performance as {
      memory?: Partial<JsMemory>;
    };
    return byName(JS_MEMORY_COLUMNS, (name) => memory[name] ?? null);
  }

  #remeasure(onFailure: (error: unknown) => void): void {
    if (!this.#measure || performance.now() < this.#nextMeasure) return;
    this.#nextMeasure = Infinity;
    this.#measure().then(
      ({ bytes, breakdown }) => {
        this.#measured = bytes;
        this.breakdown = breakdown
          .filter((entry) => entry.bytes > 0)
          .map(({ bytes: size, types }) => ({ bytes: size, types: [...types] }));
        this.#nextMeasure = performance.now() + MEASURE_INTERVAL;
      },
      // Refused for good: what it would have told stays null, and is not asked for again.
      onFailure,
    );
  }
}

export function isNode(): boolean {
  return typeof process === 'object' && !!process.versions?.node && typeof document === 'undefined';
}

// The JavaScript side of the tracker: makes it, connects modules to it, reads its figures.

import { ADDED_EXPORTS, HOOKS } from '../instrument/abi.ts';
import * as layout from './assembly/layout.ts';
import { TrackerError } from './errors.ts';
import { HeapFigures } from './figures.ts';
import { AdaptiveMean, EACH, FIRST_MEAN } from './mean.ts';
import { makeMemory, placesOf, startTracker, type TrackerFunctions } from './start.ts';
import type { CaptureFigures, TrackerOptions, TrackMode } from './types.ts';

export type * from './types.ts';

const MODES = {
  off: layout.MODE_COUNTS,
  counts: layout.MODE_COUNTS,
  sampled: layout.MODE_SAMPLED,
  all: layout.MODE_ALL,
} as const;

/** Shares of wall time that stacks may take. */
const BUDGET = 0.02;
const BUDGET_OF_ALL = 0.1;

/** Granules of the map, in bits: blocks of dlmalloc have 16 bytes at least, of mimalloc 4. */
const WIDE = 4;
const NARROW = 2;

/** What is filled with zeros of a block that is freed, in bytes: more would take long. */
const SCRUBBED = 64 * 1024;

/** Those without a second form, as they take no pointers. */
const POINTERLESS = /^(composing|scope|instance|event)/;

/**
 * Watches the heap of the modules that are attached to it, which share one memory. Needs neither DOM nor Node. One
 * a thread; those of one module's threads share a tracker's memory.
 */
export class Tracker extends HeapFigures {
  /** @throws {TrackerError} `TRACKER_MEMORY` when there is no memory for it */
  static create(options: TrackerOptions): Tracker {
    return new Tracker(options);
  }

  readonly #functions: TrackerFunctions;
  readonly #thread: number;
  readonly #now: () => number;
  readonly #stackDepth: number;
  readonly #enabled = new Set<WebAssembly.Global>();
  readonly #contexts = new Set<WebAssembly.Global>();
  readonly #tables = new Map<WebAssembly.Table, 32 | 64>();
  /** Of the modules that are attached. */
  #heap: WebAssembly.Memory | null = null;
  #scrubs: boolean;
  readonly #sites = new Map<string, number>();
  readonly #means: Record<'sampled' | 'all', AdaptiveMean>;
  /** That of `followEach()`, while it goes on. */
  #each: AdaptiveMean | null = null;
  /** Whether functions of a module carry a calling context, as one has shown. */
  #haveContexts = false;
  #mode: TrackMode;
  #complete = true;
  #captures = 0;
  #captureTime = 0;

  private constructor(options: TrackerOptions) {
    const { shared, mode, onEvent, budget, mean = 64 * 1024, stackDepth = 64 } = options;
    super(options.memory ?? makeMemory(shared));
    this.#now = options.now ?? (() => performance.now());
    this.#stackDepth = stackDepth;
    this.#means = {
      sampled: new AdaptiveMean(mean, budget ?? BUDGET, FIRST_MEAN),
      all: new AdaptiveMean(1, budget ?? BUDGET_OF_ALL),
    };
    this.#mode = mode;
    this.#scrubs = options.scrub ?? false;
    this.#functions = startTracker(this.memory, shared, {
      capture: this.#capture,
      event: (probe, first, second) => {
        try {
          onEvent?.(probe, first >>> 0, second >>> 0);
        } catch {
          // It would unwind through the module's own code.
        }
      },
      scrub: (address, size) => this.#scrub(address, size),
    });
    const { call } = this.#functions;
    this.#thread = call('join', shared ? NARROW : WIDE);
    if (this.#thread === 0) {
      throw new TrackerError(
        'TRACKER_MEMORY',
        'The memory of the tracker has no room for another thread. Give it a higher maximum.',
      );
    }
    call('seed', options.seed ?? Math.random() * 2 ** 32);
    this.#configure();
  }

  /**
   * Puts the hooks into a rewritten module's table and switches them on, unless the mode is `off`.
   *
   * @throws {TrackerError} `NOT_INSTRUMENTED` when the module was not rewritten
   */
  attach(exports: WebAssembly.Exports, pointerBits: 32 | 64): void {
    const { hooks, enabled, context } = placesOf(exports);
    for (const [name, index] of Object.entries(HOOKS)) {
      hooks.set(
        index,
        this.#functions.hook(POINTERLESS.test(name) ? name : `${name}${pointerBits}`),
      );
    }
    const memory = exports[ADDED_EXPORTS.memory];
    if (memory instanceof WebAssembly.Memory) this.#heap = memory;
    this.#tables.set(hooks, pointerBits);
    this.#hookFree();
    this.#contexts.add(context);
    this.#enabled.add(enabled);
    enabled.value = Number(this.#isOn);
  }

  /**
   * With shared memory, before the module has blocks: no two of them will begin in the same 16 bytes, as is so of dlmalloc's,
   * and the map takes a quarter of the memory. Nothing happens where another thread has joined. Without shared memory that is
   * tried anyhow, and a block for which it is not so changes it.
   */
  expectSpace(): void {
    this.#functions.call('setGranules', WIDE);
  }

  /** Switches the module's hooks off. */
  detach(exports: WebAssembly.Exports): void {
    const { hooks, enabled, context } = placesOf(exports);
    this.#contexts.delete(context);
    this.#tables.delete(hooks);
    enabled.value = 0;
    this.#enabled.delete(enabled);
  }

  /** `off` leaves allocations and releases unseen: `complete` is false from then on. */
  get mode(): TrackMode {
    return this.#mode;
  }

  set mode(mode: TrackMode) {
    this.#mode = mode;
    this.#configure();
  }

  /**
   * Whether blocks are filled with zeros just before they are freed (of a large one, the first 64 KiB), so that no
   * old pointer in reused memory hides a leak. It costs a call of JavaScript and a fill each; off, it costs nothing.
   */
  get scrub(): boolean {
    return this.#scrubs;
  }

  set scrub(scrubs: boolean) {
    this.#scrubs = scrubs;
    this.#hookFree();
  }

  /** Mean bytes between samples, of this thread; in the mode `all`, of what has no calling context. */
  get mean(): number {
    return this.#mean.value;
  }

  set mean(bytes: number) {
    this.#mean.value = bytes;
    this.#configure();
  }

  get budget(): number {
    return this.#mean.budget;
  }

  set budget(share: number) {
    this.#mean.budget = share;
  }

  /**
   * Takes the stack of every allocation, whatever that costs: unlike in the mode `all`, also where the same functions
   * were called from another line of JavaScript before.
   *
   * @returns ends that. A mode that is set meanwhile holds from then on.
   */
  followEach(): () => void {
    this.#each = new AdaptiveMean(1, 1);
    this.#each.value = EACH;
    this.#configure();
    return () => {
      this.#each = null;
      this.#configure();
    };
  }

  get #mean(): AdaptiveMean {
    return this.#each ?? this.#means[this.#mode === 'all' ? 'all' : 'sampled'];
  }

  get #isOn(): boolean {
    return this.#each !== null || this.#mode !== 'off';
  }

  /** What stacks have cost this thread. */
  get captures(): CaptureFigures {
    return { count: this.#captures, time: this.#captureTime };
  }

  /** False when tracking was switched off for a time. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Ends what an exception left open: scopes, calling contexts. For a moment at which no wasm of this thread is on the stack. */
  closeScopes(): void {
    for (const context of this.#contexts) context.value = 0;
    this.#functions.call('scopeClosed', 0);
  }

  #configure(): void {
    if (!this.#isOn) this.#complete = false;
    const mode = this.#each ? 'sampled' : this.#mode;
    this.#functions.call('configure', MODES[mode], this.#mean.value);
    for (const enabled of this.#enabled) enabled.value = Number(this.#isOn);
  }

  /** The function in the table decides, so that scrubbing need not be asked for at each release. */
  #hookFree(): void {
    const name = this.#scrubs && this.#heap ? 'scrubbing' : 'freeing';
    for (const [hooks, pointerBits] of this.#tables) {
      hooks.set(HOOKS.freeing, this.#functions.hook(`${name}${pointerBits}`));
    }
  }

  #scrub(address: number, size: number): void {
    const bytes = this.#heap?.buffer;
    if (!bytes) return;
    const length = Math.min(size, SCRUBBED, bytes.byteLength - address);
    // As of a tracker that was told wrong sizes.
    if (length > 0) new Uint8Array(bytes, address, length).fill(0);
  }

  /** The site of the stack at hand, 0 where it can't be told. */
  readonly #capture = (context: number): number => {
    try {
      if (context !== 0) this.#haveContexts = true;
      const start = this.#now();
      const { stackTraceLimit } = Error;
      // A page's own may be slow, and need not give text. Reflect, as a page may have frozen it.
      const ownFormat: unknown = Reflect.get(Error, 'prepareStackTrace');
      let written: string | undefined;
      try {
        Reflect.set(Error, 'stackTraceLimit', this.#stackDepth);
        if (ownFormat) Reflect.set(Error, 'prepareStackTrace', undefined);
        // Here and in no function of its own: each frame costs as much as one of the application's.
        let text = new Error().stack ?? '';
        if (!text.includes('wasm-function')) {
          written = text;
          Reflect.set(Error, 'prepareStackTrace', plainStack);
          text = new Error().stack ?? '';
        }
        const site = this.#sites.get(text) ?? this.#addSite(text, written);
        this.#captures += 1;
        const end = this.#now();
        this.#captureTime += end - start;
        // Where no function carries a context, a stack for each block is what was asked for.
        if (this.#mode === 'sampled' || (context === 0 && this.#haveContexts)) {
          this.#adapt(end - start, end);
        }
        return site;
      } finally {
        Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
        if (ownFormat || written !== undefined) Reflect.set(Error, 'prepareStackTrace', ownFormat);
      }
    } catch {
      // Such as a full stack: it would unwind through the module's malloc.
      return 0;
    }
  };

  /** @param written the same by the format of somebody else, who knows where scripts were written, but no modules. */
  #addSite(text: string, written?: string): number {
    const lines = written?.split('\n');
    const shown = lines
      ? text.split('\n').map((line, at) => (line.includes('wasm-function') ? line : lines[at]))
      : [text];
    const bytes = new TextEncoder().encode(shown.join('\n'));
    const site = this.#functions.call('newSite', bytes.length);
    if (site !== 0) {
      this.textOf(site).set(bytes);
      this.#sites.set(text, site);
    }
    return site;
  }

  #adapt(time: number, now: number): void {
    const before = this.#mean.value;
    this.#mean.captured(time, now, () =>
      // In the mode `all`, what carries a context costs no stack, however much there is of it.
      this.#mode === 'all'
        ? Number(this.#functions.hook('bytesUncalled')())
        : this.allocatedBy(this.#thread),
    );
    if (this.#mean.value !== before) this.#configure();
  }
}

/**
 * As V8 does it. In a context of Node's `vm`, as each of Jest's tests is, it asks the format of the main context, which
 * cannot be switched off from within, but by another one.
 */
function plainStack(_: Error, frames: readonly unknown[]): string {
  return `Error\n    at ${frames.join('\n    at ')}`;
}

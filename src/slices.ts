// Long work as a generator that yields often: in one piece, or in slices, each a task of its own, so that a page stays
// responsive.

/** Milliseconds of a slice. What asks for its end may do so a little late. */
const SLICE = 10;

interface Timers {
  readonly setTimeout: (call: () => void, milliseconds: number) => unknown;
  /** Pages have none. */
  readonly setImmediate: ((call: () => void) => unknown) | null;
}

const KEY = Symbol.for('gegl-memory-profiler/timers@1');
const holder = globalThis as { [KEY]?: Timers };
holder[KEY] ??= {
  setTimeout: globalThis.setTimeout,
  setImmediate: typeof setImmediate === 'function' ? setImmediate : null,
};
/**
 * As they were when the first file of the profiler was loaded, lest a test of the application that stops the clock waits
 * for ever, also for files that are loaded later.
 */
const timers = holder[KEY];

/** Ends the task at hand; what follows is another one, with no other code on the stack. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (timers.setImmediate) timers.setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}

/** At least so long. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    // Not as a method: browsers want their own `this`.
    const { setTimeout } = timers;
    setTimeout(resolve, milliseconds);
  });
}

/**
 * Runs a generator, which yields often, in slices.
 *
 * @param goesOn asked at the start of each slice; false: the work is given up, and null its result.
 */
export function runInTasks<T>(work: Generator<void, T>): Promise<T>;
export function runInTasks<T>(work: Generator<void, T>, goesOn: () => boolean): Promise<T | null>;
export async function runInTasks<T>(
  work: Generator<void, T>,
  goesOn: () => boolean = () => true,
): Promise<T | null> {
  for (;;) {
    await nextTask();
    if (!goesOn()) return null;
    const end = performance.now() + SLICE;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < end);
  }
}

/** Runs a generator in one piece. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** What `map` makes of each item, with a pause after each. */
export function* flatMapInSteps<In, Out>(
  items: readonly In[],
  map: (item: In) => readonly Out[],
): Generator<void, Out[]> {
  const all: Out[] = [];
  for (const item of items) {
    all.push(...map(item));
    yield;
  }
  return all;
}

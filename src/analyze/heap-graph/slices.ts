// Runs a generator of work to its end: at once, as in a worker, or in slices between which the page lives.

/** Runs the work without a pause. */
export function runToEnd<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

export interface SliceOptions {
  /** How long a slice may take, in milliseconds; the last step of a slice may exceed it. Default: 8. */
  readonly sliceMs?: number;
  /** Resolves when the next slice may run. Default: a new macrotask. */
  readonly pause?: () => Promise<void>;
  /** Milliseconds. Default: `performance.now()`. */
  readonly now?: () => number;
}

/** Runs the work in slices. Rejects with what the work throws. */
export async function runInSlices<Result>(
  work: Generator<void, Result>,
  {
    sliceMs = 8,
    pause = () => new Promise((resolve) => setTimeout(resolve)),
    now = () => performance.now(),
  }: SliceOptions = {},
): Promise<Result> {
  for (;;) {
    const end = now() + sliceMs;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (now() < end);
    await pause();
  }
}

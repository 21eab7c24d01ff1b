// Rewrites the bytes of a module that is being loaded, with the help of its glue where it needs that.

import { AllocatorNotFoundError } from '../errors.ts';
import { type InstrumentReport, instrumentWasm } from '../index.ts';
import { isInstrumented, parseModule } from '../module.ts';
import { canReadNow, type GlueSource, glueSources, readNow, readSoon } from './glue.ts';
import { withThreadId } from './thread-id.ts';
import type { LoadHookOptions } from './types.ts';

/** A module to load in place of another. */
export interface Rewritten {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null where it was rewritten before. */
  readonly report: InstrumentReport | null;
}

/** Null: to be left as it is. An error: left as it is for that reason. */
export type Outcome = Rewritten | null | Error;

/** Asks for the text of what may be glue, and goes on with it. */
type Attempt = Generator<GlueSource, Outcome, string | null>;

/** At once; where only a script that is elsewhere could help, without it. */
export function rewriteNow(
  bytes: Uint8Array,
  url: string | null,
  stack: () => unknown,
  options: LoadHookOptions,
): Outcome {
  const attempt = rewrite(bytes, url, stack, options);
  let step = attempt.next();
  while (!step.done) step = attempt.next(readNow(step.value));
  return step.value;
}

/** At once where that is possible, so that nothing happens later than it would. */
export function rewriteSoon(
  bytes: Uint8Array,
  url: string | null,
  stack: () => unknown,
  options: LoadHookOptions,
): Outcome | Promise<Outcome> {
  if (canReadNow) return rewriteNow(bytes, url, stack, options);
  const attempt = rewrite(bytes, url, stack, options);
  const step = attempt.next();
  return step.done ? step.value : goOn(attempt, step);
}

async function goOn(
  attempt: Attempt,
  first: IteratorResult<GlueSource, Outcome>,
): Promise<Outcome> {
  let step = first;
  while (!step.done) step = attempt.next(await readSoon(step.value));
  return step.value;
}

function* rewrite(
  bytes: Uint8Array,
  url: string | null,
  stack: () => unknown,
  options: LoadHookOptions,
): Attempt {
  // What fails here (a page's own `match`, its list of scripts) must not fail the page.
  try {
    if (options.match?.(url, bytes) === false) return null;
    let best = rewriteWith(bytes, undefined, options);
    for (const source of isFinal(best) ? [] : glueSources(stack())) {
      const glue = yield source;
      if (glue === null) continue;
      const result = rewriteWith(bytes, glue, options);
      if (best instanceof Error || isFinal(result)) best = result;
      if (isFinal(best)) break;
    }
    return finish(best, bytes, url, options);
  } catch (error) {
    return toError(error);
  }
}

interface Result {
  readonly bytes: Uint8Array;
  readonly report: InstrumentReport | null;
  readonly sharesMemory: boolean;
}

function rewriteWith(
  bytes: Uint8Array,
  glue: string | undefined,
  { instrument = {}, rewrite: instrumentBytes = instrumentWasm }: LoadHookOptions,
): Result | Error {
  try {
    const made = instrumentBytes(bytes, glue === undefined ? instrument : { ...instrument, glue });
    return { ...made, sharesMemory: made.report.sharedMemory };
  } catch (error) {
    return toError(error);
  }
}

/** Whether glue would change nothing. */
function isFinal(result: Result | Error): boolean {
  return result instanceof Error
    ? !(result instanceof AllocatorNotFoundError)
    : result.report?.allocator.confidence === 'certain';
}

function finish(
  found: Result | Error,
  original: Uint8Array,
  url: string | null,
  options: LoadHookOptions,
): Outcome {
  if (found instanceof AllocatorNotFoundError) {
    options.onWarning?.('no-allocator', `${url ?? 'A module'} is not tracked: ${found.message}`);
    return null;
  }
  const result = found instanceof Error ? rewrittenBefore(original, found) : found;
  if (result instanceof Error) return result;
  const { bytes, report, sharesMemory } = result;
  const { nameThreads } = options;
  const named = sharesMemory && nameThreads ? withThreadId(bytes, nameThreads()) : bytes;
  return { bytes: plain(named), report };
}

/** A module that was rewritten ahead of time is what is wanted, although it can't be rewritten. */
function rewrittenBefore(bytes: Uint8Array, reason: Error): Result | Error {
  try {
    const module = parseModule(bytes);
    if (!isInstrumented(module)) return reason;
    return { bytes, report: null, sharesMemory: module.memories[0]?.isShared ?? false };
  } catch {
    return reason;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Entry points take no shared buffers. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array<ArrayBuffer> {
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

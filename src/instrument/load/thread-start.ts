// How a worker of a page comes to start by our script: the address of its own one stands behind it, in the
// fragment, which no server sees and no cache minds. What it shall know follows as its first message.

export const THREAD_MESSAGE = 'gegl-memory-profiler/thread@1';
const PARAMETER = 'memprof-worker=';

export interface ThreadStart {
  /** The script that the application asked for. */
  readonly url: string;
  readonly isModule: boolean;
}

export function threadAddress(ownScript: string, { url, isModule }: ThreadStart): string {
  const [address] = ownScript.split('#', 1);
  return `${address}#${PARAMETER}${isModule ? 'module' : 'classic'}:${encodeURIComponent(url)}`;
}

/** Null in pages, and in workers that were not started by `threadAddress()`. */
export function threadStart(): ThreadStart | null {
  if (typeof document === 'object' || typeof location !== 'object') return null;
  const [, given] = location.hash.split(`#${PARAMETER}`);
  if (given === undefined || !('DedicatedWorkerGlobalScope' in globalThis)) return null;
  const [type, encoded = ''] = given.split(':', 2);
  const url = decodeURIComponent(encoded);
  return new URL(url).origin === location.origin ? { url, isModule: type === 'module' } : null;
}

/** What was posted by us; undefined for everything else. */
export function threadMessage(data: unknown): unknown {
  return typeof data === 'object' && data !== null
    ? Object.getOwnPropertyDescriptor(data, THREAD_MESSAGE)?.value
    : undefined;
}

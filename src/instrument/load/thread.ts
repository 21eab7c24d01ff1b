// The worker's side of the worker hook: hears what we are told, before the application's script hears anything,
// and loads that script as if the worker had started by it.

import { replace } from './replace.ts';
import { type ThreadStart, threadMessage } from './thread-start.ts';

/** @param onMessage told what the page greets the worker with, and tells it later. */
export function startThread(
  { url, isModule }: ThreadStart,
  onMessage: (message: unknown) => void,
): void {
  /** What comes before a module worker's script is there to hear it. */
  let early: MessageEvent[] | null = isModule ? [] : null;
  addEventListener('message', (event) => {
    const message = threadMessage(event.data);
    if (message !== undefined) onMessage(message);
    // Those that are sent once more come from here.
    else if (early && event.isTrusted) early.push(event);
    else return;
    event.stopImmediatePropagation();
  });
  resolveAgainst(url);
  if (isModule) {
    import(/* @vite-ignore */ /* webpackIgnore: true */ url).catch(reportError).then(() => {
      const events = early ?? [];
      early = null;
      for (const { data, origin, lastEventId, ports } of events) {
        dispatchEvent(
          new MessageEvent('message', { data, origin, lastEventId, ports: [...ports] }),
        );
      }
    });
  } else Reflect.apply(Reflect.get(globalThis, 'importScripts'), globalThis, [url]);
}

/** What is relative is so to the application's script, not to ours. */
function resolveAgainst(base: string): void {
  const resolve = (address: unknown) =>
    typeof address === 'string' || address instanceof URL ? new URL(address, base).href : address;
  const resolveFirst = ([first, ...rest]: unknown[]) => [resolve(first), ...rest];
  replace(globalThis, 'location', new URL(base));
  for (const name of ['fetch', 'Request', 'EventSource', 'Worker'] as const) {
    const original: unknown = Reflect.get(globalThis, name);
    if (typeof original !== 'function') continue;
    const proxy: object = new Proxy(original, {
      apply: (target, self, parameters) => Reflect.apply(target, self, resolveFirst(parameters)),
      construct: (target, parameters, newTarget) =>
        Reflect.construct(
          target,
          resolveFirst(parameters),
          newTarget === proxy ? target : newTarget,
        ),
    });
    replace(globalThis, name, proxy);
  }
  const load: unknown = Reflect.get(globalThis, 'importScripts');
  if (typeof load === 'function') {
    replace(globalThis, 'importScripts', (...urls: unknown[]) =>
      Reflect.apply(load, globalThis, urls.map(resolve)),
    );
  }
  const { prototype } = XMLHttpRequest;
  const { open } = prototype;
  replace(prototype, 'open', function (this: unknown, ...[method, address, ...rest]: unknown[]) {
    return Reflect.apply(open, this, [method, resolve(address), ...rest]);
  });
}

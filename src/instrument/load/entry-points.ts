// installLoadHook(): the six ways to load a module, wrapped so that it is rewritten as it loads. Promises,
// errors, `instanceof`, subclasses and clones are as they were; what fails falls back to the module as given.

import { showingOriginal } from '../../originals.ts';
import { isModule, Loading } from './loading.ts';
import { longStack } from './own-script.ts';
import { replace } from './replace.ts';
import { type Outcome, rewriteNow, rewriteSoon } from './rewriting.ts';
import type { Installed, LoadHookOptions } from './types.ts';

type Parameters = readonly unknown[];
/** The original, with its `this`. */
type Original<Result> = (parameters: Parameters) => Result;

/** Wraps `globalThis.WebAssembly`; where there is none, nothing. */
export function installLoadHook(options: LoadHookOptions): Installed {
  const { WebAssembly: api, Response } = globalThis;
  if (typeof api !== 'object') return { uninstall() {} };
  const loading = new Loading(options);
  const undo: (() => void)[] = [];

  const put = (holder: object, key: string, value: unknown) => {
    const putBack = replace(holder, key, value);
    if (putBack) undo.push(putBack);
    else {
      loading.warn('not-hooked', `${key} can't be replaced; what loads by it is not seen.`);
    }
  };

  /** compile() and instantiate(), of bytes or of a module. */
  function load(original: Original<unknown>, parameters: Parameters): unknown {
    const [source] = parameters;
    const withSource = (bytes: unknown) => original([bytes, ...parameters.slice(1)]);
    if (isModule(source)) return loadModule(original(parameters), source);
    // The application may change its bytes as soon as it has called.
    const copy = bytesOf(source)?.slice();
    const outcome = copy && rewriteSoon(copy, null, longStack, options);
    if (!outcome) return original(parameters);
    const next = (found: Outcome) =>
      found ? loading.load(found, null, withSource, () => withSource(copy)) : withSource(copy);
    return outcome instanceof Promise ? outcome.then(next) : next(outcome);
  }

  async function loadModule(result: unknown, module: WebAssembly.Module) {
    const instance = await result;
    loading.meet(instance, module);
    return instance;
  }

  /** compileStreaming() and instantiateStreaming(), of a response or a promise of one. */
  async function stream(original: Original<unknown>, parameters: Parameters): Promise<unknown> {
    const [source] = parameters;
    const withSource = (response: unknown) => original([response, ...parameters.slice(1)]);
    const stack = longStack();
    let response: unknown;
    try {
      response = await source;
    } catch {
      return withSource(source);
    }
    // What would be refused is left to whom it always was.
    if (!loading.isActive || !(response instanceof Response) || !isWasm(response)) {
      return withSource(response);
    }
    const { url, headers } = response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const again = (contents: Uint8Array<ArrayBuffer>) =>
      withSource(new Response(contents, { headers }));
    const outcome = await rewriteSoon(bytes, url || null, () => stack, options);
    if (!outcome) return again(bytes);
    return loading.load(outcome, url || null, again, () => again(bytes));
  }

  for (const [name, wrapped] of [
    ['compile', load],
    ['instantiate', load],
    ['compileStreaming', stream],
    ['instantiateStreaming', stream],
  ] as const) {
    const original: unknown = api[name];
    // Streaming is not everywhere.
    if (typeof original !== 'function') continue;
    const proxy = new Proxy(original, {
      apply(target, self, parameters) {
        const apply = (all: Parameters) => Reflect.apply(target, self, all);
        return loading.isActive ? wrapped(apply, parameters) : apply(parameters);
      },
    });
    put(api, name, proxy);
  }

  function constructModule(construct: Original<object>, parameters: Parameters): object {
    const bytes = bytesOf(parameters[0]);
    const outcome = bytes && rewriteNow(bytes, null, longStack, options);
    return outcome
      ? loading.construct(
          outcome,
          (rewritten) => construct([rewritten, ...parameters.slice(1)]),
          () => construct(parameters),
        )
      : construct(parameters);
  }

  function constructInstance(construct: Original<object>, parameters: Parameters): object {
    const instance = construct(parameters);
    const [module] = parameters;
    if (isModule(module)) loading.meet(instance, module);
    return instance;
  }

  for (const [name, wrapped] of [
    ['Module', constructModule],
    ['Instance', constructInstance],
  ] as const) {
    const original: typeof WebAssembly.Module | typeof WebAssembly.Instance = api[name];
    const proxy: typeof original = new Proxy(original, {
      ...showingOriginal(),
      construct(target, parameters, newTarget) {
        const construct = (all: Parameters) =>
          Reflect.construct(target, all, newTarget === proxy ? target : newTarget);
        return loading.isActive ? wrapped(construct, parameters) : construct(parameters);
      },
    });
    put(api, name, proxy);
    put(original.prototype, 'constructor', proxy);
  }

  return {
    uninstall() {
      loading.isActive = false;
      for (const step of undo.splice(0)) step();
    },
  };
}

/** A view of what was given; null where it is no buffer, or a detached one. */
function bytesOf(source: unknown): Uint8Array | null {
  try {
    if (ArrayBuffer.isView(source)) {
      return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    }
    return isArrayBuffer(source) ? new Uint8Array(source) : null;
  } catch {
    return null;
  }
}

/** Also one of another realm. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** Whether streaming accepts it. */
function isWasm({ ok, type, bodyUsed, body, headers }: Response): boolean {
  const mime = headers.get('content-type')?.trim().toLowerCase();
  return ok && type !== 'opaque' && !bodyUsed && !body?.locked && mime === 'application/wasm';
}

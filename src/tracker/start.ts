// Makes the tracker's memory and starts its WebAssembly on it.

import { ADDED_EXPORTS } from '../instrument/abi.ts';
import { originalOf } from '../originals.ts';
import { bytesOf } from '../wasm-text.ts';
import { INITIAL_PAGES } from './assembly/layout.ts';
import { BINARY, MEMORY_KIND_OFFSET } from './binary.generated.ts';
import { TrackerError } from './errors.ts';

/** A shared memory needs its address space at once, of which a telephone has little. */
const MAXIMUM_PAGES = [65536, 16384, 4096, 1024];
const SHARED_WITH_MAXIMUM = 3;

export function makeMemory(shared: boolean): WebAssembly.Memory {
  let cause: unknown;
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
    } catch (error) {
      cause = error;
    }
  }
  throw new TrackerError(
    'TRACKER_MEMORY',
    'The memory for tracking a heap could not be made. Close other pages, or track with the mode off.',
    cause,
  );
}

/** What the WebAssembly calls. */
export interface Callbacks {
  capture(context: number): number;
  event(probe: number, first: number, second: number): void;
  scrub(address: number, size: number): void;
}

/** The functions of the tracker, by name. */
export interface TrackerFunctions {
  hook(name: string): CallableFunction;
  /** Unsigned. */
  call(name: string, ...parameters: number[]): number;
}

export function startTracker(
  memory: WebAssembly.Memory,
  shared: boolean,
  callbacks: Callbacks,
): TrackerFunctions {
  const bytes = bytesOf(BINARY);
  if (shared) bytes[MEMORY_KIND_OFFSET] = SHARED_WITH_MAXIMUM;
  const { exports } = new WebAssembly.Instance(new (originalOf(WebAssembly.Module))(bytes), {
    env: { memory },
    imports: { shared: Number(shared), log: Math.log, expm1: Math.expm1, ...callbacks },
  });
  const hook = (name: string) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new TypeError(`The tracker has no ${name}.`);
    return found;
  };
  return { hook, call: (name, ...parameters) => Number(hook(name)(...parameters)) >>> 0 };
}

/** The places that were added to a rewritten module for the tracker. */
export function placesOf(exports: WebAssembly.Exports): {
  hooks: WebAssembly.Table;
  enabled: WebAssembly.Global;
  context: WebAssembly.Global;
} {
  const hooks = exports[ADDED_EXPORTS.hooks];
  const enabled = exports[ADDED_EXPORTS.enabled];
  const context = exports[ADDED_EXPORTS.context];
  const { Global, Table } = WebAssembly;
  const areThere = hooks instanceof Table && enabled instanceof Global && context instanceof Global;
  if (!areThere) {
    throw new TrackerError(
      'NOT_INSTRUMENTED',
      'The WebAssembly instance has no hooks. Rewrite its module with instrumentWasm first.',
    );
  }
  return { hooks, enabled, context };
}

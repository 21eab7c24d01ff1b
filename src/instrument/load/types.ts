// What the load hook is told, and what it tells.

import type { InstrumentOptions, InstrumentReport, instrumentWasm } from '../index.ts';

export type LoadWarningCode =
  /** No allocator was found in a module; it runs as it is. Told for each module. */
  | 'no-allocator'
  /** A module could not be rewritten, or its engine refused it then; it runs as it is. */
  | 'not-instrumented'
  /** Somebody was told of an instance and failed; its hooks are off. */
  | 'not-attached'
  /** An entry point can't be replaced, so what loads by it is not seen. */
  | 'not-hooked'
  /** A worker starts as it is, so what it allocates in a shared heap is not seen. */
  | 'thread-untracked';

/** The others are told once a code, lest a page that loads many modules floods its console. */
export type OnLoadWarning = (code: LoadWarningCode, message: string) => void;

/** An instance of a rewritten module, before anybody else has it. */
export interface LoadedInstance {
  readonly instance: WebAssembly.Instance;
  readonly module: WebAssembly.Module;
  /** Null where the module was rewritten by somebody else: ahead of time, or by the page for a worker. */
  readonly report: InstrumentReport | null;
  /** What the page wrote into a module with shared memory, for its workers; null in any other. */
  readonly threadId: string | null;
  /** Functions by index in the rewritten module; read when first asked for. Empty where it has no names. */
  readonly names: () => ReadonlyMap<number, string>;
  /** Where it was loaded from, where that is known: from streaming. */
  readonly url: string | null;
}

export interface LoadHookOptions {
  readonly instrument?: Omit<InstrumentOptions, 'glue'>;
  /** Which modules to rewrite. Without it, all that have an allocator. */
  readonly match?: (url: string | null, bytes: Uint8Array) => boolean;
  /** Synchronous, between instantiation and the application's hold of it. May throw. */
  readonly onInstance: (loaded: LoadedInstance) => void;
  /** What to write into a module with shared memory, so that workers which are sent it know it. */
  readonly nameThreads?: () => string;
  readonly onWarning?: OnLoadWarning;
  /** For tests. */
  readonly rewrite?: typeof instrumentWasm;
}

export interface Installed {
  /** Puts back what was there, but for what somebody has wrapped since; that is passed through. */
  uninstall(): void;
}

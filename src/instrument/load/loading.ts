// What becomes of a module on its way through an entry point: rewritten or as given, and met as an instance.

import { ADDED_EXPORTS } from '../abi.ts';
import type { InstrumentReport } from '../index.ts';
import { functionNamesOf } from './function-names.ts';
import type { Outcome } from './rewriting.ts';
import { threadIdOf } from './thread-id.ts';
import type { LoadHookOptions, LoadWarningCode } from './types.ts';

interface Known {
  readonly report: InstrumentReport | null;
  readonly url: string | null;
}

export class Loading {
  isActive = true;
  readonly #options: LoadHookOptions;
  /** Modules that were rewritten here. */
  readonly #known = new WeakMap<WebAssembly.Module, Known>();
  readonly #told = new Set<LoadWarningCode>();

  constructor(options: LoadHookOptions) {
    this.#options = options;
  }

  warn(code: LoadWarningCode, message: string): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#options.onWarning?.(code, message);
  }

  /**
   * @param start loads other bytes in place of what was given.
   * @param asGiven loads what was given.
   */
  async load(
    outcome: Outcome,
    url: string | null,
    start: (bytes: Uint8Array<ArrayBuffer>) => unknown,
    asGiven: () => unknown,
  ): Promise<unknown> {
    let failure: unknown = outcome;
    if (outcome && !(outcome instanceof Error)) {
      try {
        const { report } = outcome;
        return this.#meetAll(await start(outcome.bytes), { report, url });
      } catch (error) {
        // Whatever else can go wrong would have gone wrong with the original, too.
        if (!(error instanceof WebAssembly.CompileError)) throw error;
        failure = error;
      }
    }
    const loaded = await asGiven();
    this.#warnOf(failure);
    return loaded;
  }

  /** As `load()`, at once. */
  construct(
    outcome: Outcome,
    start: (bytes: Uint8Array<ArrayBuffer>) => object,
    asGiven: () => object,
  ): object {
    let failure: unknown = outcome;
    if (outcome && !(outcome instanceof Error)) {
      try {
        const module = start(outcome.bytes);
        this.#meetAll(module, { report: outcome.report, url: null });
        return module;
      } catch (error) {
        failure = error;
      }
    }
    const module = asGiven();
    this.#warnOf(failure);
    return module;
  }

  /** Told of every instance before the application has it. */
  meet(instance: unknown, module: WebAssembly.Module): void {
    if (!this.isActive || !(instance instanceof WebAssembly.Instance)) return;
    const { exports } = instance;
    if (!(ADDED_EXPORTS.hooks in exports)) return;
    try {
      this.#options.onInstance({
        instance,
        module,
        report: null,
        url: null,
        ...this.#known.get(module),
        threadId: threadIdOf(module),
        names: () => functionNamesOf(module),
      });
    } catch (error) {
      const enabled = exports[ADDED_EXPORTS.enabled];
      if (enabled instanceof WebAssembly.Global) enabled.value = 0;
      this.warn('not-attached', `The heap of a module is not tracked: ${reasonOf(error)}`);
    }
  }

  /** A module, or an object of module and instance. */
  #meetAll(loaded: unknown, known: Known): unknown {
    if (isModule(loaded)) this.#known.set(loaded, known);
    else if (typeof loaded === 'object' && loaded && 'module' in loaded && 'instance' in loaded) {
      const { module, instance } = loaded;
      if (isModule(module)) {
        this.#known.set(module, known);
        this.meet(instance, module);
      }
    }
    return loaded;
  }

  /** Where loading as given failed, too, there is nothing to tell. */
  #warnOf(failure: unknown): void {
    this.warn(
      'not-instrumented',
      `A module runs as it is, and its heap is not tracked: ${reasonOf(failure)}`,
    );
  }
}

/** Also one of another realm. */
export function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// The naive way to watch a heap, to compare with: JavaScript is called for every malloc and free, and keeps a Map.

import binaryen from 'binaryen';
import { ADDED_EXPORTS, HOOKS } from '../../src/instrument/abi.ts';
import { installLoadHook } from '../../src/instrument/load/index.ts';

/** Hooks by their parameters; all are i32 here. */
const PARAMETERS = {
  allocated: 3,
  freeing: 1,
  composing: 0,
  composed: 3,
  reallocating: 1,
  reallocated: 4,
} as const;

export class NaiveMap {
  readonly #sizes = new Map<number, number>();
  allocations = 0;

  constructor() {
    installLoadHook({ onInstance: ({ instance }) => this.#attach(instance.exports) });
  }

  get liveBlocks(): number {
    return this.#sizes.size;
  }

  #attach(exports: WebAssembly.Exports): void {
    const hooks = exports[ADDED_EXPORTS.hooks];
    const enabled = exports[ADDED_EXPORTS.enabled];
    if (!(hooks instanceof WebAssembly.Table && enabled instanceof WebAssembly.Global)) {
      throw new Error('The module was not instrumented.');
    }
    const sizes = this.#sizes;
    let inner = 0;
    const allocated = (address: number, size: number) => {
      this.allocations += 1;
      sizes.set(address, size);
      inner = address;
    };
    const functions: Record<keyof typeof PARAMETERS, (...values: number[]) => void> = {
      allocated,
      freeing: (address = 0) => sizes.delete(address),
      composing: () => {
        inner = 0;
      },
      composed: (address = 0, size = 0) => {
        if (address === inner) sizes.set(address, size);
        else allocated(address, size);
      },
      reallocating: () => {
        inner = 0;
      },
      reallocated: (old = 0, address = 0, size = 0) => {
        if (address === 0) return;
        if (old !== address) sizes.delete(old);
        if (address === inner) sizes.set(address, size);
        else allocated(address, size);
      },
    };
    const bridge = bridgeTo(functions);
    for (const name of Object.keys(functions)) {
      hooks.set(HOOKS[name as keyof typeof PARAMETERS], bridge[name]);
    }
    enabled.value = 1;
  }
}

/** A table holds functions of WebAssembly only; these hand on to JavaScript. */
function bridgeTo(functions: WebAssembly.ModuleImports): WebAssembly.Exports {
  const lines = Object.entries(PARAMETERS).map(
    ([name, count]) =>
      `(import "js" "${name}" (func $${name} (param ${'i32 '.repeat(count)})))
       (export "${name}" (func $${name}))`,
  );
  const module = binaryen.parseText(`(module ${lines.join('\n')})`);
  const bytes = module.emitBinary();
  module.dispose();
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { js: functions })
    .exports;
}

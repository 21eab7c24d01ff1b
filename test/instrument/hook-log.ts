// A stand-in for the tracker that writes down what the hooks tell, to test the wrappers apart from it.

import { ADDED_EXPORTS, HOOKS, type HookName } from '../../src/instrument/abi.ts';
import { assemble } from './assemble.ts';

export type HookEvent = readonly [hook: HookName, ...values: (number | bigint)[]];

const SIGNATURES: Readonly<Record<HookName, (pointer: string) => string>> = {
  allocated: (p) => `(param ${p} ${p} i32)`,
  freeing: (p) => `(param ${p})`,
  composing: () => '',
  composed: (p) => `(param ${p} ${p} i32)`,
  reallocating: (p) => `(param ${p})`,
  reallocated: (p) => `(param ${p} ${p} ${p} i32)`,
  scopeOpened: () => '(param i32 i32) (result i32)',
  scopeClosed: () => '(param i32)',
  instanceCreated: () => '(param i32 i32 i32)',
  instanceFreeing: () => '(param i32 i32 i32)',
  event: () => '(param i32 i32 i32)',
};
const NAMES = Object.keys(HOOKS) as HookName[];

/** Fills the module's table and switches it on. @returns what is told from now on. */
export function logHooks(
  exports: WebAssembly.Exports,
  pointer: 'i32' | 'i64' = 'i32',
): HookEvent[] {
  const events: HookEvent[] = [];
  let depth = 0;
  const functions = Object.fromEntries(
    NAMES.map((name) => [
      name,
      (...values: (number | bigint)[]) => {
        events.push([name, ...values]);
        if (name === 'scopeClosed') depth = Number(values[0]);
        return name === 'scopeOpened' ? depth++ : undefined;
      },
    ]),
  );
  const { exports: bridge } = new WebAssembly.Instance(compiled[pointer], { log: functions });
  const table = exports[ADDED_EXPORTS.hooks];
  const enabled = exports[ADDED_EXPORTS.enabled];
  if (!(table instanceof WebAssembly.Table && enabled instanceof WebAssembly.Global)) {
    throw new Error('the module is not instrumented');
  }
  for (const name of NAMES) table.set(HOOKS[name], bridge[name]);
  enabled.value = 1;
  return events;
}

/** A table holds functions of WebAssembly only; these hand on to JavaScript. */
function bridge(pointer: string): Uint8Array {
  const lines = NAMES.map((name) => {
    const signature = SIGNATURES[name](pointer);
    return `(import "log" "${name}" (func $${name} ${signature})) (export "${name}" (func $${name}))`;
  });
  return assemble(`(module ${lines.join('\n')})`);
}

/** Modules that hand the hooks on to functions imported from `log`, by pointer type. */
export const HOOK_BRIDGES = { i32: bridge('i32'), i64: bridge('i64') };
/** Before any load hook is there, which would look for an allocator in them. */
const compiled = {
  i32: new WebAssembly.Module(new Uint8Array(HOOK_BRIDGES.i32)),
  i64: new WebAssembly.Module(new Uint8Array(HOOK_BRIDGES.i64)),
};

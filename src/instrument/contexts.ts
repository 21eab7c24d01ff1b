// Which functions carry the probabilistic calling context (Bond and McKinley, OOPSLA 2007): those from which
// the allocator can be reached.

import { InstructionReader, OPCODE, stopsAt } from './instructions.ts';
import { typeOf, type WasmModule } from './module.ts';
import type { FunctionNames } from './names.ts';
import { I64, signature } from './types.ts';

export interface ContextFunctions {
  /** Functions to wrap, by index, ascending; none of them imported or watched. */
  readonly functions: readonly number[];
  /** Those of them that are exported: from there JavaScript enters, and a wrapper must put back the context. */
  readonly exported: ReadonlySet<number>;
  /** Where the `return` and tail calls of all functions of the module stand, ascending. */
  readonly exits: readonly number[];
  /** Whether the module has new-style exceptions (try_table, throw_ref): no legacy try may be added then. */
  readonly usesNewExceptions: boolean;
}

/** Under emulated casts every entry of the table is a thunk before the real function: by name or by type. */
const THUNK = 'byn$fpcast-emu$';
const THUNK_TYPE = `${new Array(16).fill(I64).join()}->${I64}`;

/**
 * Functions of the host that call nothing of the module: what ends it, clocks, files, the size of the memory.
 * Where this is wrong, a context lacks a frame. Any other import may call back, such as `invoke_vi`.
 */
const CALLS_NOTHING =
  /abort|assert|exit|resize_heap|memcpy|memset|clock|time|now$|^fd_|^_*sys|syscall|environ|random|entropy|TempRet0|^_*throw|cxa_throw|longjmp|^_?_?wasi|getpid|sysconf|notify|futex|stack_|checkStack/i;

/**
 * Reverse reachability from `targets` over direct calls, where any function that calls through a table, a
 * reference or the host counts as able to reach them.
 *
 * A function that does a tail call can be wrapped: its wrapper's frame stays, and so does the context. One that
 * is *called* so cannot: each turn of a loop made of tail calls would leave a frame of the wrapper behind.
 *
 * @throws WasmFormatError where code can't be followed.
 */
export function chooseContextFunctions(
  module: WasmModule,
  names: FunctionNames,
  targets: readonly number[],
): ContextFunctions {
  const calls = readCalls(module);
  const reached = new Uint8Array(module.counts.function);
  const queue: number[] = [];
  const reach = (index: number) => {
    if (reached[index] !== 0) return;
    reached[index] = 1;
    queue.push(index);
  };
  for (const target of targets) reach(target);
  for (const index of calls.open) reach(index);
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    const end = calls.firstCaller[index + 1] ?? 0;
    for (let at = calls.firstCaller[index] ?? 0; at < end; at++) reach(calls.callers[at] ?? 0);
  }
  const others = new Set([...targets, ...names.find([`${THUNK}*`]).map(([index]) => index)]);
  const isThunk = module.types.map((type) => type !== null && signature(type) === THUNK_TYPE);
  const functions: number[] = [];
  for (let index = module.imported.function; index < module.counts.function; index++) {
    if (reached[index] === 0 || others.has(index) || calls.isTailCalled(index)) continue;
    if (isThunk[module.functions[index] ?? -1]) continue;
    functions.push(index);
  }
  const chosen = new Set(functions);
  const exported = new Set<number>();
  for (const { kind, index } of module.exports) {
    if (kind === 'function' && chosen.has(index)) exported.add(index);
  }
  return { functions, exported, exits: calls.exits, usesNewExceptions: calls.usesNewExceptions };
}

/**
 * Whether a module has exceptions of the newer form, which can't stand in one module with those of the older.
 *
 * @throws WasmFormatError where code can't be followed.
 */
export function usesNewExceptions(module: WasmModule): boolean {
  const reader = new InstructionReader(module.bytes);
  for (const body of module.bodies) if (reader.open(body).nextOf(NEW_EXCEPTIONS)) return true;
  return false;
}
const NEW_EXCEPTIONS = stopsAt(OPCODE.tryTable, OPCODE.throwRef);

interface Calls {
  /** Callers of function i: from firstCaller[i] up to firstCaller[i + 1]; one for each call. */
  readonly firstCaller: Uint32Array;
  readonly callers: Uint32Array;
  /** Functions whose callees are not all known. */
  readonly open: readonly number[];
  isTailCalled(index: number): boolean;
  readonly exits: readonly number[];
  readonly usesNewExceptions: boolean;
}

const CALLS_AND_EXCEPTIONS = stopsAt(
  ...[OPCODE.call, OPCODE.returnCall, OPCODE.callIndirect, OPCODE.returnCallIndirect],
  ...[OPCODE.callRef, OPCODE.returnCallRef, OPCODE.tryTable, OPCODE.throwRef, OPCODE.return],
);

function readCalls(module: WasmModule): Calls {
  const { function: imported } = module.imported;
  const callsNothing = module.imports
    .filter(({ kind }) => kind === 'function')
    .map((entry) => entry.module.startsWith('wasi_') || CALLS_NOTHING.test(entry.name));
  const from: number[] = [];
  const to: number[] = [];
  const open: number[] = [];
  const exits: number[] = [];
  const tailCalled = new Set<number>();
  const tailCalledShapes = new Set<string>();
  let usesNewExceptions = false;
  let caller = imported;
  const reader = new InstructionReader(module.bytes);
  for (const body of module.bodies) {
    let isOpen = false;
    reader.open(body);
    while (reader.nextOf(CALLS_AND_EXCEPTIONS)) {
      const { opcode, immediate } = reader;
      if (isExit(opcode)) exits.push(reader.start);
      if (opcode === OPCODE.return) continue;
      if (opcode === OPCODE.call || opcode === OPCODE.returnCall) {
        if (opcode === OPCODE.returnCall) tailCalled.add(immediate);
        if (immediate >= imported) {
          from.push(caller);
          to.push(immediate);
        } else if (!callsNothing[immediate]) isOpen = true;
      } else if (opcode === OPCODE.callIndirect || opcode === OPCODE.callRef) isOpen = true;
      else if (opcode === OPCODE.returnCallIndirect || opcode === OPCODE.returnCallRef) {
        isOpen = true;
        tailCalledShapes.add(shapeOfType(module, immediate));
      } else usesNewExceptions = true;
    }
    if (isOpen) open.push(caller);
    caller += 1;
  }
  return {
    ...byCallee(module.counts.function, from, to),
    open,
    exits,
    isTailCalled: (index) =>
      tailCalled.has(index) ||
      (tailCalledShapes.size > 0 && tailCalledShapes.has(shapeOf(typeOf(module, index)))),
    usesNewExceptions,
  };
}

function isExit(opcode: number): boolean {
  return (
    opcode === OPCODE.return ||
    opcode === OPCODE.returnCall ||
    opcode === OPCODE.returnCallIndirect ||
    opcode === OPCODE.returnCallRef
  );
}

/** Functions of a subtype may be called, too: they have as many parameters and results. */
function shapeOf(type: { parameters: readonly unknown[]; results: readonly unknown[] }): string {
  return `${type.parameters.length}->${type.results.length}`;
}

function shapeOfType(module: WasmModule, index: number): string {
  const type = module.types[index];
  return type ? shapeOf(type) : '';
}

function byCallee(
  functions: number,
  from: readonly number[],
  to: readonly number[],
): Pick<Calls, 'firstCaller' | 'callers'> {
  // Loops over indices: there is a turn for each call of the module.
  const firstCaller = new Uint32Array(functions + 1);
  const callers = new Uint32Array(from.length);
  for (let call = 0; call < to.length; call++) {
    const next = (to[call] as number) + 1;
    // One that is not there is passed over, as writing beyond an array of numbers is.
    firstCaller[next] = (firstCaller[next] as number) + 1;
  }
  for (let index = 0; index < functions; index++) {
    firstCaller[index + 1] = (firstCaller[index + 1] as number) + (firstCaller[index] as number);
  }
  const places = firstCaller.slice();
  for (let call = 0; call < to.length; call++) {
    const callee = to[call] as number;
    const place = places[callee] as number;
    callers[place] = from[call] as number;
    places[callee] = place + 1;
  }
  return { firstCaller, callers };
}

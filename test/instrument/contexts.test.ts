import { describe, expect, test } from 'vitest';
import { findAllocator } from '../../src/instrument/allocator/index.ts';
import { chooseContextFunctions, usesNewExceptions } from '../../src/instrument/contexts.ts';
import { InstructionReader, OPCODE } from '../../src/instrument/instructions.ts';
import { bodyOf, parseModule, type WasmModule } from '../../src/instrument/module.ts';
import { namesGiven, readFunctionNames } from '../../src/instrument/names.ts';
import { assemble } from './assemble.ts';
import { FOREIGN, readGegl } from './foreign-modules.ts';

const NO_NAMES = namesGiven(new Map());

/** Names of the functions that carry the context, of those by which JavaScript enters, and so on. */
function choose(text: string, watched: readonly string[] = ['malloc', 'free']) {
  const module = parseModule(assemble(`(module ${text})`));
  const names = readFunctionNames(module);
  const indices = [...names.all()].flatMap(([index, name]) =>
    watched.includes(name) ? index : [],
  );
  const chosen = chooseContextFunctions(module, names, indices);
  const named = (list: Iterable<number>) =>
    [...list].map((index) => names.get(index) ?? `${index}`);
  return {
    functions: named(chosen.functions),
    exported: named(chosen.exported),
    usesNewExceptions: chosen.usesNewExceptions,
  };
}

const allocator = `(memory 1)
  (func $malloc (export "malloc") (param i32) (result i32) (i32.load (local.get 0)))
  (func $free (param i32) (i32.store (local.get 0) (i32.const 1)))`;

describe('chooseContextFunctions', () => {
  test('takes those that reach the allocator, however far; none of the others', () => {
    const { functions, exported } = choose(`${allocator}
      (func $main (export "main") (call $outer))
      (func $outer (call $inner))
      (func $inner (drop (call $malloc (i32.const 8))))
      (func $cleaner (call $free (i32.const 8)))
      (func $leaf (export "leaf") (result i32) (i32.const 1))
      (func $user (export "user") (result i32) (call $leaf))
      (func $ring (call $ring2)) (func $ring2 (call $ring))`);
    expect(functions).toEqual(['main', 'outer', 'inner', 'cleaner']);
    expect(exported).toEqual(['main']);
  });

  test('takes those that call the host, but for what calls nothing back', () => {
    const { functions } = choose(`
      (import "env" "update" (func $update)) (import "env" "emscripten_date_now" (func $now))
      ${allocator} (func $frame (call $update)) (func $clock (call $now))`);
    expect(functions).toEqual(['frame']);
  });

  test('takes those that call through a table or a reference, and their callers', () => {
    const { functions } = choose(`${allocator} (table 1 funcref) (type $f (func))
      (func $table (call_indirect (type $f) (i32.const 0)))
      (func $reference (param (ref $f)) (call_ref $f (local.get 0)))
      (func $caller (call $table))
      (func $leaf (drop (i32.load (i32.const 0))))`);
    expect(functions).toEqual(['table', 'reference', 'caller']);
  });

  test('takes those that call the host where that may call back', () => {
    const { functions } = choose(`
      (import "env" "invoke_vi" (func $invoke_vi (param i32 i32)))
      (import "env" "emscripten_get_now" (func $now (result f64)))
      (import "env" "__assert_fail" (func $fail (param i32)))
      (import "wasi_snapshot_preview1" "x" (func $write (param i32)))
      ${allocator}
      (func $invokes (call $invoke_vi (i32.const 1) (i32.const 2)))
      (func $clock (drop (call $now)))
      (func $asserts (call $fail (i32.const 1)))
      (func $writes (call $write (i32.const 1)))`);
    expect(functions).toEqual(['invokes']);
  });

  test('takes a function that does a tail call, but none that is called so', () => {
    const { functions } = choose(`${allocator}
      (func $starts (param i32) (result i32) (return_call $even (local.get 0)))
      (func $even (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (call $malloc (i32.const 1)))))
        (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
      (func $odd (param i32) (result i32) (return_call $even (i32.sub (local.get 0) (i32.const 1))))`);
    expect(functions).toEqual(['starts']);
  });

  test('takes none of a shape that is called by an indirect tail call', () => {
    const { functions } = choose(`${allocator} (table 2 funcref) (type $f (func (param i32)))
      (func $turns (param i32) (return_call_indirect (type $f) (i32.const 1) (local.get 0)))
      (func $same (param i32) (call $free (local.get 0)))
      (func $another (param i32 i32) (call $free (local.get 1)))`);
    expect(functions).toEqual(['another']);
  });

  test('tells exceptions of the newer form', () => {
    const newer = `${allocator} (tag $t) (func $f (block $all (try_table (catch_all $all) (throw $t))))`;
    const older = `${allocator} (tag $t) (func $f (try (do (throw $t)) (catch_all)))`;
    expect(choose(newer).usesNewExceptions).toBe(true);
    expect(choose(older).usesNewExceptions).toBe(false);
    expect(usesNewExceptions(parseModule(assemble(`(module ${newer})`)))).toBe(true);
    expect(usesNewExceptions(parseModule(assemble(`(module ${older})`)))).toBe(false);
  });

  test('refuses code that it can not follow', () => {
    const bytes = assemble(`(module ${allocator})`);
    const module = parseModule(bytes);
    const [body] = module.bodies;
    bytes[(body?.start ?? 0) + 1] = 0x27;
    expect(() => chooseContextFunctions(module, NO_NAMES, [0])).toThrow(/unknown instruction 0x27/);
  });
});

/** The same by its definition, slowly: functions from which a walk over calls meets a target or the unknown. */
function reachingByDefinition(module: WasmModule, targets: readonly number[]): Set<number> {
  const goals = new Set(targets);
  const callees = new Map<number, Set<number>>();
  const open = new Set<number>();
  const reader = new InstructionReader(module.bytes);
  for (let index = module.imported.function; index < module.counts.function; index++) {
    const body = bodyOf(module, index);
    if (!body) continue;
    const called = new Set<number>();
    reader.open(body);
    while (reader.next()) {
      if (reader.opcode === OPCODE.call) called.add(reader.immediate);
      if (reader.opcode === OPCODE.callIndirect) open.add(index);
    }
    callees.set(index, called);
  }
  let size = -1;
  const reaching = new Set([...goals, ...open]);
  while (reaching.size !== size) {
    size = reaching.size;
    for (const [index, called] of callees) {
      if ([...called].some((callee) => reaching.has(callee))) reaching.add(index);
    }
  }
  return reaching;
}

describe('on real modules', () => {
  test.each(['sql.js', 'libheif', 'vips', 'opencv'])(
    '%s: every function that reaches the allocator or an indirect call is taken',
    (name) => {
      const foreign = FOREIGN.find((candidate) => candidate.name === name);
      if (!foreign) throw new Error(`no module ${name}`);
      const module = parseModule(foreign.bytes);
      const options = foreign.glue === undefined ? {} : { glue: foreign.glue };
      const { functions } = findAllocator(module, NO_NAMES, options);
      const targets = functions.map(({ index }) => index);
      const chosen = new Set(chooseContextFunctions(module, NO_NAMES, targets).functions);
      const wanted = reachingByDefinition(module, targets);
      for (const target of targets) wanted.delete(target);
      expect([...wanted].filter((index) => !chosen.has(index))).toEqual([]);
      expect(chosen.size).toBeLessThan(module.bodies.length);
      expect(targets.some((target) => chosen.has(target))).toBe(false);
    },
  );

  test('of GEGL no thunk of the emulated casts is taken, with or without names', () => {
    for (const name of ['gegl', 'gegl-stripped'] as const) {
      const { bytes, glue = '' } = readGegl(name);
      const module = parseModule(bytes);
      const names = readFunctionNames(module);
      const targets = findAllocator(module, names, { glue }).functions.map(({ index }) => index);
      const { functions, exported } = chooseContextFunctions(module, names, targets);
      const thunks = functions.filter((index) => names.get(index)?.startsWith('byn$fpcast-emu$'));
      expect(thunks).toEqual([]);
      const sixteen = functions.filter(
        (index) => module.types[module.functions[index] ?? -1]?.parameters.length === 16,
      );
      expect(sixteen.length).toBeLessThan(10);
      expect(functions.length).toBeGreaterThan(4000);
      expect(functions.length).toBeLessThan(module.bodies.length * 0.6);
      expect(exported.size).toBeGreaterThan(20);
    }
  });
});

import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { ADDED_EXPORTS } from '../../src/instrument/abi.ts';
import {
  type InstrumentOptions,
  instrumentWasm,
  toOriginal,
  toRewritten,
  WasmFormatError,
} from '../../src/instrument/index.ts';
import { InstructionReader } from '../../src/instrument/instructions.ts';
import { parseModule } from '../../src/instrument/module.ts';
import { readFunctionNames } from '../../src/instrument/names.ts';
import { assemble } from './assemble.ts';
import { type HookEvent, logHooks } from './hook-log.ts';

setFlagsFromString('--experimental-wasm-memory64');

/** An allocator that only goes forward, with every function that an allocator may have. */
const ALLOCATOR = `
  (import "env" "callback" (func $callback))
  (memory (export "memory") 2)
  (global $top (mut i32) (i32.const 1024))
  (func $malloc (export "malloc") (param $size i32) (result i32)
    (local $address i32)
    (if (i32.gt_u (local.get $size) (i32.const 60000)) (then (return (i32.const 0))))
    (local.set $address (global.get $top))
    (global.set $top (i32.add (global.get $top)
      (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -8))))
    (local.get $address))
  (func $free (export "free") (param $address i32)
    (if (local.get $address) (then (i32.store (local.get $address) (i32.const 0)))))
  (func $calloc (export "calloc") (param $count i32) (param $size i32) (result i32)
    (call $malloc (i32.mul (local.get $count) (local.get $size))))
  (func $realloc (export "realloc") (param $old i32) (param $size i32) (result i32)
    (local $address i32)
    (if (i32.eqz (local.get $old)) (then (return (call $malloc (local.get $size)))))
    (local.set $address (call $malloc (local.get $size)))
    (if (local.get $address) (then (call $free (local.get $old))))
    (local.get $address))
  (func $memalign (export "memalign") (param $alignment i32) (param $size i32) (result i32)
    (i32.and
      (i32.add (call $malloc (i32.add (local.get $size) (local.get $alignment))) (i32.sub (local.get $alignment) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $alignment))))
  (func $posix_memalign (export "posix_memalign") (param $result i32) (param $alignment i32) (param $size i32) (result i32)
    (i32.store (local.get $result) (call $memalign (local.get $alignment) (local.get $size)))
    (i32.const 0))
  (func $work (export "work") (param $object i32) (result i32)
    (call $callback)
    (call $malloc (i32.const 24)))
  (func $create_instance (export "create_instance") (param $type i32) (result i32)
    (local $address i32)
    (local.set $address (call $malloc (i32.const 8)))
    (i32.store (local.get $address) (local.get $type))
    (local.get $address))
  (func $free_instance (export "free_instance") (param $address i32) (call $free (local.get $address)))
  (func $two (export "two") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))`;

type Exports = Record<string, (...values: unknown[]) => number>;

function start(
  options: InstrumentOptions = {},
  callback = () => {},
): { exports: Exports; events: HookEvent[]; report: ReturnType<typeof instrumentWasm>['report'] } {
  const { bytes, report } = instrumentWasm(assemble(`(module ${ALLOCATOR})`), options);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {
    env: { callback },
  });
  return { exports: instance.exports as Exports, events: logHooks(instance.exports), report };
}

describe('the wrappers', () => {
  it('tell of malloc after it, of free before it, and of neither for NULL', () => {
    const { exports, events } = start();
    const address = exports.malloc?.(10);
    expect(events).toEqual([['allocated', address, 10, 0]]);
    expect(exports.malloc?.(1_000_000)).toBe(0);
    exports.free?.(0);
    expect(events).toHaveLength(1);
    exports.free?.(address);
    expect(events.slice(1)).toEqual([['freeing', address]]);
  });

  it('tell of what is composed of other allocations with its own address and size', () => {
    const { exports, events } = start();
    const zeroed = exports.calloc?.(3, 5);
    const aligned = exports.memalign?.(64, 100);
    expect(exports.posix_memalign?.(512, 32, 7)).toBe(0);
    expect(events.filter(([name]) => name === 'composed')).toEqual([
      ['composed', zeroed, 15, 0],
      ['composed', aligned, 100, 0],
      ['composed', expect.any(Number), 7, 0],
      ['composed', expect.any(Number), 7, 0],
    ]);
    const [, , last, outer] = events.filter(([name]) => name === 'composed');
    expect(outer).toEqual(last);
    expect(events.map(([name]) => name).slice(0, 3)).toEqual([
      'composing',
      'allocated',
      'composed',
    ]);
  });

  it('tell of realloc with the old address, also where it fails', () => {
    const { exports, events } = start();
    const first = exports.malloc?.(16);
    events.length = 0;
    const second = exports.realloc?.(first, 32);
    expect(events[0]).toEqual(['reallocating', first]);
    expect(events.at(-1)).toEqual(['reallocated', first, second, 32, 0]);
    expect(exports.realloc?.(second, 100_000)).toBe(0);
    expect(events.at(-1)).toEqual(['reallocated', second, 0, 100_000, 0]);
  });

  it.each(['i32', 'i64'] as const)(
    'tell of no release where the product of a reallocarray is too large (%s)',
    (pointer) => {
      const number = pointer === 'i64' ? BigInt : Number;
      const half = 2n ** (pointer === 'i64' ? 63n : 31n);
      const p = pointer;
      const { bytes } = instrumentWasm(
        assemble(`(module (memory ${p === 'i64' ? 'i64' : ''} 1)
        (func $malloc (export "malloc") (param ${p}) (result ${p}) (${p}.const 1024))
        (func $free (export "free") (param $address ${p})
          (if (${p}.ne (local.get $address) (${p}.const 0)) (then (${p}.store (local.get $address) (${p}.const 0)))))
        (func $reallocarray (export "reallocarray") (param $old ${p}) (param $count ${p}) (param $size ${p}) (result ${p})
          (if (${p}.eqz (local.get $size)) (then (return (${p}.const 0))))
          (select (${p}.const 0) (${p}.const 2048)
            (${p}.gt_u (local.get $count) (${p}.div_u (${p}.const -1) (local.get $size))))))`),
      );
      const module = new WebAssembly.Module(new Uint8Array(bytes));
      const { exports } = new WebAssembly.Instance(module);
      const events = logHooks(exports, pointer);
      const reallocarray = (...[count, size]: [bigint | number, bigint | number]) => {
        const result = (exports as Record<string, CallableFunction>).reallocarray?.(
          number(1024),
          number(count),
          number(size),
        );
        return [result, events.at(-1)?.[3]].map(Number);
      };
      expect(reallocarray(3, 5)).toEqual([2048, 15]);
      expect(reallocarray(half, 6)).toEqual([0, 6]);
      expect(reallocarray(4, half)).toEqual([0, 4]);
      expect(reallocarray(7, 0)).toEqual([0, 0]);
      expect(reallocarray(0, 0)).toEqual([0, 0]);
    },
  );

  it('say nothing, and work, as long as they are not enabled', () => {
    const { exports, events } = start();
    (exports[ADDED_EXPORTS.enabled] as unknown as WebAssembly.Global).value = 0;
    const address = exports.calloc?.(2, 8);
    exports.free?.(exports.realloc?.(address, 64));
    expect(address).toBeGreaterThan(0);
    expect(events).toEqual([]);
  });

  it('open and close a scope with the word that its parameter points to', () => {
    const { exports, events } = start({
      probes: [{ name: 'work', kind: 'scope', key: 'pointee' }],
    });
    const object = exports.create_instance?.(77);
    events.length = 0;
    const address = exports.work?.(object);
    expect(events).toEqual([
      ['scopeOpened', 0, 77],
      ['allocated', address, 24, 0],
      ['scopeClosed', 0],
    ]);
    events.length = 0;
  });

  it.each([0xffff_fff0, 0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 0x1_fffd, 0x1_ffff, 0x2_0000])(
    'read nothing where a parameter points to no word of the memory: %i',
    (address) => {
      const { exports, events } = start({
        probes: [{ name: 'work', kind: 'scope', key: 'pointee' }],
      });
      exports.work?.(address);
      expect(events[0]).toEqual(['scopeOpened', 0, 0]);
    },
  );

  it('read the last word of the memory', () => {
    const { exports, events } = start({
      probes: [{ name: 'work', kind: 'scope', key: 'pointee' }],
    });
    const memory = exports[ADDED_EXPORTS.memory] as unknown as WebAssembly.Memory;
    const address = memory.buffer.byteLength - 4;
    new DataView(memory.buffer).setUint32(address, 78, true);
    exports.work?.(address);
    expect(events[0]).toEqual(['scopeOpened', 0, 78]);
  });

  it('close a scope that is left by an exception, and let the exception pass', () => {
    const failure = new Error('from the page');
    const { exports, events } = start({ probes: [{ name: 'work', kind: 'scope' }] }, () => {
      throw failure;
    });
    expect(() => exports.work?.(5)).toThrow(failure);
    expect(events).toEqual([
      ['scopeOpened', 0, 5],
      ['scopeClosed', 0],
    ]);
  });

  it('tell of instances and of calls, by the place of the probe in the options', () => {
    const { exports, events, report } = start({
      probes: [
        { name: 'create_instance', kind: 'created', key: 'pointee' },
        { name: 'free_instance', kind: 'freeing', key: 'pointee' },
        { name: 'there is no such function', kind: 'call' },
        { name: 'create_instance', kind: 'result' },
        { name: 'two', kind: 'call' },
      ],
    });
    const instance = exports.create_instance?.(9);
    exports.free_instance?.(instance);
    expect(events.filter(([name]) => /instance|event/.test(name))).toEqual([
      ['event', 3, 0, instance],
      ['instanceCreated', 0, instance, 9],
      ['instanceFreeing', 1, instance, 9],
    ]);
    expect(exports.two?.(12n, 1.5)).toEqual([1.5, 12n]);
    expect(events.at(-1)).toEqual(['event', 4, 12, 0]);
    expect(report.probes.map(({ index }) => index === null)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it('hand on a calling context that tells callers apart, and put it back after an exception', () => {
    let throws = false;
    const { exports, events, report } = start({ contexts: true }, () => {
      if (throws) throw new Error('from the page');
    });
    exports.work?.(1);
    exports.create_instance?.(1);
    exports.work?.(1);
    const contexts = events
      .filter(([name]) => name === 'allocated')
      .map(([, , , context]) => context);
    expect(contexts[0]).toBe(contexts[2]);
    expect(contexts[0]).not.toBe(contexts[1]);
    expect(contexts[0]).not.toBe(0);
    throws = true;
    expect(() => exports.work?.(1)).toThrow('from the page');
    expect((exports[ADDED_EXPORTS.context] as unknown as WebAssembly.Global).value).toBe(0);
    expect(report.contexts).toBeGreaterThanOrEqual(2);
  });
});

describe('the rewritten module', () => {
  const original = assemble(`(module ${ALLOCATOR})`);

  it('is the same for the same bytes and options', () => {
    const options: InstrumentOptions = { probes: [{ name: 'work', kind: 'scope' }] };
    expect(instrumentWasm(original, options)).toEqual(instrumentWasm(original.slice(), options));
  });

  it('keeps all indices, and names what it added', () => {
    const { bytes, report } = instrumentWasm(original);
    const [before, after] = [parseModule(original), parseModule(bytes)];
    expect(after.exports.slice(0, before.exports.length)).toEqual(before.exports);
    const names = readFunctionNames(after);
    for (const [index, name] of readFunctionNames(before).all())
      expect(names.get(index)).toBe(name);
    expect(report.moved.length).toBeGreaterThan(0);
    expect(after.functions.length).toBe(report.functions + report.moved.length);
    report.moved.forEach((index, place) => {
      expect(names.get(report.functions + place)).toMatch(
        new RegExp(`^memprof:(original|wrapper) ${names.get(index)}$`),
      );
    });
  });

  it('has its code where the offset map says, all of it one constant away but the moved bodies', () => {
    const { bytes, report } = instrumentWasm(original);
    const before = parseModule(original);
    const moved = new Set(report.moved);
    const shifts = new Set<number>();
    [...before.bodies].forEach(({ start, end }, at) => {
      const to = toRewritten(report.offsetMap, start);
      expect(to).not.toBeNull();
      expect(bytes.slice(to ?? 0, (to ?? 0) + end - start)).toEqual(original.slice(start, end));
      expect(toOriginal(report.offsetMap, to ?? 0)).toBe(start);
      if (!moved.has(at + before.imported.function)) shifts.add((to ?? 0) - start);
    });
    expect(shifts.size).toBe(1);
  });

  it('has its code where the offset map says with contexts, too', () => {
    const { bytes, report } = instrumentWasm(original, { contexts: true });
    const instructions = new InstructionReader(original);
    let count = 0;
    for (const body of parseModule(original).bodies) {
      instructions.open(body);
      while (instructions.next()) {
        const { start, offset } = instructions;
        const to = toRewritten(report.offsetMap, start) ?? 0;
        expect(bytes.slice(to, to + offset - start)).toEqual(original.slice(start, offset));
        expect(toOriginal(report.offsetMap, to)).toBe(start);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  it('is refused as input, and so is an object file', () => {
    const { bytes } = instrumentWasm(original);
    expect(() => instrumentWasm(bytes)).toThrow(/instrumented already/);
    const object = new Uint8Array([
      ...original,
      0,
      9,
      7,
      ...new TextEncoder().encode('linking'),
      2,
    ]);
    expect(() => instrumentWasm(object)).toThrow(WasmFormatError);
  });
});

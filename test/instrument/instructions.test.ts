import { describe, expect, test } from 'vitest';
import { WasmFormatError } from '../../src/instrument/errors.ts';
import {
  InstructionReader,
  OPCODE,
  stopsAt,
  stopsAtLong,
} from '../../src/instrument/instructions.ts';
import { parseModule, type WasmModule } from '../../src/instrument/module.ts';
import { s32 } from '../../src/instrument/writer.ts';
import { randomNumbers } from '../random-numbers.ts';
import { assemble } from './assemble.ts';
import { FEATURES } from './features.ts';
import { FOREIGN, readGegl, SIDE_MODULES } from './foreign-modules.ts';

const OPENS = new Set([0x02, 0x03, 0x04, 0x06, 0x1f]);
const DELEGATE = 0x18;

/**
 * Walks all functions of a module. Blocks that are balanced only at the very end of each function, and indices
 * that are all in range, are what a misread immediate would break within a few instructions.
 */
function walk(bytes: Uint8Array): { instructions: number; calls: number; opcodes: Set<number> } {
  const module = parseModule(bytes);
  const reader = new InstructionReader(bytes);
  const opcodes = new Set<number>();
  let instructions = 0;
  let calls = 0;
  for (const body of module.bodies) {
    let depth = 1;
    reader.open(body);
    while (reader.next()) {
      const { opcode, immediate } = reader;
      instructions += 1;
      opcodes.add(opcode);
      if (depth === 0) throw new Error(`instructions behind the end at ${reader.start}`);
      if (OPENS.has(opcode)) depth += 1;
      if (opcode === OPCODE.end || opcode === DELEGATE) depth -= 1;
      if (opcode !== OPCODE.call && opcode !== OPCODE.refFunc) continue;
      calls += 1;
      if (immediate >= module.counts.function) throw new Error(`no function ${immediate}`);
    }
    if (depth !== 0 || reader.offset !== body.end) throw new Error(`unbalanced at ${body.start}`);
  }
  return { instructions, calls, opcodes };
}

/** A body with this code, and an `end`. */
function bodyOf(...code: readonly number[]): InstructionReader {
  const bytes = Uint8Array.from([0, ...code, OPCODE.end]);
  return new InstructionReader(bytes).open({ entry: 0, start: 0, end: bytes.length });
}

describe('walks every function', () => {
  const modules = [...FOREIGN, ...SIDE_MODULES, readGegl('gegl'), readGegl('gegl-stripped')];
  test.each(modules.map((module) => [module.name, module] as const))(
    'of %s',
    (_name, { bytes }) => {
      const { instructions, calls } = walk(bytes);
      expect(instructions).toBeGreaterThan(bytes.length / 10);
      expect(calls).toBeGreaterThan(100);
    },
  );

  test.each(FEATURES.map((feature) => [feature.name, feature.bytes] as const))(
    'of a module with %s',
    (_name, bytes) => {
      expect(walk(bytes).instructions).toBeGreaterThan(5);
    },
  );
});

describe('passes over what does not stop it', () => {
  const groups = [
    [OPCODE.call, OPCODE.i32Const, OPCODE.i64Const, 0x28, 0x36, 0x3e],
    [OPCODE.tryTable, OPCODE.throwRef, OPCODE.callIndirect, OPCODE.returnCall],
    [OPCODE.end, 0x02, 0x0e, 0x1c],
    [],
  ];
  const read = ({ start, offset, opcode, immediate }: InstructionReader) =>
    `${start} ${offset} ${opcode} ${immediate}`;

  /** What stops it and the error, by one way or the other. */
  function outcome(
    module: WasmModule,
    opcodes: readonly number[],
    passesOver: boolean,
    stops = stopsAt(...opcodes),
  ): string[] {
    const reader = new InstructionReader(module.bytes);
    const seen: string[] = [];
    for (const body of module.bodies) {
      try {
        reader.open(body);
        while (passesOver ? reader.nextOf(stops) : reader.next()) {
          if (opcodes.includes(reader.opcode)) seen.push(read(reader));
        }
        seen.push(`end ${reader.offset} ${reader.opcode}`);
      } catch (error) {
        if (!(error instanceof WasmFormatError)) throw error;
        seen.push(error.message);
      }
    }
    return seen;
  }

  const modules = [
    ...FEATURES.map(({ name, bytes }) => [name, bytes] as const),
    ...FOREIGN.slice(0, 1).map(({ name, bytes }) => [name, bytes] as const),
  ];
  test.each(modules)('in %s', (_name, bytes) => {
    const module = parseModule(bytes);
    for (const opcodes of groups) {
      expect(outcome(module, opcodes, true)).toEqual(outcome(module, opcodes, false));
    }
  });

  test.each(modules)('but for numbers of several bytes, in %s', (_name, bytes) => {
    const module = parseModule(bytes);
    const opcodes = [OPCODE.call, OPCODE.i32Const, OPCODE.firstLoad, OPCODE.lastStore];
    const isLong = (line: string) => {
      const [start = 0, offset = 0, opcode] = line.split(' ').map(Number);
      const hasAlignment = opcode === OPCODE.firstLoad || opcode === OPCODE.lastStore;
      return line.startsWith('end') || offset - start > (hasAlignment ? 3 : 2);
    };
    const long = outcome(module, opcodes, false).filter(isLong);
    expect(outcome(module, opcodes, true, stopsAtLong(...opcodes)).filter(isLong)).toEqual(long);
  });

  test('refuses the same damaged code, at the same place', () => {
    const random = randomNumbers(4);
    const refused = new Set<string>();
    for (const { bytes } of FEATURES) {
      const { bodies } = parseModule(bytes);
      for (let round = 0; round < 40; round++) {
        const damaged = bytes.slice();
        for (const { start, end } of bodies) {
          damaged[start + Math.floor(random() * (end - start))] = Math.floor(random() * 256);
        }
        const module = { ...parseModule(bytes), bytes: damaged };
        const [opcodes = []] = groups;
        const expected = outcome(module, opcodes, false);
        expect(outcome(module, opcodes, true)).toEqual(expected);
        for (const line of expected) if (line.startsWith('At byte')) refused.add(line);
      }
    }
    expect(refused.size).toBeGreaterThan(100);
  });
});

describe('knows the instructions', () => {
  const modules: Record<string, [text: string, opcodes: number[]]> = {
    'sign extension and saturating conversion': [
      `(func (param f64) (result i32) (i32.extend8_s (i32.trunc_sat_f64_u (local.get 0))))`,
      [0xc0, 0xfc003],
    ],
    'multi-value blocks': [
      `(func (param i32) (result i32 i64)
         (block $out (result i32 i64)
           (if (local.get 0) (then (br $out (local.get 0) (i64.const -300))))
           (br $out (i32.const 7) (i64.const 5))))`,
      [0x02, 0x42],
    ],
    'reference types and tables': [
      `(table $t 4 funcref) (elem declare func $f) (elem $e func $f)
       (func $f (param i32)
         (table.set $t (i32.const 1) (ref.func $f)) (drop (table.get $t (i32.const 0)))
         (drop (table.grow $t (ref.null func) (i32.const 1))) (drop (table.size $t))
         (table.fill $t (i32.const 0) (ref.null func) (i32.const 1))
         (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e)
         (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))
         (drop (select (result funcref) (ref.null func) (ref.func $f) (local.get 0)))
         (drop (ref.is_null (ref.func $f))))`,
      [0x25, 0x26, 0xd0, 0xd1, 0xd2, 0x1c, 0xfc00c, 0xfc00d, 0xfc00e, 0xfc00f, 0xfc010, 0xfc011],
    ],
    'bulk memory': [
      `(memory 1) (data $d "abc")
       (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $d)
         (memory.copy (i32.const 0) (i32.const 1) (i32.const 2))
         (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)) (drop (memory.grow (memory.size))))`,
      [0xfc008, 0xfc009, 0xfc00a, 0xfc00b, 0x3f, 0x40],
    ],
    'SIMD and relaxed SIMD': [
      `(memory 1) (func (param v128) (result v128)
         (v128.store8_lane offset=300 3 (i32.const 0) (local.get 0))
         (drop (v128.load32_zero (i32.const 4)))
         (drop (i8x16.extract_lane_s 15 (local.get 0)))
         (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 0) (local.get 0)))
         (i32x4.relaxed_trunc_f32x4_s (f64x2.add (local.get 0) (v128.const i64x2 -1 11))))`,
      [0xfd058, 0xfd05c, 0xfd015, 0xfd00d, 0xfd00c, 0xfd0f0, 0xfd101],
    ],
    threads: [
      `(memory 1 1 shared) (func (result i32) (atomic.fence)
         (drop (i64.atomic.rmw.add offset=16 (i32.const 0) (i64.const 1)))
         (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
         (memory.atomic.notify (i32.const 0) (i32.const 1)))`,
      [0xfe000, 0xfe001, 0xfe003, 0xfe01f],
    ],
    'tail calls and calls of references': [
      `(type $f (func (param i32) (result i32))) (table $t 1 funcref)
       (func $a (param i32) (result i32) (return_call $a (local.get 0)))
       (func (param i32) (result i32) (return_call_indirect $t (type $f) (local.get 0) (i32.const 0)))
       (func (param (ref $f)) (result i32) (return_call_ref $f (i32.const 1) (local.get 0)))
       (func (param (ref null $f)) (result i32) (block $out (result i32)
         (call_ref $f (i32.const 1) (ref.as_non_null (local.get 0)))))`,
      [0x12, 0x13, 0x14, 0x15],
    ],
    'exceptions of the newer form': [
      `(tag $t (param i32))
       (func (result i32) (block $h (result i32 exnref)
           (try_table (result i32) (catch_ref $t $h) (throw $t (i32.const 3))) (return))
         (throw_ref))
       (func (block $all (try_table (catch_all $all) (throw $t (i32.const 3)))))`,
      [0x08, 0x0a, 0x1f],
    ],
    'exceptions of the older form': [
      `(tag $t (param i32))
       (func $f (try $outer (do (throw $t (i32.const 1)))
         (catch $t (drop) (rethrow $outer)) (catch_all)))
       (func (try $out (do (try (do (call $f)) (delegate $out))) (catch_all)))`,
      [0x06, 0x07, 0x08, 0x09, 0x18, 0x19],
    ],
    'garbage collection': [
      `(type $s (struct (field (mut i32)))) (type $a (array (mut i8))) (data $d "abc")
       (func (param anyref) (result i32) (local $r (ref null $a))
         (local.set $r (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))
         (array.fill $a (local.get $r) (i32.const 0) (i32.const 1) (i32.const 1))
         (array.copy $a $a (local.get $r) (i32.const 0) (local.get $r) (i32.const 1) (i32.const 1))
         (array.init_data $a $d (local.get $r) (i32.const 0) (i32.const 0) (i32.const 1))
         (drop (ref.test (ref $s) (local.get 0)))
         (drop (block $is (result (ref $s))
           (drop (br_on_cast $is anyref (ref $s) (local.get 0))) (return (i32.const 0))))
         (struct.set $s 0 (struct.new_default $s) (i32.const 4))
         (drop (ref.cast (ref null $s) (local.get 0)))
         (i31.get_u (ref.i31 (array.get_u $a (local.get $r) (i32.const 0)))))`,
      [0xfb001, 0xfb005, 0xfb008, 0xfb00d, 0xfb010, 0xfb011, 0xfb012, 0xfb014, 0xfb017, 0xfb018],
    ],
    'several memories of 64 bits, and wide arithmetic': [
      `(memory $a i64 1) (memory $b i64 1)
       (func (result i64 i64)
         (i64.store $b offset=5000000000 (i64.const 0) (i64.load $b (i64.const 8)))
         (i64.mul_wide_u (i64.const 1) (i64.load $a (i64.const 1))))`,
      [0x29, 0x37, 0xfc016],
    ],
  };
  test.each(Object.entries(modules))('of %s', (_name, [text, wanted]) => {
    const { opcodes } = walk(assemble(`(module ${text})`));
    expect(wanted.filter((opcode) => !opcodes.has(opcode))).toEqual([]);
  });

  test('that the engine knows, and no others', () => {
    // What V8 has not by default, in the oldest Node that is supported: references, GC, newer exceptions.
    const newer = new Set([0x0a, 0x14, 0x15, 0x1f, 0xd3, 0xd4, 0xd5, 0xd6]);
    const differences: string[] = [];
    const compare = (label: string, code: readonly number[]) => {
      const zeros = new Array<number>(24).fill(0);
      const body = [0, ...code, ...zeros, OPCODE.end];
      const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
      const bytes = Uint8Array.from([...header, 10, body.length + 2, 1, body.length, ...body]);
      const engine = isUnknownToEngine(bytes);
      const reader = bodyOf(...code, ...zeros);
      let own = false;
      try {
        reader.next();
      } catch (error) {
        if (!(error instanceof WasmFormatError)) throw error;
        own = /unknown instruction/.test(error.message);
      }
      if (own !== engine) differences.push(label);
    };
    for (let opcode = 0; opcode < 0xfb; opcode++) {
      if (!newer.has(opcode)) compare(opcode.toString(16), [opcode]);
    }
    for (const [prefix, count] of [
      [0xfc, 0x13],
      [0xfd, 256],
      [0xfe, 0x80],
    ] as const) {
      for (let number = 0; number < count; number++) {
        const leb = number < 128 ? [number] : [(number & 0x7f) | 0x80, number >> 7];
        compare(`${prefix.toString(16)} ${number}`, [prefix, ...leb]);
      }
    }
    expect(differences).toEqual([]);
  });

  function isUnknownToEngine(bytes: Uint8Array<ArrayBuffer>): boolean {
    try {
      new WebAssembly.Module(bytes);
      return false;
    } catch (error) {
      return /invalid (numeric |simd |atomic )?opcode/i.test(String(error));
    }
  }
});

describe('immediates', () => {
  test.each([0, 1, -1, 63, 64, -64, -65, 4096, -4097, 0x7fffffff, -0x80000000])(
    'a constant of %i',
    (value) => {
      const reader = bodyOf(OPCODE.i32Const, ...s32(value));
      expect(reader.next()).toBe(true);
      expect([reader.opcode, reader.immediate]).toEqual([OPCODE.i32Const, value]);
    },
  );

  test('constants of 64 bits', () => {
    const text = `(module (func (drop (i64.const -1)) (drop (i64.const 5000000000))
      (drop (i64.const -281474976710655)) (drop (i64.const 0x7fffffffffffffff))))`;
    const bytes = assemble(text);
    const [body] = parseModule(bytes).bodies;
    if (!body) throw new Error('no body');
    const reader = new InstructionReader(bytes).open(body);
    const constants: number[] = [];
    while (reader.next()) if (reader.opcode === OPCODE.i64Const) constants.push(reader.immediate);
    expect(constants).toEqual([-1, 5e9, -(2 ** 48) + 1, 2 ** 63]);
  });

  test('the offset of an access, behind alignment and memory', () => {
    const reader = bodyOf(0x28, 0x42, 1, 0xac, 2, 0x28, 2, 8);
    reader.next();
    expect([reader.start, reader.immediate]).toEqual([1, 300]);
    reader.next();
    expect([reader.start, reader.immediate]).toEqual([6, 8]);
  });
});

describe('refuses', () => {
  test('an unknown instruction, at its place', () => {
    const reader = bodyOf(0x01, 0x27);
    expect(reader.next()).toBe(true);
    expect(() => reader.next()).toThrow(
      expect.objectContaining({
        code: 'WASM_FORMAT',
        offset: 2,
        message: expect.stringContaining('unknown instruction 0x27'),
      }),
    );
    expect(() => bodyOf(0xfd, 0x9a, 1).next()).toThrow(/At byte 1 .*unknown instruction 0xfd09a/);
  });

  test('a body that is cut off anywhere but behind an end', () => {
    const { bytes } = FOREIGN.find(({ name }) => name === 'webp encoder, SIMD') ?? { bytes: null };
    if (!bytes) throw new Error('no module');
    const body = [...parseModule(bytes).bodies].find(({ start, end }) => end - start > 400);
    if (!body) throw new Error('no such body');
    let refused = 0;
    for (let end = body.start + 1; end < body.end; end++) {
      const reader = new InstructionReader(bytes);
      try {
        reader.open({ ...body, end });
        while (reader.next());
        expect(bytes[end - 1]).toBe(OPCODE.end);
      } catch (error) {
        expect(error).toBeInstanceOf(WasmFormatError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test('random bytes, or walks them: it always comes to an end', () => {
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    };
    let refused = 0;
    for (let run = 0; run < 5000; run++) {
      const bytes = Uint8Array.from({ length: 40 }, random);
      const reader = new InstructionReader(bytes);
      try {
        reader.open({ entry: 0, start: 0, end: bytes.length });
        while (reader.next()) expect(reader.offset).toBeGreaterThan(reader.start);
      } catch (error) {
        if (!(error instanceof WasmFormatError)) throw error;
        // Also where an immediate would go on behind them.
        expect(error.offset).toBeLessThanOrEqual(bytes.length);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(4000);
  });
});

// Modules that use features of WebAssembly, one or a few each, beside a small allocator: for the tests in
// Node and in browsers. Assembled by binaryen.

import { assemble } from './assemble.ts';

export interface FeatureModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Calls of exports, with numbers; `n` behind one makes it a BigInt. */
  readonly calls: readonly (readonly [name: string, ...parameters: (number | bigint)[]])[];
  readonly pointer: 'i32' | 'i64';
  /** Names of imported memories, to be made by the host. */
  readonly memory?: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  };
  /** Whether malloc and free are told of in `calls`. */
  readonly hooks: number;
}

const allocator = (memory = '(memory (export "memory") 1)') => `
  ${memory}
  (global $top (mut i32) (i32.const 1024))
  (func $malloc (export "malloc") (param $size i32) (result i32)
    (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -8))))
    (i32.sub (global.get $top) (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -8))))
  (func $free (export "free") (param $address i32) (i32.store (local.get $address) (i32.const 0)))`;

const allocator64 = (memory = '(memory (export "memory") i64 1)') => `
  ${memory}
  (global $top (mut i64) (i64.const 1024))
  (func $malloc (export "malloc") (param $size i64) (result i64)
    (global.set $top (i64.add (global.get $top) (i64.and (i64.add (local.get $size) (i64.const 15)) (i64.const -8))))
    (i64.sub (global.get $top) (i64.and (i64.add (local.get $size) (i64.const 15)) (i64.const -8))))
  (func $free (export "free") (param $address i64) (i64.store (local.get $address) (i64.const 0)))`;

const make = (
  name: string,
  text: string,
  calls: FeatureModule['calls'],
  hooks: number,
  rest: Partial<FeatureModule> = {},
): FeatureModule => ({
  name,
  bytes: assemble(`(module ${text})`),
  calls,
  hooks,
  pointer: 'i32',
  ...rest,
});

const use = `(func (export "use") (param i32) (result i32)
  (call $free (call $malloc (local.get 0))) (call $malloc (local.get 0)))`;

export const FEATURES: readonly FeatureModule[] = [
  make('nothing but an allocator', `${allocator()} ${use}`, [['use', 40]], 3),
  make(
    'GC types in recursive groups, with subtypes',
    `(rec (type $list (sub (struct (field (mut i8)) (field (ref null $list)))))
          (type $longer (sub final $list (struct (field (mut i8)) (field (ref null $list)) (field (mut i16))))))
     (type $numbers (array (mut f64)))
     ${allocator()} ${use}
     (func (export "gc") (param i32) (result i32)
       (local $l (ref null $list)) (local $a (ref null $numbers))
       (local.set $l (struct.new $longer (local.get 0) (ref.null $list) (i32.const 7)))
       (local.set $a (array.new $numbers (f64.const 2.5) (i32.const 3)))
       (i32.add (call $malloc (array.len (local.get $a)))
         (i32.add (struct.get_u $list 0 (local.get $l)) (i31.get_s (ref.i31 (i32.const 5))))))`,
    [
      ['gc', 3],
      ['use', 8],
    ],
    4,
  ),
  make(
    'several memories',
    `${allocator()} (memory $second 1) ${use}
     (func (export "both") (param i32) (result i32)
       (i32.store $second (i32.const 0) (call $malloc (local.get 0)))
       (i32.load $second (i32.const 0)))`,
    [
      ['both', 16],
      ['use', 8],
    ],
    4,
  ),
  make(
    'a memory of 64 bits',
    `${allocator64()}
     (func (export "use") (param i64) (result i64)
       (call $free (call $malloc (local.get 0))) (call $malloc (local.get 0)))`,
    [['use', 40n]],
    3,
    { pointer: 'i64' },
  ),
  make(
    'tags and the older exceptions',
    `${allocator()} (tag $e (param i32)) ${use}
     (func $throws (param i32) (throw $e (call $malloc (local.get 0))))
     (func (export "catches") (param i32) (result i32)
       (try (result i32) (do (call $throws (local.get 0)) (i32.const 0)) (catch $e)))`,
    [
      ['catches', 16],
      ['use', 8],
    ],
    4,
  ),
  make(
    'the newer exceptions',
    `${allocator()} (tag $e (param i32)) ${use}
     (func $throws (param i32) (throw $e (call $malloc (local.get 0))))
     (func (export "catches") (param i32) (result i32)
       (block $caught (result i32)
         (try_table (catch $e $caught) (call $throws (local.get 0)))
         (i32.const 0)))`,
    [
      ['catches', 16],
      ['use', 8],
    ],
    4,
  ),
  make(
    'tail calls',
    `(type $f (func (param i32) (result i32)))
     ${allocator()} ${use}
     (table 1 funcref) (elem (i32.const 0) $malloc)
     (func (export "tail") (param i32) (result i32) (return_call $malloc (local.get 0)))
     (func (export "indirect_tail") (param i32) (result i32)
       (return_call_indirect (type $f) (local.get 0) (i32.const 0)))`,
    [
      ['tail', 16],
      ['indirect_tail', 24],
      ['use', 8],
    ],
    5,
  ),
  make(
    'SIMD and bulk memory',
    `${allocator()} ${use} (data $d "0123456789abcdef")
     (func (export "vector") (param i32) (result i32) (local $p i32)
       (local.set $p (call $malloc (i32.const 16)))
       (memory.init $d (local.get $p) (i32.const 0) (i32.const 16))
       (v128.store (local.get $p) (i8x16.add (v128.load (local.get $p)) (i8x16.splat (local.get 0))))
       (i32.load (local.get $p)))`,
    [
      ['vector', 1],
      ['use', 8],
    ],
    4,
  ),
  make(
    'a start function',
    `${allocator()} ${use} (global $started (mut i32) (i32.const 0))
     (func $start (global.set $started (i32.const 41))) (start $start)
     (func (export "started") (param i32) (result i32) (call $malloc (local.get 0)) (drop) (global.get $started))`,
    [
      ['started', 8],
      ['use', 8],
    ],
    4,
  ),
  make(
    'an imported memory',
    `${allocator('(import "env" "memory" (memory 1))')} ${use}`,
    [['use', 40]],
    3,
    { memory: { initial: 1 } },
  ),
  make(
    'a shared, imported memory with atomics',
    `${allocator('(import "env" "memory" (memory 1 2 shared))')} ${use}
     (func (export "atomic") (param i32) (result i32)
       (i32.atomic.rmw.add (call $malloc (i32.const 8)) (local.get 0)))`,
    [
      ['atomic', 5],
      ['use', 8],
    ],
    4,
    { memory: { initial: 1, maximum: 2, shared: true } },
  ),
  make(
    'typed function references and several tables',
    `(type $f (func (param i32) (result i32)))
     ${allocator()} ${use}
     (table $funcs 2 funcref) (table $externs 3 externref)
     (elem (table $funcs) (i32.const 1) func $malloc)
     (elem declare func $malloc)
     (func (export "by_reference") (param i32) (result i32) (call_ref $f (local.get 0) (ref.func $malloc)))
     (func (export "by_table") (param i32) (result i32) (call_indirect $funcs (type $f) (local.get 0) (i32.const 1)))`,
    [
      ['by_reference', 16],
      ['by_table', 24],
      ['use', 8],
    ],
    5,
  ),
  make(
    'several results',
    `${allocator()} ${use}
     (func $pair (param i32) (result i32 i64) (call $malloc (local.get 0)) (i64.const 7))
     (func (export "pair") (param i32) (result i32) (call $pair (local.get 0)) (drop))`,
    [
      ['pair', 16],
      ['use', 8],
    ],
    4,
  ),
  {
    ...make('empty sections', `${allocator()} ${use}`, [['use', 40]], 3),
    bytes: withEmptySections(assemble(`(module ${allocator()} ${use})`)),
  },
];

/** Puts sections without entries where the module has none, with numbers as long as they may be. */
function withEmptySections(bytes: Uint8Array): Uint8Array {
  const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
  const present = new Map<number, Uint8Array>();
  const output = [...bytes.subarray(0, 8)];
  const customs: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const id = bytes[at++] ?? 0;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
    if (id === 0) customs.push(...bytes.subarray(start, at));
    else present.set(id, bytes.subarray(start, at));
  }
  for (const id of order) {
    const section = present.get(id);
    if (section) output.push(...section);
    // A start section can't be empty, and a count of data segments is no list.
    else if (id !== 8 && id !== 12 && id !== 13)
      output.push(id, 0x85, 0x80, 0x00, 0x80, 0x80, 0x80, 0x80, 0x00);
  }
  return new Uint8Array([...output, ...customs]);
}

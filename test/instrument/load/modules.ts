// Modules for the tests of the load hook.

import { assemble } from '../assemble.ts';

const allocator = (memory: string) => `
  ${memory}
  (global $top (mut i32) (i32.const 1024))
  (func $malloc (export "malloc") (param $size i32) (result i32) (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.add (local.get $at) (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -8))))
    (local.get $at))
  (func $free (export "free") (param $address i32) (i32.store (local.get $address) (i32.const 0)))`;

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Exports malloc and free. */
export const ALLOCATING = copy(assemble(`(module ${allocator('(memory (export "memory") 1)')})`));

/** The same, and it imports `env.log`, which its start function calls. */
export const IMPORTING = copy(
  assemble(`(module (import "env" "log" (func $log (param i32)))
    ${allocator('(memory (export "memory") 1)')}
    (func $begin (call $log (i32.const 7)))
    (start $begin))`),
);

/** Its memory is shared and imported as `env.memory`. */
export const THREADED = copy(
  assemble(`(module ${allocator('(import "env" "memory" (memory 1 4 shared))')})`),
);

/** Its exports are minified, and it has no names: only the glue says what they are. */
export const MINIFIED = copy(
  assemble(
    `(module (memory (export "a") 1)
      (global $top (mut i32) (i32.const 1024))
      (func $m (export "b") (param $size i32) (result i32) (local $at i32)
        (local.set $at (global.get $top))
        (global.set $top (i32.add (local.get $at) (local.get $size)))
        (local.get $at))
      (func $f (export "c") (param $address i32) (i32.store (local.get $address) (i32.const 0))))`,
    false,
  ),
);

/** Has no allocator. */
export const PLAIN = copy(
  assemble('(module (func (export "answer") (result i32) (i32.const 42)))'),
);

export const NO_MODULE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

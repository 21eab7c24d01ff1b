// A module with an allocator that does next to nothing, and hooks around it as the rewriter writes them: what a
// malloc/free pair takes beyond it is what the hooks take. (The prototype's bare pair took 7 ns, as this one does.)

import binaryen from 'binaryen';

/** Word i of the memory is the address of block i. */
const TEXT = `(module
  (type $allocated (func (param i32 i32 i32)))
  (type $freeing (func (param i32)))
  (table $hooks 11 funcref)
  (global $enabled (mut i32) (i32.const 0))
  (global $context (mut i32) (i32.const 0))
  (memory 128)
  (export "memprof:hooks" (table $hooks))
  (export "memprof:enabled" (global $enabled))
  (export "memprof:context" (global $context))

  (func $at (param $block i32) (result i32) (i32.shl (local.get $block) (i32.const 2)))
  (func $originalMalloc (param $block i32) (param $size i32) (result i32)
    (i32.load (call $at (local.get $block))))
  (func $originalFree (param $block i32) (param $address i32)
    (i32.store (call $at (local.get $block)) (local.get $address)))

  (func $malloc (param $block i32) (param $size i32) (result i32)
    (local $address i32)
    (local.set $address (call $originalMalloc (local.get $block) (local.get $size)))
    (if (global.get $enabled) (then (if (local.get $address) (then
      (call_indirect (type $allocated)
        (local.get $address) (local.get $size) (global.get $context) (i32.const 0))))))
    (local.get $address))
  (func $free (param $block i32) (param $address i32)
    (if (global.get $enabled) (then (if (local.get $address) (then
      (call_indirect (type $freeing) (local.get $address) (i32.const 1))))))
    (call $originalFree (local.get $block) (local.get $address)))

  (func (export "place") (param $block i32) (param $address i32)
    (i32.store (call $at (local.get $block)) (local.get $address)))
  (func (export "fill") (param $blocks i32)
    (local $block i32)
    (loop $next
      (drop (call $malloc (local.get $block) (i32.const 24)))
      (local.set $block (i32.add (local.get $block) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $block) (local.get $blocks)))))
  ;; Frees a block and allocates one of another size in its place: by turns, or at random.
  (func (export "pairs") (param $count i32) (param $mask i32) (param $random i32)
    (local $pair i32) (local $number i32) (local $block i32)
    (loop $next
      (local.set $number (i32.add
        (i32.mul (local.get $number) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $block (i32.and (local.get $mask) (select
        (i32.shr_u (local.get $number) (i32.const 8)) (local.get $pair) (local.get $random))))
      (call $free (local.get $block) (i32.load (call $at (local.get $block))))
      (drop (call $malloc (local.get $block)
        (i32.add (i32.const 8) (i32.and (local.get $number) (i32.const 127)))))
      (local.set $pair (i32.add (local.get $pair) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $pair) (local.get $count))))))`;

export class Pairs {
  readonly exports: WebAssembly.Exports;
  readonly #blocks: number;

  static compile(): WebAssembly.Module {
    const module = binaryen.parseText(TEXT);
    try {
      return new WebAssembly.Module(new Uint8Array(module.emitBinary()));
    } finally {
      module.dispose();
    }
  }

  /** @param blocks live at a time, a power of two */
  constructor(module: WebAssembly.Module, blocks: number) {
    this.exports = new WebAssembly.Instance(module).exports;
    this.#blocks = blocks;
    for (let block = 0, address = 65_536; block < blocks; block++) {
      this.#call('place', block, address);
      address += 32 + 16 * (block % 7);
    }
  }

  fill(): void {
    this.#call('fill', this.#blocks);
  }

  /** @returns nanoseconds a pair */
  time(count: number, order: 'by turns' | 'at random'): number {
    const start = performance.now();
    this.#call('pairs', count, this.#blocks - 1, Number(order === 'at random'));
    return ((performance.now() - start) / count) * 1e6;
  }

  #call(name: string, ...parameters: number[]): void {
    const found = this.exports[name];
    if (typeof found !== 'function') throw new Error(`no ${name}`);
    found(...parameters);
  }
}

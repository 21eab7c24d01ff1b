import { describe, expect, it, test } from 'vitest';
import { instrumentWasm } from '../../src/instrument/index.ts';
import { parseModule } from '../../src/instrument/module.ts';
import { assemble } from './assemble.ts';
import { logHooks } from './hook-log.ts';

/** Functions that allocate and are left in another way each; `enter` calls one of them and allocates itself. */
const WAYS: Readonly<Record<string, string>> = {
  'by its end': '(drop (call $malloc (i32.const 8))) (local.get $x)',
  'by return': '(return (call $keep (local.get $x))) (unreachable)',
  'by return within a block and a loop':
    '(block $b (loop $l (br_if $b (i32.eqz (call $keep (local.get $x)))) (return (local.get $x)))) (i32.const 1)',
  'by a branch out of the function': '(br 0 (call $keep (local.get $x)))',
  'by a branch out of the function, from within':
    '(block (result i32) (drop (br_if 1 (call $keep (local.get $x)) (i32.const 1))) (i32.const 2))',
  'by a table of branches':
    '(block $b (result i32) (br_table $b 1 (call $keep (local.get $x)) (i32.const 1)))',
  'by a tail call': '(local $a i64) (local $b f64) (return_call $keep (local.get $x))',
  'by an indirect tail call': '(return_call_indirect (type $unary) (local.get $x) (i32.const 0))',
};

describe('a function that carries the calling context', () => {
  for (const [way, body] of Object.entries(WAYS)) {
    test(`puts it back where it is left ${way}`, () => {
      const { exports, contexts } = start(body);
      expect(exports.enter?.(7)).toBe(7);
      const [within, after] = contexts();
      expect(within).not.toBe(0);
      // At a tail call its frame is gone.
      expect(within === after).toBe(way.includes('tail call'));
      const alone = start('(local.get $x)');
      alone.exports.enter?.(7);
      // What `enter` allocates afterwards has the context that it has where nothing was called before.
      expect(after).toBe(alone.contexts()[0]);
    });
  }

  it('gives several results, and has locals of other types besides', () => {
    const bytes = assemble(`(module ${ALLOCATOR}
      (func $two (param $x i32) (result i32 i64) (local $a f32) (local $b i32) (local $c v128)
        (local.set $b (call $malloc (local.get $x)))
        (if (i32.eq (local.get $x) (i32.const 1)) (then (return (i32.const 1) (i64.const 2))))
        (br 0 (local.get $x) (i64.const 3)))
      (func (export "enter") (param i32) (result i32 i64) (call $two (local.get 0))))`);
    const { bytes: rewritten } = instrumentWasm(bytes, { contexts: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(rewritten)));
    const enter = exports.enter as (x: number) => unknown;
    expect([enter(1), enter(5)]).toEqual([
      [1, 2n],
      [5, 3n],
    ]);
  });

  it('is no function more: only what JavaScript calls has a wrapper', () => {
    const { report, bytes } = start('(call $keep (local.get $x))');
    expect(parseModule(bytes).functions.length).toBe(report.functions + report.moved.length);
    // malloc, free, and the exports enter and plain
    expect(report.moved.length).toBeLessThanOrEqual(4);
    expect(report.contexts).toBeGreaterThanOrEqual(4);
  });
});

const ALLOCATOR = `
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table 1 funcref) (elem (i32.const 0) $keep)
  (global $top (mut i32) (i32.const 1024))
  (func $malloc (export "malloc") (param $size i32) (result i32)
    (global.set $top (i32.add (global.get $top) (i32.const 64)))
    (global.get $top))
  (func $free (export "free") (param i32))
  (func $keep (param $x i32) (result i32) (drop (call $malloc (i32.const 8))) (local.get $x))`;

function start(code: string) {
  const bytes = assemble(`(module ${ALLOCATOR}
    (func $inner (param $x i32) (param i32) (result i32) ${code})
    (func $plain (export "plain") (result i32) (drop (call $malloc (i32.const 1))) (i32.const 0))
    (func (export "enter") (param $x i32) (param i32) (result i32)
      (call $inner (local.get $x) (local.get 1)) (drop (call $malloc (i32.const 8)))))`);
  const rewritten = instrumentWasm(bytes, { contexts: true });
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(new Uint8Array(rewritten.bytes)),
  );
  const events = logHooks(instance.exports);
  return {
    ...rewritten,
    exports: instance.exports as Record<string, (x?: number) => unknown>,
    contexts: () =>
      events.filter(([name]) => name === 'allocated').map(([, , , context]) => context),
  };
}

// Stacks as V8, SpiderMonkey and JavaScriptCore write them, with wasm in the middle.

import { describe, expect, it } from 'vitest';
import { FrameParser, type ParsedFrame } from '../../../src/record/heap/stack-frames.ts';

const parse = (stack: string) => new FrameParser().parse(stack);
const script = (
  name: string | null,
  url: string | null,
  line: number | null,
  column: number | null,
) => ({
  ...{ name, url, isWasm: false, index: null, offset: null, line, column },
});
const wasm = (
  name: string | null,
  url: string | null,
  index: number | null,
  offset: number | null,
) => ({
  ...{ name, url, isWasm: true, index, offset, line: null, column: null },
});

describe('a frame of a stack', () => {
  const cases: [line: string, frame: ParsedFrame][] = [
    // V8
    [
      '    at gegl_tile_alloc (wasm://wasm/00a1b2c3:wasm-function[244]:0x112e0)',
      wasm('gegl_tile_alloc', 'wasm://wasm/00a1b2c3', 244, 0x112e0),
    ],
    [
      '    at https://app.test/gegl.wasm:wasm-function[7]:0x1f',
      wasm(null, 'https://app.test/gegl.wasm', 7, 0x1f),
    ],
    [
      '    at operator new(unsigned long) (wasm://wasm/00a1b2c3:wasm-function[9]:0x20)',
      wasm('operator new(unsigned long)', 'wasm://wasm/00a1b2c3', 9, 0x20),
    ],
    [
      '    at (anonymous namespace)::f(int) (wasm://wasm/a:wasm-function[9]:0x20)',
      wasm('(anonymous namespace)::f(int)', 'wasm://wasm/a', 9, 0x20),
    ],
    ['    at paint (https://app.test/a.js:12:7)', script('paint', 'https://app.test/a.js', 12, 7)],
    ['    at https://app.test/a.js:12:7', script(null, 'https://app.test/a.js', 12, 7)],
    [
      '    at async Editor.open (file:///a b/c.js:3:1)',
      script('Editor.open', 'file:///a b/c.js', 3, 1),
    ],
    [
      '    at new Canvas (/home/me/(old)/c.js:3:1)',
      script('new Canvas', '/home/me/(old)/c.js', 3, 1),
    ],
    ['    at Proxy.get [as x] (/c.js:3:1)', script('Proxy.get', '/c.js', 3, 1)],
    [
      '    at process.drain (node:internal/process:95:5)',
      script('process.drain', 'node:internal/process', 95, 5),
    ],
    ['    at Array.map (<anonymous>)', script('Array.map', null, null, null)],
    ['    at async Promise.all (index 0)', script('Promise.all', null, null, null)],
    // SpiderMonkey
    [
      'gegl_tile_alloc@https://app.test/gegl.js line 9 > WebAssembly.instantiate:wasm-function[244]:0x112e1',
      wasm(
        'gegl_tile_alloc',
        'https://app.test/gegl.js line 9 > WebAssembly.instantiate',
        244,
        0x112e1,
      ),
    ],
    [
      'paint@https://cdn.test/lib@1.0/a.js:12:7',
      script('paint', 'https://cdn.test/lib@1.0/a.js', 12, 7),
    ],
    ['@https://app.test/a.js:12:7', script(null, 'https://app.test/a.js', 12, 7)],
    ['async*open@https://app.test/a.js:12:7', script('open', 'https://app.test/a.js', 12, 7)],
    // JavaScriptCore
    ['gegl_tile_alloc@<?>:wasm-function[7891]', wasm('gegl_tile_alloc', '<?>', 7891, null)],
    ['<?>.wasm-function[gegl_tile_alloc]@[wasm code]', wasm('gegl_tile_alloc', null, null, null)],
    ['<?>.wasm-function[7891]@[wasm code]', wasm(null, null, 7891, null)],
    ['wasm-stub@[wasm code]', script('wasm-stub', null, null, null)],
    ['paint@https://app.test/a.js:12:7', script('paint', 'https://app.test/a.js', 12, 7)],
    ['map@[native code]', script('map', null, null, null)],
  ];
  it.each(cases)('%s', (line, frame) => {
    expect(parse(line)).toEqual([frame]);
  });

  it.each(['', 'Error', 'Error: out of memory', 'TypeError: at last', '   '])(
    'is not in "%s"',
    (line) => {
      expect(parse(line)).toEqual([]);
    },
  );

  it('is taken apart in no time, however odd', () => {
    const odd = `at ${' (('.repeat(2_000)}${'a@'.repeat(2_000)}:wasm-function[`;
    const start = performance.now();
    parse(odd);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

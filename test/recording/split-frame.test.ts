// Lines of stacks of all engines, with names of C++, and of strangers.

import { describe, expect, it } from 'vitest';
import { isBelow, nameIn, placeIn } from '../../src/analyze/stacks.ts';
import { stackTest } from '../../src/analyze/suppressions.ts';
import { parseStack } from '../../src/present/text/stack.ts';
import { FrameParser } from '../../src/record/heap/stack-frames.ts';
import { splitFrame } from '../../src/recording/split-frame.ts';

const WASM = 'wasm://wasm/00a1b2c3:wasm-function[9]:0x20';
const OF_FIREFOX = 'https://app.test/a.js line 9 > WebAssembly.instantiate:wasm-function[9]:0x20';
/** Names of C++ with what the splitting might stop at. */
const NAMES = [
  'gegl_tile_alloc',
  'operator()(int) (.isra)',
  'foo(std::function<void (int)>)',
  '(anonymous namespace)::f(int)',
  'operator new(unsigned long)',
  'std::__2::__function::__func<f(int)::$_0, void (int)>::operator()(int&&) (.cold)',
  'v8::f[abi:v15007](int) const',
];

describe('a line of a stack', () => {
  it.each(NAMES)('%s: its name is whole, in every engine', (name) => {
    expect(splitFrame(`    at ${name} (${WASM})`)).toEqual({ name, place: WASM });
    expect(splitFrame(`${name}@${OF_FIREFOX}`)).toEqual({ name, place: OF_FIREFOX });
    expect(splitFrame(`<?>.wasm-function[${name}]@[wasm code]`)).toEqual({
      name,
      place: '[wasm code]',
    });
    expect(splitFrame(name)).toEqual({ name, place: '' });
    expect(splitFrame(`${name} (src/tile.cc:12)`)).toEqual({ name, place: 'src/tile.cc:12' });
  });

  it.each([
    ['at paint (https://app.test/a.js:12:7)', 'paint', 'https://app.test/a.js:12:7'],
    ['at async Editor.open (file:///a b/c.js:3:1)', 'Editor.open', 'file:///a b/c.js:3:1'],
    ['at new Canvas (/home/me/(old)/c.js:3:1)', 'new Canvas', '/home/me/(old)/c.js:3:1'],
    ['at https://cdn.test/lib@1.0/a.js:12:7', '', 'https://cdn.test/lib@1.0/a.js:12:7'],
    ['https://cdn.test/lib@1.0/a.js:12:7', '', 'https://cdn.test/lib@1.0/a.js:12:7'],
    ['src/@scope/a.js:12:7', '', 'src/@scope/a.js:12:7'],
    ['at Array.map (<anonymous>)', 'Array.map', '<anonymous>'],
    ['at Array.map (native)', 'Array.map', 'native'],
    ['at async Promise.all (index 0)', 'Promise.all', 'index 0'],
    [
      'at eval (eval at f (a.js:1:2), <anonymous>:1:1)',
      'eval',
      'eval at f (a.js:1:2), <anonymous>:1:1',
    ],
    ['paint@https://cdn.test/lib@1.0/a.js:12:7', 'paint', 'https://cdn.test/lib@1.0/a.js:12:7'],
    ['@https://app.test/a.js:12:7', '', 'https://app.test/a.js:12:7'],
    ['<?>.wasm-function[7891]@[wasm code]', '7891', '[wasm code]'],
    ['map@[native code]', 'map', '[native code]'],
    ['(anonymous)', '(anonymous)', ''],
    ['f (', 'f (', ''],
    ['f )', 'f )', ''],
    ['', '', ''],
  ])('%s', (line, name, place) => {
    expect(splitFrame(line)).toEqual({ name, place });
  });

  it.each(NAMES)('%s: findings, suppressions and reports know it by its name', (name) => {
    const frame = `${name} (https://app.test/a.js:12:7)`;
    expect([nameIn(name), nameIn(frame)]).toEqual([name, name]);
    expect(placeIn(`at ${frame}`)).toBe('https://app.test/a.js:12:7');
    expect(stackTest('function', name)(`malloc\n${name}`)).toBe(true);
    expect(stackTest('function', name)(`at ${frame}`)).toBe(true);
    expect(stackTest('function', name.slice(0, -1))(`at ${frame}`)).toBe(false);
    expect(parseStack(`at ${frame}`)).toEqual([{ name, place: 'https://app.test/a.js:12:7' }]);
    const [parsed] = new FrameParser().parse(`    at ${name} (${WASM})`);
    expect(parsed).toMatchObject({ name, isWasm: true, index: 9, offset: 0x20 });
    const [inWebKit] = new FrameParser().parse(`<?>.wasm-function[${name}]@[wasm code]`);
    expect(inWebKit).toMatchObject({ name, isWasm: true, index: null });
  });

  it.each([
    [' (('],
    ['()'],
    ['(:1:1) '],
    ['a@'],
    ['.wasm-function['],
    [' [as '],
    ['a.'],
    ['/'],
    [':1'],
    ['::'],
    ['\n at '],
  ])('takes time by its length alone: a million characters of "%s"', (part) => {
    const long = part.repeat(1_000_000 / part.length);
    for (const line of [long, `at ${long})`, `at f (${long})`, `${long}@${long}]`]) {
      const { name, place } = splitFrame(line);
      expect(name.length + place.length).toBeLessThanOrEqual(line.length);
      expect(nameIn(line).length).toBeGreaterThan(0);
      expect(placeIn(line).length).toBeLessThanOrEqual(line.length);
      expect(isBelow(/^malloc$/, [line])).toBe(false);
      expect(stackTest('function', 'malloc')(line)).toBe(false);
      expect(Array.isArray(parseStack(line))).toBe(true);
      expect(Array.isArray(new FrameParser().parse(line))).toBe(true);
    }
  });
});

// What a frame of a site is, by where its script comes from. The tracker is a stand-in, with one stack.

import { afterEach, describe, expect, it } from 'vitest';
import { ModuleFunctions } from '../../../src/record/heap/module-functions.ts';
import type { TrackedHeap } from '../../../src/record/heap/registry.ts';
import { SiteReader } from '../../../src/record/heap/sites.ts';

const STACK = `Error
    at capture (https://app.test/js/memory-profiler.js:1:1)
    at wasm://wasm/1a:wasm-function[5]:0x10
    at malloc (wasm://wasm/2b:wasm-function[2]:0x20)
    at grow (wasm://wasm/2b:wasm-function[1]:0x30)
    at Module._grow (https://app.test/index.js:1:10)
    at paint (https://app.test/index.js:1:99)
    at render (https://app.test/vendor.js:7:5)
    at w.start (pptr:internal:3:3701)
    at watch (moz-extension://3c/content.js:1:1)`;

function framesOf(stack: string) {
  const report = { allocator: { functions: [{ index: 2 }] }, offsetMap: [], moved: [] };
  const heap = { report, names: () => new Map([[1, 'grow']]) } as unknown as TrackedHeap;
  const tracked = { tracker: { stackOf: () => stack }, url: 'https://app.test/a.wasm' };
  return new SiteReader(tracked as unknown as TrackedHeap, new ModuleFunctions(heap), []).framesOf(
    1,
  );
}

describe('a frame of a site', () => {
  it('is of the module, its glue, the application, or what drives the browser', () => {
    expect(framesOf(STACK).map(({ name, kind }) => [name, kind])).toEqual([
      ['grow', 'wasm'],
      ['Module._grow', 'glue'],
      ['paint', 'glue'],
      ['render', 'application'],
      ['w.start', 'platform'],
      ['watch', 'platform'],
    ]);
  });
});

describe('where a program formats its stacks itself, as Vitest and ts-node do', () => {
  const { prepareStackTrace } = Error;
  afterEach(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
  const places = () => framesOf(STACK).map(({ url, line, column }) => [url, line, column]);

  it('a frame has its place in the source', () => {
    Error.prepareStackTrace = (_, [site]) => {
      // Copied by the names in its prototype, as source-map-support does.
      const names = Object.getOwnPropertyNames(Object.getPrototypeOf(site));
      expect(names).toEqual(expect.arrayContaining(['isNative', 'isAsync', 'getEvalOrigin']));
      const [line, column] = [site?.getLineNumber() ?? 0, site?.getColumnNumber() ?? 0];
      const url = site?.getFileName()?.replace(/\.js$/, '.ts');
      return site?.isNative() ? '' : `Error\n    at f (${url}:${line + 100}:${column + 1})`;
    };
    expect(places().slice(1, 4)).toEqual([
      ['https://app.test/index.ts', 101, 11],
      ['https://app.test/index.ts', 101, 100],
      ['https://app.test/vendor.ts', 107, 6],
    ]);
  });

  it.each([
    ['throws', () => Promise.reject.call(undefined)],
    ['gives no text', () => ({ frames: 1 })],
    ['gives the frames', (_: Error, sites: unknown) => sites],
  ])('it keeps the place that its engine told where the format %s', (_, format) => {
    Error.prepareStackTrace = format;
    expect(places().slice(1, 3)).toEqual([
      ['https://app.test/index.js', 1, 10],
      ['https://app.test/index.js', 1, 99],
    ]);
  });
});

// A page can't read scripts at once, so that much may happen before a minified module is understood. Where its
// scripts are is a stand-in here.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installLoadHook, type LoadedInstance } from '../../../src/instrument/load/index.ts';
import { MINIFIED, PLAIN } from './modules.ts';

const { glueSources } = vi.hoisted(() => ({ glueSources: vi.fn() }));
vi.mock('../../../src/instrument/load/glue.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  canReadNow: false,
  glueSources,
}));

const GLUE = '_malloc = wasmExports["b"]; _free = wasmExports["c"];';

let hook: { uninstall(): void };
let loaded: LoadedInstance[] = [];
let warnings: string[] = [];

beforeEach(() => {
  loaded = [];
  warnings = [];
  glueSources.mockReturnValue([{ text: GLUE }]);
  hook = installLoadHook({
    onInstance: (instance) => void loaded.push(instance),
    onWarning: (code, message) => void warnings.push(`${code}: ${message}`),
  });
});
afterEach(() => hook.uninstall());

it('understands a module by a script that comes later', async () => {
  await WebAssembly.instantiate(MINIFIED);
  expect(loaded[0]?.report?.allocator.source).toBe('glue');
});

it.each([
  ['overwritten', (bytes: Uint8Array) => bytes.set(PLAIN)],
  ['cleared', (bytes: Uint8Array) => bytes.fill(0)],
  [
    'sent away',
    ({ buffer }: Uint8Array<ArrayBuffer>) => structuredClone(buffer, { transfer: [buffer] }),
  ],
])('takes the bytes as they were given, even if they are %s meanwhile', async (_, change) => {
  const bytes = MINIFIED.slice();
  const result = WebAssembly.instantiate(bytes);
  change(bytes);
  expect((await result).instance.exports).toHaveProperty('b');
  expect(warnings).toEqual([]);
  expect(loaded[0]?.report?.allocator.source).toBe('glue');
});

it('runs the module as it is where looking for scripts fails, as in a page with an image named scripts', async () => {
  glueSources.mockImplementation(() => {
    throw new TypeError('document.scripts is not iterable');
  });
  expect((await WebAssembly.instantiate(MINIFIED)).instance.exports).toHaveProperty('b');
  expect(WebAssembly.Module.exports(new WebAssembly.Module(MINIFIED))).toHaveLength(3);
  expect(warnings).toEqual([
    'not-instrumented: A module runs as it is, and its heap is not tracked: document.scripts is not iterable',
  ]);
});

// The glue script's text, found where a module is being loaded.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { installLoadHook, type LoadedInstance } from '../../../src/instrument/load/index.ts';
import { scriptsOf } from '../../../src/instrument/load/own-script.ts';
import { MINIFIED } from './modules.ts';

let folder: string;
let hook: { uninstall(): void } | undefined;

/** As Emscripten writes it: which export is malloc. Here in pieces, since this file is in the stack, too. */
const GLUE = `
  let _malloc, _free;
  function assignWasmExports(wasmExports) {
    ${[
      ['malloc', 'b'],
      ['free', 'c'],
    ]
      .map(([name, letter]) => `_${name} = wasmExports["${letter}"];`)
      .join('')}
  }`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glue folder '));
  const load =
    'async function load(bytes) { return (await WebAssembly.instantiate(bytes)).instance; }';
  const loadNow =
    'function loadNow(bytes) { return new WebAssembly.Instance(new WebAssembly.Module(bytes)); }';
  const files = {
    'glue.mjs': `${GLUE}\nexport ${load}\nexport ${loadNow}`,
    'glue.cjs': `${GLUE}\n${load}\n${loadNow}\nmodule.exports = { load, loadNow };`,
    // The way of Emscripten: after waiting for the file.
    'waiting.mjs': `${GLUE}\nexport async function load(bytes) { await 0; return (await WebAssembly.instantiate(await bytes)).instance; }`,
    'other.mjs': `export ${load}\nexport ${loadNow}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => hook?.uninstall());

interface Loader {
  load(bytes: Uint8Array): Promise<WebAssembly.Instance>;
  loadNow(bytes: Uint8Array): WebAssembly.Instance;
}

async function importLoader(name: string): Promise<Loader> {
  const file = join(folder, name);
  return name.endsWith('.cjs')
    ? createRequire(import.meta.url)(file)
    : import(/* @vite-ignore */ pathToFileURL(file).href);
}

function listen(): { loaded: LoadedInstance[]; warnings: string[] } {
  const told = { loaded: [] as LoadedInstance[], warnings: [] as string[] };
  hook = installLoadHook({
    onInstance: (instance) => void told.loaded.push(instance),
    onWarning: (code, message) => void told.warnings.push(`${code}: ${message}`),
  });
  return told;
}

describe('a minified module', () => {
  it.each([
    ['an ES module', 'glue.mjs', 'load'],
    ['an ES module, at once', 'glue.mjs', 'loadNow'],
    ['a CommonJS module', 'glue.cjs', 'load'],
    ['a CommonJS module, at once', 'glue.cjs', 'loadNow'],
    ['an ES module that waits before', 'waiting.mjs', 'load'],
  ] as const)('is understood by its glue: %s', async (_, name, function_) => {
    const { [function_]: load } = await importLoader(name);
    const { loaded, warnings } = listen();
    await load(MINIFIED);
    expect(warnings).toEqual([]);
    expect(loaded[0]?.report?.allocator).toMatchObject({ source: 'glue', confidence: 'certain' });
    expect(loaded[0]?.report?.allocator.functions.map(({ role }) => role).sort()).toEqual([
      'free',
      'malloc',
    ]);
  });

  it('is left as it is where the script that loads it does not say, and why is told', async () => {
    const { load, loadNow } = await importLoader('other.mjs');
    const { loaded, warnings } = listen();
    await load(MINIFIED);
    loadNow(MINIFIED);
    expect(loaded).toEqual([]);
    expect(warnings.map((text) => text.split(':')[0])).toEqual(['no-allocator', 'no-allocator']);
  });
});

describe('scriptsOf()', () => {
  it.each([
    [
      'V8',
      `Error
    at load (https://example.org/js/glue.js:10:5)
    at async Object.init (file:///home/user/a%20b/app.mjs:1:2)
    at /srv/my app/main.js:3:4
    at new Thing (C:\\\\apps\\\\x.js:5:6)
    at wasm://wasm/abc:wasm-function[3]:0x12
    at https://example.org/js/glue.js:99:1`,
      [
        'https://example.org/js/glue.js',
        'file:///home/user/a%20b/app.mjs',
        '/srv/my app/main.js',
        'C:\\\\apps\\\\x.js',
      ],
    ],
    [
      'Firefox and WebKit',
      'load@https://example.org/a.js?v=1:10:5\nasync*@http://127.0.0.1:8080/b.mjs:2:3\n@blob:https://example.org/0-1:1:1\nglobal code@[native code]',
      [
        'https://example.org/a.js?v=1',
        'http://127.0.0.1:8080/b.mjs',
        'blob:https://example.org/0-1',
      ],
    ],
    ['nothing', undefined, []],
    ['what a page made of it', [{ file: 'a.js' }], []],
  ])('reads the stacks of %s', (_, stack, scripts) => {
    expect(scriptsOf(stack)).toEqual(scripts);
  });
});

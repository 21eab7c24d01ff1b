// Which module is watched, and what is read of it. Real modules: GEGL's, and one that is not GEGL's.
// Stand-ins show what can't be had here: a debug build whose getters abort.

import { beforeEach, describe, expect, it } from 'vitest';
import type { GeglEngine } from '../../src/gegl/index.ts';
import {
  type EmscriptenModule,
  findWatched,
  hasMallinfo,
  mallinfoBytes,
  memoryOf,
} from '../../src/record/module.ts';
import { abortModule, afterThisTest, bytesInUse, startEngine } from '../profiler/real-gegl.ts';

let engine: GeglEngine;
let module: EmscriptenModule;

beforeEach(async () => {
  engine = await startEngine({ mayAbort: true });
  module = engine.module as EmscriptenModule;
});

function putOnPage(value: unknown): void {
  const page = globalThis as { Module?: unknown };
  page.Module = value;
  afterThisTest(() => {
    delete page.Module;
  });
}

describe('the watched module', () => {
  it('is that of the engine started last', async () => {
    expect(findWatched(null)).toEqual({ module, engine });
    const second = await startEngine();
    expect(findWatched(null)?.engine).toBe(second);
    second.exit();
    expect(findWatched(null)?.engine).toBe(engine);
    engine.exit();
    expect(findWatched(null)).toBeNull();
  });

  it('is the one that was asked for, with the engine that runs in it', async () => {
    await startEngine();
    expect(findWatched(module)).toEqual({ module, engine });
    const other = {};
    expect(findWatched(other)).toEqual({ module: other, engine: null });
  });

  it("is the page's Module where no engine runs", () => {
    putOnPage({});
    expect(findWatched(null)?.engine).toBe(engine);
    engine.exit();
    expect(findWatched(null)).toEqual({ module: {}, engine: null });
    putOnPage('text');
    expect(findWatched(null)).toBeNull();
  });

  it('is none that has exited, not even when it was asked for or lies on the page', () => {
    findWatched(null);
    putOnPage(module);
    engine.exit();
    expect(findWatched(module)).toBeNull();
    expect(findWatched(null)).toBeNull();
  });

  it('is none that has aborted, but another engine that runs', async () => {
    findWatched(null);
    abortModule(engine);
    expect(findWatched(null)).toBeNull();
    expect(findWatched(module)).toBeNull();
    const second = await startEngine();
    expect(findWatched(null)?.engine).toBe(second);
  });
});

describe('the bytes in use', () => {
  it("are the allocator's own", () => {
    const before = mallinfoBytes(module) ?? 0;
    expect(before).toBe(bytesInUse(engine));
    const address = engine.module._malloc(1_000_000);
    const after = mallinfoBytes(module) ?? 0;
    expect(after).toBe(bytesInUse(engine));
    expect(after - before).toBeGreaterThanOrEqual(1_000_000);
    expect(after - before).toBeLessThan(1_000_100);
    engine.module._free(address);
    expect(mallinfoBytes(module)).toBe(before);
  });

  it('leave the stack as it was', () => {
    const stack = engine.module.stackSave();
    mallinfoBytes(module);
    expect(engine.module.stackSave()).toBe(stack);
  });

  it('are right above 2 GiB, and after the memory has grown', () => {
    const before = mallinfoBytes(module) ?? 0;
    const view = engine.module.HEAPU8;
    for (let count = 0; count < 9; count += 1) engine.module._malloc(2 ** 28);
    // The old view is detached, or of the old length.
    expect(view.length).toBeLessThan(engine.module.HEAPU8.length);
    expect(memoryOf(module)?.byteLength).toBe(engine.module.HEAPU8.length);
    const used = mallinfoBytes(module) ?? 0;
    expect(used - before).toBeGreaterThanOrEqual(9 * 2 ** 28);
    expect(used).toBeGreaterThan(2 ** 31);
  });

  it.each(['_mallinfo', 'stackSave', 'stackRestore', 'stackAlloc'])(
    'are unknown to a module without %s',
    (name) => {
      const lacking: EmscriptenModule = { ...module, [name]: undefined };
      expect(hasMallinfo(lacking)).toBe(false);
    },
  );
});

describe('the memory', () => {
  it('is unknown where there is none, or only a detached view', () => {
    expect(memoryOf({})).toBeNull();
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const HEAPU8 = new Uint8Array(memory.buffer);
    expect(memoryOf({ HEAPU8 })?.byteLength).toBe(65_536);
    memory.grow(1);
    expect(memoryOf({ HEAPU8 })).toBeNull();
    expect(memoryOf({ HEAPU8, wasmMemory: memory })?.byteLength).toBe(2 * 65_536);
  });

  it('is as large as another thread has made it, where a view of this one is behind', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const HEAPU8 = new Uint8Array(memory.buffer);
    memory.grow(1);
    expect(memoryOf({ HEAPU8, wasmMemory: memory })).toBe(memory.buffer);
    expect(memoryOf({ HEAPU8, wasmMemory: memory })?.byteLength).toBe(2 * 65_536);
  });

  it('is not looked for behind getters, which abort the program in debug builds of Emscripten', () => {
    const aborts = Object.defineProperties(
      {},
      Object.fromEntries(
        ['HEAPU8', 'wasmMemory', '_mallinfo', 'stackSave', 'stackAlloc'].map((name) => [
          name,
          {
            configurable: true,
            get() {
              throw new WebAssembly.RuntimeError(`Aborted('${name}' was not exported)`);
            },
          },
        ]),
      ),
    );
    expect(memoryOf(aborts)).toBeNull();
    expect(hasMallinfo(aborts)).toBe(false);
    expect(mallinfoBytes(aborts)).toBeNull();
  });
});

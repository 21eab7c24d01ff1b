// Real GEGL for the profiler's tests: engines that end with their test, and say nothing critical.

import { afterEach, expect } from 'vitest';
import { GeglEngine, type GeglMessage } from '../../src/gegl/index.ts';
import type { MemoryProfiler, StartOptions } from '../../src/profiler/index.ts';
import { MemoryProfiler as Profiler } from '../../src/profiler/index.ts';
import { moduleFactory } from '../gegl/built-module.ts';
import { assertNoCriticals } from '../gegl/conformance/case.ts';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Has `cleanup` run when the test is over. */
export function afterThisTest(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** A new module and engine, which ends with the test. */
export async function startEngine(options: { mayAbort?: boolean } = {}): Promise<GeglEngine> {
  const { engine, end } = await openEngine(options);
  afterThisTest(end);
  return engine;
}

/** A new module and engine for several tests. `end()` ends it, and sees that it said nothing critical. */
export async function openEngine(
  options: { mayAbort?: boolean } = {},
): Promise<{ engine: GeglEngine; end(): void }> {
  const messages: GeglMessage[] = [];
  const engine = new GeglEngine();
  await engine.init({
    module: moduleFactory(),
    license: 'GPL3',
    onMessage: (message) => messages.push(message),
  });
  return {
    engine,
    end() {
      if (engine.isRunning) engine.exit();
      if (!options.mayAbort) assertNoCriticals(messages);
    },
  };
}

/** A profiler that is stopped when the test is over. Its timer is too slow to matter. */
export function startProfiler(options: StartOptions = {}): MemoryProfiler {
  const profiler = new Profiler();
  expect(profiler.start({ sampleInterval: 1_000_000, ...options })).toBe(true);
  afterThisTest(() => {
    if (profiler.isProfiling) profiler.stop();
  });
  return profiler;
}

/** Stops the engine's module for good, by a GEGL operation that calls abort(). */
export function abortModule(engine: GeglEngine): void {
  const node = engine.createGraph().createNode('gegl:gif-load');
  expect(() => node.process()).toThrow(/stopped/);
}

/** `mallinfo().uordblks`, asked for apart from the profiler's own code. */
export function bytesInUse(engine: GeglEngine): number {
  const module = engine.module as unknown as {
    _mallinfo(result: number): void;
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly HEAPU32: Uint32Array;
    readonly HEAPU8: Uint8Array;
  };
  // On the wasm stack lies what the profiler does; this block lies on the heap and is counted itself.
  const address = module._malloc(40);
  module._mallinfo(address);
  const figures = new Uint32Array(module.HEAPU8.buffer, address, 10);
  const size = new Uint32Array(module.HEAPU8.buffer, address - 4, 1)[0] ?? 0;
  const used = (figures[7] ?? 0) - (size & ~7);
  module._free(address);
  return used;
}

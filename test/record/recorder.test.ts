// What a recording does to the heap that it watches, and what it puts back. Heaps are those of small modules.

import { setFlagsFromString } from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { loadAnalysis } from '../../src/profiler/load-analysis.ts';
import { registry } from '../../src/record/heap/registry.ts';
import { trackedHeaps } from '../../src/record/heap/track-loads.ts';
import type { EmscriptenModule } from '../../src/record/module.ts';
import { assemble } from '../instrument/assemble.ts';
import { ALLOCATING, THREADED } from '../instrument/load/modules.ts';

setFlagsFromString('--experimental-wasm-memory64');

let tracking: { stop(): void };
let profiler: MemoryProfiler;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  profiler = new MemoryProfiler();
  tracking = profiler.instrument({ trackAllocations: 'sampled' });
});
afterEach(() => {
  if (profiler.isProfiling) profiler.stop();
  tracking.stop();
  registry().heaps.clear();
  vi.restoreAllMocks();
});

/** As Emscripten shows a module. */
async function load(): Promise<EmscriptenModule> {
  const { instance } = await WebAssembly.instantiate(ALLOCATING);
  return { wasmMemory: instance.exports.memory as WebAssembly.Memory };
}

const modes = () => trackedHeaps().map(({ tracker }) => tracker.mode);
const start = (module: EmscriptenModule) =>
  profiler.start({ module, trackAllocations: 'counts', sampleInterval: 1_000_000 });

describe('the mode that start() asks for', () => {
  it('is put back by stop()', async () => {
    start(await load());
    expect(modes()).toEqual(['counts']);
    profiler.stop();
    expect(modes()).toEqual(['sampled']);
  });

  it('is put back by stop() after clear(), too', async () => {
    start(await load());
    profiler.clear();
    profiler.takeSnapshot();
    expect(modes()).toEqual(['counts']);
    profiler.stop();
    expect(modes()).toEqual(['sampled']);
  });

  it('is put back of a heap that another one follows', async () => {
    const page = globalThis as { Module?: unknown };
    page.Module = await load();
    profiler.start({ trackAllocations: 'counts', sampleInterval: 1_000_000 });
    page.Module = await load();
    profiler.takeSnapshot();
    expect(modes()).toEqual(['sampled', 'counts']);
    profiler.stop();
    expect(modes()).toEqual(['sampled', 'sampled']);
    delete page.Module;
  });
});

describe('while findLeaks() takes every stack', () => {
  /** Leaks in each run of an action, and does `then` in the third one. */
  async function hunt(then: (module: EmscriptenModule) => void, before: typeof then) {
    const { instance } = await WebAssembly.instantiate(ALLOCATING);
    const { malloc, memory } = instance.exports as unknown as {
      malloc(bytes: number): number;
      memory: WebAssembly.Memory;
    };
    before({ wasmMemory: memory });
    let runs = 0;
    const { findings, balance } = await profiler.findLeaks(function leak() {
      malloc(16);
      runs += 1;
      if (runs === 3) then({ wasmMemory: memory });
    });
    expect(balance.sites).toMatchObject([{ keptBlocks: 1 }]);
    expect(findings[0]?.details.stack).toMatch(/^at leak /);
  }

  it('stop() leaves that as it is, and at the end the mode is that before start()', async () => {
    tracking.stop();
    tracking = profiler.instrument({ trackAllocations: 'counts' });
    const startAll = (module: EmscriptenModule) =>
      profiler.start({ module, trackAllocations: 'all', sampleInterval: 1_000_000 });
    await hunt(() => profiler.stop(), startAll);
    expect(modes()).toEqual(['counts']);
  });

  it('start() leaves that as it is, and at the end its mode holds until stop()', async () => {
    await hunt(start, () => {});
    expect(modes()).toEqual(['counts']);
    profiler.stop();
    expect(modes()).toEqual(['sampled']);
  });

  it('a recording goes on, and at the end its mode is back', async () => {
    await hunt(() => profiler.takeSnapshot(), start);
    expect(modes()).toEqual(['counts']);
  });
});

it('a mallinfo with addresses of 64 bits is not understood, which is told once', async () => {
  tracking.stop();
  const wide = `(module (memory (export "memory") i64 1)
    (func (export "mallinfo") (param i64) (i64.store offset=28 (local.get 0) (i64.const 5))))`;
  const { instance } = await WebAssembly.instantiate(new Uint8Array(assemble(wide)));
  const { memory, mallinfo } = instance.exports as unknown as {
    memory: WebAssembly.Memory;
    mallinfo(address: number): void;
  };
  // The glue takes and gives numbers for these.
  const stack = { stackSave: () => 1024, stackAlloc: () => 512, stackRestore: () => {} };
  start({ wasmMemory: memory, _mallinfo: mallinfo, ...stack });
  expect(profiler.takeSnapshot()?.wasmMemory).toMatchObject({ heapSize: 65_536, heapUsed: null });
  const { warnings } = profiler.getReport();
  expect(warnings.filter(({ message }) => message.includes('mallinfo'))).toHaveLength(1);
  expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
});

describe('the size of the memory', () => {
  it('is that of the heap which is tracked, where the module shows an older view alone', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    await WebAssembly.instantiate(THREADED, { env: { memory } });
    start({ HEAPU8: new Uint8Array(memory.buffer) });
    expect(profiler.takeSnapshot()?.wasmMemory.heapSize).toBe(65_536);
    // As another thread does.
    memory.grow(2);
    expect(profiler.takeSnapshot()?.wasmMemory.heapSize).toBe(3 * 65_536);
  });
});

it('a recording that is read while another heap takes its place is as long as its samples say', async () => {
  const lengths: [number, number][] = [];
  profiler.addEventListener('warning', ({ detail: { code } }) => {
    const { duration } = profiler.getReport().summary;
    if (code === 'heap-changed') lengths.push([duration, profiler.snapshots.at(-1)?.elapsed ?? 0]);
  });
  await load();
  profiler.start({ sampleInterval: 1_000_000 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  profiler.takeSnapshot();
  const { instance } = await WebAssembly.instantiate(ALLOCATING);
  Reflect.apply(instance.exports.malloc as CallableFunction, null, [1000]);
  profiler.takeSnapshot();
  expect(lengths).toHaveLength(1);
  const [[duration, last]] = lengths as [[number, number]];
  expect(duration).toBeGreaterThan(4);
  expect(duration).toBe(last);
});

describe('heap snapshots', () => {
  it('that a recording was cleared under are of no recording', async () => {
    start(await load());
    // Those of other tests have loaded what it takes, if this one has not.
    await loadAnalysis();
    const taking = profiler.takeHeapSnapshot();
    await Promise.resolve();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1);
    profiler.clear();
    profiler.takeSnapshot();
    expect((await taking).isBaseline).toBe(true);
    expect(profiler.getReport().recording.heapSnapshots).toEqual([]);
    await profiler.takeHeapSnapshot();
    expect(profiler.getReport().recording.heapSnapshots).toMatchObject([{ isBaseline: true }]);
  });

  it('go into the recording while profiling, never beyond its end', async () => {
    start(await load());
    await profiler.takeHeapSnapshot();
    profiler.stop();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = await profiler.takeHeapSnapshot();
    expect(later.isBaseline).toBe(false);
    const { heapSnapshots, clock } = profiler.getReport().recording;
    expect(heapSnapshots).toHaveLength(1);
    expect(heapSnapshots[0]?.elapsed).toBeLessThanOrEqual(clock.duration);
  });
});

// Modules that are tracked as they load: which heaps there are, for how long, and who hears of them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADDED_EXPORTS } from '../../../src/instrument/abi.ts';
import { instrumentWasm } from '../../../src/instrument/index.ts';
import { withThreadId } from '../../../src/instrument/load/thread-id.ts';
import { HeapContents } from '../../../src/record/heap/contents.ts';
import { HeapMemory } from '../../../src/record/heap/memory.ts';
import { registry } from '../../../src/record/heap/registry.ts';
import {
  loadWarnings,
  onTrackedHeap,
  type TrackedHeap,
  type Tracking,
  type TrackOptions,
  trackedHeaps,
  trackLoads,
} from '../../../src/record/heap/track-loads.ts';
import { verify } from '../../../src/record/heap/verify.ts';
import { SHIFT } from '../../../src/tracker/assembly/layout.ts';
import { assemble } from '../../instrument/assemble.ts';
import { ALLOCATING, THREADED } from '../../instrument/load/modules.ts';
import { randomNumbers } from '../../random-numbers.ts';

const require = createRequire(import.meta.url);

setFlagsFromString('--expose-gc');
// Of Node 20; later ones have them anyhow.
setFlagsFromString('--experimental-wasm-memory64');
const collectGarbage: () => void = runInNewContext('gc');

const WIDE = new Uint8Array(
  assemble(`(module (memory (export "memory") i64 1)
    (func (export "malloc") (param i64) (result i64) (i64.const 4096))
    (func (export "free") (param i64)))`),
);

let tracking: Tracking | undefined;
let messages: string[] = [];

function track(options: TrackOptions = {}): void {
  tracking = trackLoads({ mode: 'counts', ...options });
}

beforeEach(() => {
  messages = [];
  vi.spyOn(console, 'warn').mockImplementation((text) => void messages.push(text));
  vi.spyOn(console, 'error').mockImplementation((text) => void messages.push(text));
});
afterEach(() => {
  tracking?.stop();
  registry().heaps.clear();
  registry().warnings.length = 0;
  vi.restoreAllMocks();
});

function call({ exports }: WebAssembly.Instance, name: string, ...parameters: number[]): number {
  const { [name]: exported } = exports;
  if (typeof exported !== 'function') throw new Error(`there is no function ${name}`);
  return Number(Reflect.apply(exported, undefined, parameters));
}

async function load(): Promise<WebAssembly.Instance> {
  return (await WebAssembly.instantiate(ALLOCATING)).instance;
}

const sharedMemory = () => new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });

describe('trackLoads()', () => {
  it('gives each module a tracker of its own', async () => {
    track();
    const [first, second] = [await load(), await load()];
    call(first, 'malloc', 100);
    call(second, 'malloc', 30);
    call(second, 'malloc', 3);
    expect(trackedHeaps().map(({ instance }) => instance)).toEqual([first, second]);
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().liveBytes)).toEqual([100, 33]);
    const [heap] = trackedHeaps();
    expect(heap).toMatchObject({ pointerBits: 32, url: null, memory: first.exports.memory });
    expect([...(heap?.names().values() ?? [])]).toContain('malloc');
    expect(heap?.loadedAt).toBeLessThanOrEqual(performance.now());
  });

  it('gives each instance of one module a tracker, too', () => {
    track();
    const module = new WebAssembly.Module(ALLOCATING);
    call(new WebAssembly.Instance(module), 'malloc', 100);
    call(new WebAssembly.Instance(module), 'malloc', 7);
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().liveBytes)).toEqual([100, 7]);
  });

  it('changes nothing where it is on already', async () => {
    track();
    expect(trackLoads({ mode: 'all' })).toBe(tracking);
    await load();
    expect(trackedHeaps().map(({ tracker }) => tracker.mode)).toEqual(['counts']);
  });

  it('leaves what loads after stop() as it is, and goes on with what is tracked', async () => {
    track();
    const instance = await load();
    tracking?.stop();
    expect((await load()).exports).not.toHaveProperty(ADDED_EXPORTS.hooks);
    call(instance, 'malloc', 5);
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().liveBytes)).toEqual([5]);
    track({ mode: 'all' });
    await load();
    expect(trackedHeaps().map(({ tracker }) => tracker.mode)).toEqual(['counts', 'all']);
  });

  it('begins with the calling context anew between tasks, whatever was thrown through a function of the table', async () => {
    track({ mode: 'all' });
    const bytes = assemble(`(module (import "env" "refuse" (func $refuse))
      (memory (export "memory") 1)
      (func $malloc (export "malloc") (param i32) (result i32) (i32.const 1024))
      (func $free (export "free") (param i32) (i32.store (local.get 0) (i32.const 0)))
      (func $callback (call $refuse) (drop (call $malloc (i32.const 1))))
      (func (export "work") (call $free (call $malloc (i32.const 8))))
      (table (export "table") 1 funcref) (elem (i32.const 0) $callback))`);
    const refuse = () => {
      throw new Error('of the application');
    };
    const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes), { env: { refuse } });
    const [heap] = trackedHeaps();
    const { table, [ADDED_EXPORTS.context]: context } = instance.exports as {
      table: WebAssembly.Table;
      [ADDED_EXPORTS.context]: WebAssembly.Global;
    };
    for (let time = 0; time < 3; time++) {
      expect(table.get(0)).toThrow('of the application');
      // As it is as long as that may be running.
      expect(context.value).not.toBe(0);
      heap?.tracker.closeScopes();
      expect(context.value).toBe(0);
      call(instance, 'work');
    }
    expect(heap?.tracker.captures.count).toBe(1);
  });

  it('tells of probes, with the heap', async () => {
    const events: [TrackedHeap, number, number, number][] = [];
    track({
      probes: [{ name: 'malloc', kind: 'call' }],
      onEvent: (...event) => void events.push(event),
    });
    const instance = await load();
    call(instance, 'malloc', 12);
    expect(events).toHaveLength(1);
    expect(events[0]?.[0].instance).toBe(instance);
    expect(events[0]?.slice(1, 3)).toEqual([0, 12]);
  });

  it('knows modules with addresses of 64 bits, also those that were rewritten elsewhere', async () => {
    track();
    const { module } = await WebAssembly.instantiate(WIDE);
    new WebAssembly.Instance(structuredClone(module));
    expect(trackedHeaps().map(({ pointerBits }) => pointerBits)).toEqual([64, 64]);
  });
});

describe('a module with shared memory', () => {
  it('has one tracker for all of its instances', async () => {
    track();
    const memory = sharedMemory();
    const { instance, module } = await WebAssembly.instantiate(THREADED, { env: { memory } });
    // As a thread would make it.
    const thread = new WebAssembly.Instance(structuredClone(module), { env: { memory } });
    call(instance, 'malloc', 100);
    call(thread, 'malloc', 11);
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().allocatedBytes)).toEqual([111]);
    expect(loadWarnings()).toEqual([]);
  });

  it('has a tracker apart from those of other modules', async () => {
    track();
    for (const size of [10, 20]) {
      const { instance } = await WebAssembly.instantiate(THREADED, {
        env: { memory: sharedMemory() },
      });
      call(instance, 'malloc', size);
    }
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().liveBytes)).toEqual([10, 20]);
  });

  it('is not mixed up with another heap of the same module, which is told of once', async () => {
    track();
    const module = await WebAssembly.compile(THREADED);
    const instances = [1, 2, 3].map(
      () => new WebAssembly.Instance(module, { env: { memory: sharedMemory() } }),
    );
    for (const instance of instances) call(instance, 'malloc', 10);
    expect(trackedHeaps().map(({ tracker }) => tracker.counters().liveBytes)).toEqual([10]);
    expect(loadWarnings()).toEqual([
      { code: 'thread-untracked', message: expect.stringMatching(/second memory.*compile/) },
    ]);
    expect(messages).toHaveLength(1);
  });

  it('is told of where nobody told this thread of its tracker', () => {
    track();
    const elsewhere = withThreadId(instrumentWasm(THREADED).bytes, 'of another thread');
    const module = new WebAssembly.Module(new Uint8Array(elsewhere));
    new WebAssembly.Instance(module, { env: { memory: sharedMemory() } });
    expect(trackedHeaps()).toEqual([]);
    expect(loadWarnings()).toEqual([
      { code: 'thread-untracked', message: expect.stringContaining('not told of its tracker') },
    ]);
  });
});

describe('a module with shared memory and dlmalloc', () => {
  it('is counted as exactly, in the granules in which its blocks lie', async () => {
    track();
    const bytes = readFileSync(require.resolve('harfbuzzjs/dist/harfbuzz.wasm'));
    // Nobody publishes one with threads that is small: the memory becomes a shared one.
    const limits = bytes.indexOf(Uint8Array.of(5, 6, 1, 1, 4, 0x80, 0x80, 2));
    bytes[limits + 3] = 3;
    const noop = () => {};
    const { instance } = await WebAssembly.instantiate(bytes, {
      wasi_snapshot_preview1: { proc_exit: noop },
      env: {
        _emscripten_runtime_keepalive_clear: noop,
        _abort_js: noop,
        _setitimer_js: noop,
        emscripten_resize_heap: () => 0,
      },
    });
    const random = randomNumbers(1);
    const blocks: number[] = [];
    for (let step = 0; step < 3000; step++) {
      const place = Math.floor(random() * 1000);
      const block = blocks[place];
      if (block) call(instance, 'free', block);
      blocks[place] = block ? 0 : call(instance, 'malloc', Math.floor(random() * 60));
    }
    const [heap] = trackedHeaps();
    if (!heap?.memory) throw new Error('It is not tracked.');
    expect(heap.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(new DataView(heap.tracker.memory.buffer).getUint32(SHIFT, true)).toBe(4);
    const { liveBlocks, misaligned } = heap.tracker.counters();
    expect([liveBlocks, misaligned]).toEqual([blocks.filter((block) => block).length, 0]);
    expect(
      verify(new HeapMemory(heap.memory, 32), new HeapContents(heap.tracker), true, () => null),
    ).toMatchObject({ verified: true, verifiedBy: 'heap-walk' });
  });
});

describe('listeners', () => {
  it('are told of a heap before its module is there, until they end it', async () => {
    track();
    const order: string[] = [];
    const end = onTrackedHeap(({ tracker }) => {
      order.push(`heap with ${tracker.counters().liveBlocks} blocks`);
    });
    await load().then(() => order.push('module'));
    end();
    await load();
    expect(order).toEqual(['heap with 0 blocks', 'module']);
  });

  it('that fail are dropped, and disturb nobody', async () => {
    track();
    const told = vi.fn();
    onTrackedHeap(() => {
      throw new Error('not mine');
    });
    const end = onTrackedHeap(told);
    const instances = [await load(), await load()];
    end();
    expect(told).toHaveBeenCalledTimes(2);
    expect(messages).toHaveLength(1);
    expect(trackedHeaps().map(({ instance }) => instance)).toEqual(instances);
  });
});

describe('a module that the application drops', () => {
  it('is collected, and its heap is gone', async () => {
    track({ mode: 'all' });
    const kept = await load();
    await (async () => {
      for (let round = 0; round < 5; round++) call(await load(), 'malloc', 100);
    })();
    // Only numbers: what is expected is held on to. Some may be gone already, where memory is short.
    expect(trackedHeaps().length).toBeGreaterThan(1);
    await vi.waitFor(
      () => {
        collectGarbage();
        expect(trackedHeaps().length).toBe(1);
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(trackedHeaps()[0]?.instance === kept).toBe(true);
  });
});

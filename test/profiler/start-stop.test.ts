// start(), stop(), clear() and the events: what they do, and what they leave as it was.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type InstrumentationOptions,
  MemoryProfiler,
  ProfilerError,
  type Snapshot,
  type StartOptions,
} from '../../src/profiler/index.ts';
import { LeakCheck } from '../../src/profiler/leak-check.ts';
import { collectGarbage, collectGarbageUntil } from './garbage.ts';
import { afterThisTest, startEngine, startProfiler } from './real-gegl.ts';

const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const codes = (profiler: MemoryProfiler) => profiler.getReport().warnings.map(({ code }) => code);

describe('start()', () => {
  it('samples at once, then at each interval, until stop(), which samples once more', async () => {
    const profiler = startProfiler({ sampleInterval: 20 });
    expect(profiler.isProfiling).toBe(true);
    expect(profiler.snapshots).toHaveLength(1);
    await vi.waitFor(() => expect(profiler.snapshots.length).toBeGreaterThanOrEqual(6), 10_000);
    const timed = profiler.snapshots.slice(1);
    profiler.stop();
    expect(profiler.isProfiling).toBe(false);
    const count = profiler.snapshots.length;
    expect(count).toBe(timed.length + 2);
    // No more of them than intervals: how many fewer, a busy machine decides. A timer may be a little early.
    expect(timed.length).toBeLessThanOrEqual(((timed.at(-1)?.elapsed ?? 0) + 5) / 20);
    await sleep(60);
    expect(profiler.snapshots).toHaveLength(count);
  });

  it('has the defaults that users were promised', () => {
    const profiler = new MemoryProfiler();
    afterThisTest(() => profiler.stop());
    profiler.start();
    expect(profiler.getReport().recording.options).toEqual({
      sampleInterval: 1_000,
      trackObjects: true,
      sampleRate: 1,
      maxSnapshots: 10_000,
      trackAllocations: 'off',
    });
  });

  it('while profiling changes nothing, and warns', () => {
    const profiler = startProfiler();
    const { snapshots } = profiler;
    expect(profiler.start({ sampleInterval: 10, trackObjects: false })).toBe(false);
    expect(profiler.snapshots).toEqual(snapshots);
    expect(profiler.getReport().recording.options.sampleInterval).toBe(1_000_000);
    expect(codes(profiler)).toEqual(['already-started']);
    expect(console.warn).toHaveBeenCalledOnce();
  });

  const absurd: StartOptions[] = [
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, 9, 86_400_001, '500', {}, true].map(
      (sampleInterval) => ({ sampleInterval }) as StartOptions,
    ),
    ...[-0.1, 1.1, Number.NaN, '1'].map((sampleRate) => ({ sampleRate }) as StartOptions),
    ...[0, 99, 1e7, Number.NaN].map((maxSnapshots) => ({ maxSnapshots })),
    { trackObjects: 'yes' } as unknown as StartOptions,
    { performanceMarkers: 1 } as unknown as StartOptions,
    ...['on', true, 1].map((trackAllocations) => ({ trackAllocations }) as unknown as StartOptions),
    { module: 'Module' } as unknown as StartOptions,
    { onUnload: true } as unknown as StartOptions,
    null as unknown as StartOptions,
    500 as unknown as StartOptions,
  ];
  it.each(absurd.map((options) => [options]))('refuses %o, with nothing changed', (options) => {
    const fresh = new MemoryProfiler();
    expect(() => fresh.start(options)).toThrow(ProfilerError);
    expect(fresh.isProfiling).toBe(false);
    expect(fresh.snapshots).toEqual([]);

    const running = startProfiler();
    const text = running.exportData();
    let error: unknown;
    try {
      running.start(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'ProfilerError', code: 'INVALID_OPTION' });
    expect(running.isProfiling).toBe(true);
    expect(running.exportData()).toBe(text);
  });

  it('names an option that there is not, and those that there are', async () => {
    const misspelt = { trackAlocations: 'all' } as StartOptions;
    expect(() => new MemoryProfiler().start(misspelt)).toThrow(
      /^start\(\): there is no option trackAlocations; .*trackAllocations/,
    );
    const mode = { mode: 'all' } as InstrumentationOptions;
    expect(() => new MemoryProfiler().instrument(mode)).toThrow(
      /^instrument\(\): there is no option mode; .*trackAllocations/,
    );
    const profiler = new MemoryProfiler();
    await expect(profiler.findLeaks(() => {}, { runs: 7 } as object)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^findLeaks\(\): there is no option runs; .*iterations/),
    });
    await expect(profiler.takeHeapSnapshot({ base: true } as object)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^takeHeapSnapshot\(\): there is no option base; .*baseline/),
    });
  });

  it('names the option that is wrong', () => {
    expect(() => new MemoryProfiler().start({ sampleInterval: -5 })).toThrow(
      /sampleInterval.*10 to 86400000.*-5/,
    );
  });

  it('after stop() goes on with the same recording, with a gap', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const color = engine.createColor('red');
    profiler.stop();
    await sleep(20);
    profiler.start({ sampleInterval: 500_000, trackObjects: true });
    color.destroy();
    const { history, summary, recording, objects } = profiler.getReport();
    expect(history).toHaveLength(3);
    expect(summary.totalSamples).toBe(3);
    const [, last, next] = history.map(({ elapsed }) => elapsed);
    expect(recording.clock.gaps).toEqual([{ from: last, to: next, reason: 'stopped' }]);
    expect((next ?? 0) - (last ?? 0)).toBeGreaterThan(15);
    expect(recording.options.sampleInterval).toBe(500_000);
    expect(objects.totals.colors).toEqual({ created: 1, destroyed: 1, live: 0, collected: 0 });
  });

  it('lets a program end', () => {
    const timers = vi.spyOn(globalThis, 'setInterval');
    startProfiler();
    const timer = timers.mock.results[0]?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
  });
});

describe('stop()', () => {
  it('goes on where a listener of the last sample starts again', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const restart = () => {
      if (!profiler.isProfiling) profiler.start({ sampleInterval: 1_000_000 });
    };
    profiler.addEventListener('snapshot', restart);
    profiler.stop();
    profiler.removeEventListener('snapshot', restart);
    expect(profiler.isProfiling).toBe(true);
    engine.createBuffer({ width: 10, height: 10 });
    expect(profiler.takeSnapshot()?.objectCounts.buffers).toBe(1);
    profiler.stop();
    expect(profiler.isProfiling).toBe(false);
  });

  it('without start() changes nothing, and warns', () => {
    const profiler = new MemoryProfiler();
    const warnings: string[] = [];
    profiler.addEventListener('warning', ({ detail }) => warnings.push(detail.code));
    profiler.stop();
    expect(profiler.isProfiling).toBe(false);
    expect(profiler.snapshots).toEqual([]);
    expect(warnings).toEqual(['not-started']);
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it('a second time changes nothing, and the warning stands in the report', () => {
    const profiler = startProfiler();
    profiler.stop();
    const { snapshots } = profiler;
    profiler.stop();
    expect(profiler.snapshots).toEqual(snapshots);
    expect(codes(profiler)).toEqual(['not-started']);
  });

  it('freezes what was recorded', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const color = engine.createColor('red');
    profiler.stop();
    const text = profiler.exportData();
    engine.createColor('blue');
    color.destroy();
    await collectGarbage();
    expect(profiler.exportData()).toBe(text);
    expect(profiler.takeSnapshot()).toBeNull();
  });

  it('from a listener of its own last sample, or of the first, is fine', () => {
    const profiler = new MemoryProfiler();
    profiler.addEventListener('snapshot', () => {
      if (profiler.isProfiling) profiler.stop();
    });
    profiler.start({ sampleInterval: 1_000 });
    expect(profiler.isProfiling).toBe(false);
    expect(profiler.snapshots).toHaveLength(2);
    expect(codes(profiler)).toEqual([]);
  });
});

describe('clear()', () => {
  it('while profiling forgets all, and a new recording begins', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.createColor('red');
    const live = engine.createColor('blue');
    await collectGarbageUntil(() => profiler.getReport().leaks.length === 1);
    profiler.takeSnapshot();
    const startedAt = profiler.getReport().recording.clock.startedAt;
    await sleep(5);
    profiler.clear();
    const { current, history, leaks, warnings, objects, summary, recording } = profiler.getReport();
    expect({ current, history, leaks, warnings }).toEqual({
      current: null,
      history: [],
      leaks: [],
      warnings: [],
    });
    expect(summary).toMatchObject({ duration: 0, totalSamples: 0, totalCollected: 0 });
    expect(recording.clock.startedAt).toBeGreaterThan(startedAt);
    expect(objects.totals.colors).toEqual({ created: 1, destroyed: 0, live: 1, collected: 0 });
    expect(profiler.isProfiling).toBe(true);
    expect(profiler.takeSnapshot()).toMatchObject({ objectCounts: { colors: 1 } });
    expect(profiler.getReport().current?.elapsed).toBeLessThan(1_000);
    live.destroy();
    expect(profiler.objectCounts.colors).toBe(0);
  });

  it('by a listener of samples puts off no check for leaks, and forgets the mark that the sample was for', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const check = vi.spyOn(LeakCheck.prototype, 'run');
    const profiler = startProfiler();
    const clear = () => profiler.clear();
    profiler.addEventListener('leak', () => {});
    profiler.addEventListener('snapshot', clear);
    now = 60_000;
    expect(profiler.mark('in the past')?.elapsed).toBe(60_000);
    profiler.removeEventListener('snapshot', clear);
    expect(profiler.getReport().recording.marks).toEqual([]);
    expect(check).not.toHaveBeenCalled();
    now += 5;
    profiler.takeSnapshot();
    expect(check.mock.calls.map(([at]) => at)).toEqual([5]);
  });

  it('after stop() leaves a profiler as new, whose clock starts with start()', async () => {
    const profiler = startProfiler();
    profiler.stop();
    profiler.clear();
    expect(profiler.snapshots).toEqual([]);
    await sleep(30);
    const before = performance.now();
    profiler.start({ sampleInterval: 1_000_000 });
    expect(profiler.getReport().current?.elapsed).toBeLessThanOrEqual(performance.now() - before);
    expect(profiler.getReport().recording.clock.gaps).toEqual([]);
  });

  it('before start() does nothing', () => {
    const profiler = new MemoryProfiler();
    profiler.clear();
    expect(profiler.snapshots).toEqual([]);
  });
});

describe('a profiler of a loaded recording', () => {
  it('shows and exports it, counts its objects, and refuses to record', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.createColor('red');
    profiler.stop();
    const loaded = MemoryProfiler.fromExport(profiler.exportData());
    expect(loaded.getReport()).toEqual(profiler.getReport());
    expect(loaded.snapshots).toEqual(profiler.snapshots);
    expect(loaded.objectCounts).toEqual(profiler.objectCounts);
    expect(loaded.isProfiling).toBe(false);
    expect(loaded.takeSnapshot()).toBeNull();
    expect(() => loaded.start()).toThrow(
      expect.objectContaining({ code: 'LOADED_RECORDING' }) as Error,
    );
    loaded.clear();
    expect(loaded.snapshots).toEqual([]);
    expect(loaded.start({ sampleInterval: 1_000_000 })).toBe(true);
    loaded.stop();
  });
});

describe('events', () => {
  it('snapshot: each sample, as the history has it', () => {
    const profiler = startProfiler();
    const seen: Snapshot[] = [];
    profiler.addEventListener('snapshot', ({ detail }) => seen.push(detail));
    const taken = profiler.takeSnapshot();
    profiler.stop();
    expect(seen[0]).toEqual(taken);
    expect(seen).toEqual(profiler.snapshots.slice(1));
  });

  it('leak: once for each leak, with the next sample after it was found', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const leaks: string[] = [];
    profiler.addEventListener('leak', ({ detail }) =>
      leaks.push(`${detail.type} ${detail.details.kind}`),
    );
    profiler.takeSnapshot();
    // Its check has begun then, and sees none of what follows.
    await new Promise((resolve) => setImmediate(resolve));
    for (let count = 0; count < 1_000; count += 1) engine.createColor('red');
    await collectGarbageUntil(() => profiler.getReport().summary.totalCollected === 1_000);
    expect(leaks).toEqual([]);
    profiler.takeSnapshot();
    await vi.waitFor(() => expect(leaks).toEqual(['collected_handle colors']), 20_000);
    (() => engine.createGraph())();
    await collectGarbageUntil(() => profiler.getReport().summary.totalCollected === 1_001);
    profiler.takeSnapshot();
    profiler.takeSnapshot();
    await vi.waitFor(
      () => expect(leaks).toEqual(['collected_handle colors', 'collected_handle nodes']),
      20_000,
    );
  });

  it('warning: as it is written down', () => {
    const profiler = startProfiler();
    const seen: unknown[] = [];
    profiler.addEventListener('warning', ({ detail }) => seen.push(detail));
    profiler.start();
    expect(seen).toEqual(profiler.getReport().warnings);
  });

  it('end with removeEventListener()', () => {
    const profiler = startProfiler();
    const listener = vi.fn();
    profiler.addEventListener('snapshot', listener);
    profiler.removeEventListener('snapshot', listener);
    profiler.takeSnapshot();
    expect(listener).not.toHaveBeenCalled();
  });

  it('reach the other listeners when one throws, and sampling goes on', async () => {
    const uncaught: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    afterThisTest(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    });
    const profiler = startProfiler();
    const other = vi.fn();
    const failing = () => {
      throw new Error('of the listener');
    };
    profiler.addEventListener('snapshot', failing);
    profiler.addEventListener('snapshot', other);
    expect(profiler.takeSnapshot()).not.toBeNull();
    profiler.takeSnapshot();
    expect(other).toHaveBeenCalledTimes(2);
    expect(profiler.snapshots).toHaveLength(3);
    profiler.removeEventListener('snapshot', failing);
    await sleep(5);
    // As every error of an event listener: the platform reports it.
    expect(uncaught).toHaveLength(2);
  });
});

describe('a source that fails', () => {
  it('is told of once, leaves null, and never reaches the page', async () => {
    // A stand-in: the real module has no way to fail in these places.
    const module = {
      HEAPU8: new Uint8Array(100),
      stackSave: () => 0,
      stackRestore: () => {},
      stackAlloc: () => 0,
      _mallinfo: vi.fn(() => {
        throw new WebAssembly.RuntimeError('unreachable');
      }),
      _gegl_wasm_static_bytes: vi.fn(() => {
        throw new Error('not now');
      }),
    };
    const profiler = startProfiler({ module });
    profiler.takeSnapshot();
    profiler.takeSnapshot();
    expect(codes(profiler)).toEqual(['source-failed', 'source-failed']);
    expect(profiler.getReport().current?.wasmMemory).toMatchObject({
      heapSize: 100,
      heapUsed: null,
      staticBytes: null,
    });
    // A trap may have left the allocator halfway; anything else may work again.
    expect(module._mallinfo).toHaveBeenCalledTimes(1);
    expect(module._gegl_wasm_static_bytes).toHaveBeenCalledTimes(3);
  });
});

describe('the timer', () => {
  it('asks a slow allocator only as often as its budget allows; a snapshot asked for always does', async () => {
    // Stand-ins: a walk that takes 20 ms, which a real heap does after a minute of work, and a clock that no other program delays.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const HEAPU8 = new Uint8Array(100);
    const _mallinfo = vi.fn(() => {
      now += 20;
    });
    const module = {
      HEAPU8,
      stackSave: () => 0,
      stackRestore() {},
      stackAlloc: () => 0,
      _mallinfo,
    };
    const profiler = startProfiler({ module, sampleInterval: 25 });
    const calls: number[] = [];
    profiler.addEventListener('snapshot', () => {
      now += 25;
      calls.push(_mallinfo.mock.calls.length);
    });
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(20), 10_000);
    profiler.stop();
    // A twentieth of the time, once in 400 ms: the timer's samples are at 20, 45, ... 395 and 420.
    expect(calls.slice(0, 20)).toEqual([...Array(16).fill(1), ...Array(4).fill(2)]);
    expect(profiler.snapshots[5]?.wasmMemory).toMatchObject({
      heapUsed: null,
      heapUsedSource: 'unknown',
    });
    const asked = startProfiler({ module });
    _mallinfo.mockClear();
    expect(asked.takeSnapshot()?.wasmMemory.heapUsed).toBe(0);
    expect(asked.takeSnapshot()?.wasmMemory.heapUsed).toBe(0);
    expect(_mallinfo).toHaveBeenCalledTimes(2);
  });
});

describe('mark()', () => {
  it('takes a sample with a name, which stays in the recording until clear()', () => {
    const profiler = startProfiler();
    const marked = profiler.mark('picture opened');
    expect(profiler.snapshots.at(-1)).toEqual(marked);
    const { marks } = JSON.parse(profiler.exportData());
    expect(marks).toEqual([{ elapsed: marked?.elapsed, name: 'picture opened' }]);
    expect(MemoryProfiler.fromExport(profiler.exportData()).getReport().recording.marks).toEqual(
      marks,
    );
    profiler.clear();
    expect(profiler.getReport().recording.marks).toEqual([]);
  });

  it('marks nothing when not profiling', () => {
    const profiler = new MemoryProfiler();
    expect(profiler.mark('too early')).toBeNull();
    expect(profiler.getReport().recording.marks).toEqual([]);
  });

  it('keeps the first and the last where there are very many', () => {
    const profiler = startProfiler();
    for (let count = 1; count <= 1002; count++) profiler.mark(`mark ${count}`);
    const { marks } = profiler.getReport().recording;
    expect(marks).toHaveLength(1000);
    expect([marks[0]?.name, marks.at(-1)?.name]).toEqual(['mark 1', 'mark 1002']);
  });

  it.each(['', 'x'.repeat(201), 5, null])('refuses %j as a name', (name) => {
    const profiler = startProfiler();
    expect(() => profiler.mark(name as string)).toThrow(ProfilerError);
    expect(profiler.snapshots).toHaveLength(1);
  });
});

describe('performanceMarkers', () => {
  it('sets none when left out', () => {
    const measure = vi.spyOn(performance, 'measure');
    const profiler = startProfiler();
    profiler.mark('here');
    profiler.stop();
    expect(measure).not.toHaveBeenCalled();
  });

  it('leaves alone what the page itself measures under the same name', () => {
    performance.measure('render', { start: 1, end: 2 });
    const profiler = startProfiler({ performanceMarkers: true });
    profiler.mark('render');
    profiler.mark('of ours alone');
    profiler.stop();
    const starts = (name: string) =>
      performance.getEntriesByName(name, 'measure').map(({ startTime }) => startTime);
    expect(starts('render')).toContain(1);
    expect(starts('of ours alone')).toEqual([]);
    performance.clearMeasures('render');
  });

  it('warns once where the platform refuses them, and goes on', () => {
    vi.spyOn(performance, 'measure').mockImplementation(() => {
      throw new TypeError('no such entry');
    });
    const profiler = startProfiler({ performanceMarkers: true });
    expect(profiler.mark('here')).not.toBeNull();
    profiler.stop();
    expect(profiler.snapshots).toHaveLength(3);
    expect(profiler.getReport().warnings).toMatchObject([
      { code: 'markers-failed', message: expect.stringMatching(/no such entry/) },
    ]);
  });
});

// findLeaks() on real GEGL: clean actions yield nothing, leaking ones the guilty line first.

import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { GeglBuffer, GeglEngine, GeglGraph } from '../../src/gegl/index.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { pattern } from '../gegl/conformance/case.ts';
import { collectGarbage } from './garbage.ts';
import { afterThisTest, openEngine, startEngine, startProfiler } from './real-gegl.ts';

interface Raw {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** One for most tests: to start it while each allocation is followed takes a second. */
let shared: { engine: GeglEngine; end(): void } | null = null;
afterAll(endShared);

function endShared(): void {
  const ended = shared;
  shared = null;
  ended?.end();
}

async function startTracked(): Promise<{ engine: GeglEngine; profiler: MemoryProfiler; raw: Raw }> {
  shared ??= await openTracked();
  const { engine } = shared;
  return { engine, profiler: new MemoryProfiler(), raw: engine.module as unknown as Raw };
}

/** Where what other tests have left, which is released late, would be counted. */
function startTrackedAnew(): ReturnType<typeof startTracked> {
  endShared();
  return startTracked();
}

async function openTracked(): Promise<{ engine: GeglEngine; end(): void }> {
  const tracking = new MemoryProfiler().instrument({ trackAllocations: 'all' });
  try {
    return await openEngine();
  } finally {
    tracking.stop();
  }
}

/** Makes, renders and destroys. */
function render(engine: GeglEngine): void {
  const source = engine.createBuffer({ width: 60, height: 40 });
  source.setPixels(pattern(60, 40));
  const graph = engine.createGraph();
  graph
    .createNode('gegl:buffer-source', { buffer: source })
    .link(graph.createNode('gegl:invert-linear'))
    .blit({ x: 0, y: 0, width: 60, height: 40 });
  graph.destroy();
  source.destroy();
}

/** `globalThis.gc`, as with --expose-gc. */
async function exposeCollector(): Promise<void> {
  await collectGarbage();
  globalThis.gc = runInNewContext('gc');
  afterThisTest(() => {
    Reflect.deleteProperty(globalThis, 'gc');
  });
}

/** Kept on purpose, so that nothing is told by collected handles. */
const kept: unknown[] = [];

describe('findLeaks()', () => {
  it('finds nothing in an action that destroys what it makes, and draws its balance', async () => {
    const { engine, profiler } = await startTracked();
    const { findings, balance } = await profiler.findLeaks(() => render(engine), { warmup: 3 });
    expect(findings).toEqual([]);
    expect(balance.iterations).toBe(7);
    expect(balance.handles).toEqual({});
    const buffers = balance.types.find(({ name }) => name === 'GeglBuffer');
    expect(buffers?.allocatedBlocks).toBeGreaterThanOrEqual(1);
    expect(buffers?.keptBlocks).toBe(0);
    expect(balance.heap?.allocatedBytes).toBeGreaterThan(60 * 40 * 16);
    expect(balance.heap?.allocatedBytes).toBeCloseTo(
      (balance.heap?.freedBytes ?? 0) + (balance.heap?.keptBytes ?? 0),
    );
    expect(balance.sites[0]?.allocatedBytes).toBeGreaterThan(0);
  });

  it('runs one after the other where it is called twice, and leaves the mode as it was', async () => {
    const { profiler } = await startTracked();
    profiler.start({ sampleInterval: 1e6 });
    afterThisTest(() => profiler.stop());
    let running = 0;
    let most = 0;
    const action = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    const failing = () => Promise.reject(new RangeError('out of paint'));
    const options = { iterations: 3, warmup: 0 };
    const [first, second, third] = await Promise.allSettled(
      [failing, action, action].map((one) => profiler.findLeaks(one, options)),
    );
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'out of paint' } });
    expect([second?.status, third?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(most).toBe(1);
    expect(profiler.getReport().heap?.mode).toBe('all');
  });

  it('finds a buffer that each run leaves, with its pixels, its line and who holds it', async () => {
    const { engine, profiler } = await startTracked();
    const { findings } = await profiler.findLeaks(
      function forgetBuffer() {
        render(engine);
        const buffer = engine.createBuffer({ width: 64, height: 64 });
        kept.push(buffer.setPixels(pattern(64, 64)));
      },
      { warmup: 2 },
    );
    const [first] = findings;
    expect(first).toMatchObject({ type: 'iteration_leak', severity: 'error' });
    expect(first?.message).toContain('1 more buffers');
    expect(first?.details.stack).toMatch(/^at forgetBuffer .*find-leaks\.test\.ts/);
    expect(Number(first?.details.bytesPerIteration)).toBeGreaterThanOrEqual(64 * 64 * 16);
    expect(first?.details.types).toContainEqual({ name: 'GeglBuffer', count: 1 });
    expect(Number(first?.details.confidence)).toBeGreaterThan(0.99);
    expect(first?.details.path).toEqual([
      expect.stringContaining('buffer 64 x 64 RGBA float'),
      'GeglBuffer',
    ]);
    expect(findings).toHaveLength(1);
  });

  it.each([
    ['nodes', (engine: GeglEngine) => engine.createGraph()],
    ['colors', (engine: GeglEngine) => engine.createColor('red')],
  ] as const)('finds %s', async (kind, make) => {
    const { engine, profiler } = await startTracked();
    const { findings } = await profiler.findLeaks(function leak() {
      kept.push(make(engine));
    });
    expect(findings[0]?.message).toContain(`1 more ${kind}`);
    expect(findings[0]?.details.stack).toMatch(/find-leaks\.test\.ts/);
  });

  it('finds 16 bytes that nobody frees among much that is freed, by its line', async () => {
    const { engine, profiler, raw } = await startTracked();
    const { findings } = await profiler.findLeaks(
      async function dropBlock() {
        render(engine);
        await Promise.resolve();
        raw._malloc(16);
      },
      { warmup: 3 },
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]?.details).toMatchObject({ bytesPerIteration: 16, bytes: 7 * 16 });
    expect(findings[0]?.details.stack).toContain('dropBlock');
  });

  it('finds what is left only where the action fails', async () => {
    const { engine, profiler } = await startTracked();
    const { findings } = await profiler.findLeaks(function failing() {
      const graph = engine.createGraph();
      try {
        graph.createNode('gegl:no-such-operation');
        graph.destroy();
      } catch {
        kept.push(graph);
      }
    });
    expect(findings[0]?.message).toContain('1 more nodes');
    expect(findings[0]?.details.stack).toContain('failing');
  });

  it('does not take for a leak what is kept once, doubles, or is given back', async () => {
    const { profiler, raw } = await startTracked();
    const cache = new Map<number, number>();
    let runs = 0;
    let table = raw._malloc(64);
    const queue: number[] = [];
    const { findings } = await profiler.findLeaks(
      () => {
        runs += 1;
        // A cache of three.
        if (cache.size < 3) cache.set(runs, raw._malloc(1000));
        // A table that doubles.
        if ((runs & (runs - 1)) === 0) {
          raw._free(table);
          table = raw._malloc(64 * runs);
        }
        // A queue of four.
        queue.push(raw._malloc(200));
        if (queue.length > 4) raw._free(queue.shift() ?? 0);
      },
      { warmup: 2 },
    );
    expect(findings).toEqual([]);
  });

  it('does not take for a leak what is released when its JavaScript object is collected', async () => {
    const { profiler, raw } = await startTrackedAnew();
    await exposeCollector();
    const released: number[] = [];
    const registry = new FinalizationRegistry((address: number) => {
      raw._free(address);
      released.push(address);
    });
    const { findings, warnings } = await profiler.findLeaks(
      () => registry.register({}, raw._malloc(5000)),
      { warmup: 2 },
    );
    expect(warnings).toEqual([]);
    expect(released.length).toBeGreaterThan(0);
    expect(findings).toEqual([]);
  });

  describe('on a machine so busy that things are released late', () => {
    it('waits for finalizers', async () => {
      const { profiler, raw } = await startTrackedAnew();
      await exposeCollector();
      const Registry = globalThis.FinalizationRegistry;
      vi.stubGlobal(
        'FinalizationRegistry',
        class<Held> extends Registry<Held> {
          constructor(release: (held: Held) => void) {
            super((held) => setTimeout(release, 40, held));
          }
        },
      );
      afterThisTest(() => vi.unstubAllGlobals());
      let released = 0;
      const registry = new FinalizationRegistry((address: number) => {
        raw._free(address);
        released += 1;
      });
      const { findings, balance } = await profiler.findLeaks(
        () => registry.register({}, raw._malloc(5000)),
        { iterations: 3 },
      );
      expect(findings).toEqual([]);
      expect(balance).toMatchObject({ iterations: 3, heap: { keptBytes: 0 } });
      expect(released).toBe(4);
    });

    it('runs on where three runs seem to leak, and tells only of what seven do', async () => {
      const { profiler, raw } = await startTracked();
      let runs = 0;
      const fill = () => {
        runs += 1;
        if (runs <= 5) raw._malloc(1000);
      };
      const filled = await profiler.findLeaks(fill, { iterations: 3 });
      expect(filled.findings).toEqual([]);
      expect(filled.balance.iterations).toBe(7);
      expect(runs).toBe(8);
      const leak = () => raw._malloc(1000);
      const { findings } = await profiler.findLeaks(leak, { iterations: 3 });
      expect(findings.map(({ severity }) => severity)).toEqual(['error']);
      expect(Number(findings[0]?.details.confidence)).toBeGreaterThan(0.99);
    });

    it('waits once more before it tells', async () => {
      const { profiler, raw } = await startTracked();
      const live = new Set<number>();
      const { findings } = await profiler.findLeaks(() => {
        const address = raw._malloc(1000);
        live.add(address);
        setTimeout(() => {
          raw._free(address);
          live.delete(address);
        }, 250);
      });
      expect(findings).toEqual([]);
      await vi.waitFor(() => expect(live.size).toBe(0), 10_000);
    });
  });

  describe('goes on where something seems to leak, and tells only of what lasts', () => {
    it('not of graphs that are kept for undo, each for one that is given up', async () => {
      const { engine, profiler } = await startTracked();
      const undo: GeglGraph[] = [];
      const step = () => {
        const graph = engine.createGraph();
        const input = graph.createNode('gegl:color');
        input.link(graph.createNode('gegl:opacity'));
        undo.push(graph);
        if (undo.length > 5) undo.shift()?.destroy();
      };
      for (let before = 0; before < 10; before++) step();
      const { findings, balance } = await profiler.findLeaks(step);
      expect(findings).toEqual([]);
      expect(balance.handles.nodes).toBeCloseTo(0);
    });

    it('nor of a cache that is trimmed to a half when it is full', async () => {
      const { engine, profiler } = await startTracked();
      const cache: GeglBuffer[] = [];
      let runs = 0;
      const { findings, balance } = await profiler.findLeaks(() => {
        runs += 1;
        cache.push(engine.createBuffer({ width: 8, height: 8 }));
        if (cache.length > 20) for (const old of cache.splice(0, 10)) old.destroy();
      });
      expect(findings).toEqual([]);
      // Those that were watched, in which it only grew.
      expect(balance).toMatchObject({ iterations: 7, handles: { buffers: 1 } });
      expect(runs).toBeGreaterThan(20);
    });

    it('nor of what is released a second later', async () => {
      const { profiler, raw } = await startTracked();
      const live = new Set<number>();
      const { findings } = await profiler.findLeaks(async () => {
        const address = raw._malloc(1000);
        live.add(address);
        setTimeout(() => {
          raw._free(address);
          live.delete(address);
        }, 1000);
        await new Promise((resolve) => setTimeout(resolve, 50));
      });
      expect(findings).toEqual([]);
      // The next test has the same heap.
      await vi.waitFor(() => expect(live.size).toBe(0), 10_000);
    });

    it('but of a leak, after 28 runs, and by those that were watched', async () => {
      const { profiler, raw } = await startTracked();
      let runs = 0;
      const { findings } = await profiler.findLeaks(() => {
        runs += 1;
        raw._malloc(100);
      });
      expect(runs).toBe(29);
      expect(findings.map(({ details }) => details)).toMatchObject([{ iterations: 7, bytes: 700 }]);
    });

    it('nor for ever where what leaks makes each run take twice as long, and says so', async () => {
      const { profiler, raw } = await startTracked();
      // A clock that is set forward: the real one would take hours.
      const { now } = performance;
      let ahead = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ahead);
      afterThisTest(() => vi.restoreAllMocks());
      let runs = 0;
      const { findings, warnings } = await profiler.findLeaks(() => {
        runs += 1;
        raw._malloc(100);
        ahead += 1000 * 2 ** runs;
      });
      expect(runs).toBe(1 + 7 + 1);
      expect(findings.map(({ details }) => details)).toMatchObject([{ iterations: 7, bytes: 700 }]);
      expect(warnings.at(-1)).toContain('1 of 7 further runs');
    });
  });

  it('finds objects whose handles are lost, and says that nobody holds them any more', async () => {
    const { engine, profiler } = await startTracked();
    const { findings } = await profiler.findLeaks(function lose() {
      engine.createColor('red');
    });
    expect(findings[0]?.message).toContain('1 more colors');
    expect(findings[0]?.details.stack).toContain('lose');
  });

  it('throws what the action throws, with the mode put back', async () => {
    const { profiler } = await startTracked();
    profiler.start({ sampleInterval: 1_000_000, trackAllocations: 'sampled' });
    const failure = new Error('no more');
    await expect(
      profiler.findLeaks(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(profiler.getReport().heap?.mode).toBe('sampled');
    await profiler.findLeaks(() => {}, { iterations: 3 });
    expect(profiler.getReport().heap?.mode).toBe('sampled');
    profiler.stop();
  });

  it('does not count what the first sample of a recording makes in the heap', async () => {
    endShared();
    const profiler = startProfiler();
    const { engine } = await startTracked();
    let runs = 0;
    const { balance } = await profiler.findLeaks(() => {
      engine.createBuffer({ width: 8, height: 8 }).destroy();
      runs += 1;
      // As the recording's timer may, for the first time since GEGL has started.
      if (runs === 4) profiler.takeSnapshot();
    });
    expect(runs).toBe(8);
    expect(balance).toMatchObject({ iterations: 7, heap: { keptBytes: 0, keptBlocks: 0 } });
  });

  describe('given up by a signal', () => {
    it('does not wait for an action that never ends, and puts all back', async () => {
      const { profiler } = await startTracked();
      profiler.start({ sampleInterval: 1_000_000, trackAllocations: 'sampled' });
      afterThisTest(() => profiler.stop());
      const ending = new AbortController();
      const hunt = profiler.findLeaks(
        () => {
          setTimeout(() => ending.abort('enough'), 20);
          return new Promise(() => {});
        },
        { signal: ending.signal },
      );
      await expect(hunt).rejects.toBe('enough');
      expect(profiler.getReport().heap?.mode).toBe('sampled');
      expect((await profiler.findLeaks(() => {}, { iterations: 3 })).findings).toEqual([]);
    });

    it('does not begin another run', async () => {
      const ending = new AbortController();
      const aborted = { name: 'AbortError' };
      let runs = 0;
      const action = () => {
        runs += 1;
        if (runs === 2) setTimeout(() => ending.abort());
      };
      const options = { iterations: 1000, signal: ending.signal };
      await expect(new MemoryProfiler().findLeaks(action, options)).rejects.toMatchObject(aborted);
      expect(runs).toBe(2);
      await expect(new MemoryProfiler().findLeaks(action, options)).rejects.toMatchObject(aborted);
      expect(runs).toBe(2);
    });
  });

  it('refuses what are no options', async () => {
    const findLeaks = (options: unknown) =>
      new MemoryProfiler().findLeaks(() => {}, options as { iterations: number });
    const refused = { code: 'INVALID_OPTION', message: expect.stringContaining('findLeaks()') };
    await expect(findLeaks(null)).rejects.toMatchObject(refused);
    await expect(findLeaks({ iterations: 2 })).rejects.toMatchObject(refused);
    await expect(findLeaks({ signal: 'now' })).rejects.toMatchObject(refused);
  });

  it('refuses to be called by the action of another, which would wait for itself', async () => {
    const profiler = new MemoryProfiler();
    const refused = { code: 'FINDING_LEAKS' };
    await profiler.findLeaks(
      () => expect(profiler.findLeaks(() => {})).rejects.toMatchObject(refused),
      {
        iterations: 3,
      },
    );
    await expect(profiler.findLeaks(() => profiler.findLeaks(() => {}))).rejects.toMatchObject(
      refused,
    );
    expect((await profiler.findLeaks(() => {}, { iterations: 3 })).findings).toEqual([]);
  });

  it('works by handles and the allocator’s sum where the heap is not tracked, and says so', async () => {
    endShared();
    const engine = await startEngine();
    const raw = engine.module as unknown as Raw;
    const profiler = new MemoryProfiler();
    const made: GeglBuffer[] = [];
    const buffers = await profiler.findLeaks(() => {
      made.push(engine.createBuffer({ width: 8, height: 8 }));
    });
    expect(buffers.warnings[0]).toContain('No heap is tracked');
    expect(buffers.findings[0]?.message).toContain('1 more buffers');
    expect(buffers.balance).toMatchObject({ types: [], sites: [], handles: { buffers: 1 } });
    const blocks = await profiler.findLeaks(() => {
      raw._malloc(5000);
    });
    expect(blocks.findings[0]?.details).toMatchObject({ kind: 'heap', iterations: 7 });
    expect(Number(blocks.findings[0]?.details.bytesPerIteration)).toBeGreaterThanOrEqual(5000);
  });

  it.each([{ iterations: 2 }, { iterations: 1.5 }, { warmup: -1 }])(
    'refuses %o before anything runs',
    async (options) => {
      let runs = 0;
      await expect(
        new MemoryProfiler().findLeaks(() => {
          runs += 1;
        }, options),
      ).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      expect(runs).toBe(0);
    },
  );
});

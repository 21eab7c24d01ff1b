// Pages with several modules, of which none is GEGL's: leaks are found in whichever has them, and the recording is of the
// one that holds most.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { registry } from '../../src/record/heap/registry.ts';
import { assemble } from '../instrument/assemble.ts';
import { ALLOCATING } from '../instrument/load/modules.ts';

const WITHOUT_ALLOCATOR = new Uint8Array(
  assemble(
    '(module (memory (export "memory") 1) (func (export "answer") (result i32) (i32.const 42)))',
  ),
);

let profiler = new MemoryProfiler();
let tracking: { stop(): void } | null = null;
afterEach(() => {
  if (profiler.isProfiling) profiler.stop();
  profiler = new MemoryProfiler();
  tracking?.stop();
  registry().heaps.clear();
  registry().untracked.clear();
  vi.restoreAllMocks();
});

function track(): void {
  tracking = profiler.instrument({ trackAllocations: 'all' });
}

interface Module {
  malloc(bytes: number): number;
  free(address: number): void;
}

/** Kept, since a heap goes with its module. */
const instances: WebAssembly.Instance[] = [];

async function load(): Promise<Module> {
  const { instance } = await WebAssembly.instantiate(ALLOCATING);
  instances.push(instance);
  return instance.exports as unknown as Module;
}

it('the profiler’s own modules are none of those that it is asked to match, and it warns of none', async () => {
  const match = vi.fn((_url: string | null, _bytes: Uint8Array) => true);
  tracking = profiler.instrument({ trackAllocations: 'all', match });
  await load();
  await profiler.takeHeapSnapshot();
  await profiler.findLeaks(() => {});
  expect(match.mock.calls.map(([, bytes]) => bytes)).toEqual([ALLOCATING]);
  expect([...registry().untracked]).toEqual([]);
});

describe('a page with several modules', () => {
  it('finds the leak of each, whichever was loaded last', async () => {
    track();
    const [first, second] = [await load(), await load()];
    const { findings, balance } = await profiler.findLeaks(() => {
      (function forgetOne() {
        first.malloc(100);
      })();
      second.free(second.malloc(50));
    });
    expect(findings.map(({ details }) => details.bytesPerIteration)).toEqual([100]);
    expect(findings[0]?.details.stack).toContain('forgetOne');
    expect(balance.heap).toMatchObject({ allocatedBytes: 150, freedBytes: 50, keptBytes: 100 });
    const other = await profiler.findLeaks(() => {
      first.free(first.malloc(100));
      second.malloc(50);
    });
    expect(other.findings.map(({ details }) => details.bytesPerIteration)).toEqual([50]);
  });

  it('finds the leak of a module that loads in the first run of the action', async () => {
    track();
    let module: Module | null = null;
    const { findings, warnings } = await profiler.findLeaks(async () => {
      module ??= await load();
      module.malloc(24);
    });
    expect(findings.map(({ details }) => details.bytesPerIteration)).toEqual([24]);
    expect(warnings.join()).not.toContain('No heap is tracked');
  });

  it('says that it does not look into one that loads in a later run', async () => {
    track();
    const first = await load();
    const loadLater = async (run: number) => {
      let runs = 0;
      const { warnings } = await profiler.findLeaks(async () => {
        first.free(first.malloc(8));
        if (++runs === run) await load();
      });
      return warnings.join();
    };
    expect(await loadLater(1)).not.toContain('give more warmup');
    expect(await loadLater(3)).toContain('give more warmup');
  });

  it('records the one that holds most, and nothing of another in the same figures', async () => {
    track();
    profiler.start({ sampleInterval: 3_600_000 });
    const small = await load();
    small.malloc(100);
    profiler.takeSnapshot();
    const large = await load();
    large.malloc(150);
    profiler.takeSnapshot();
    large.malloc(10_000);
    let growth: number | null = 0;
    profiler.addEventListener('snapshot', ({ detail }) => {
      growth = detail.wasmMemory.heapUsedGrowth;
    });
    profiler.takeSnapshot();
    const { heap, warnings } = profiler.getReport();
    expect(heap?.totals.live.bytes).toBe(10_150);
    expect(profiler.snapshots.map(({ wasmMemory }) => wasmMemory.heapUsed)).toEqual([
      null,
      null,
      null,
      10_150,
    ]);
    expect(growth).toBeNull();
    expect(warnings.map(({ code }) => code)).toContain('heap-changed');
    // A snapshot of the heap is of the module that the recording is of.
    expect((await profiler.takeHeapSnapshot()).types()).toMatchObject([
      { count: 2, selfBytes: 10_150 },
    ]);
  });

  it('says which modules have no allocator, where nothing else is to be watched', async () => {
    const told = vi.spyOn(console, 'warn');
    track();
    profiler.start({ sampleInterval: 3_600_000 });
    await WebAssembly.instantiate(WITHOUT_ALLOCATOR);
    const { findings, warnings } = await profiler.findLeaks(() => {});
    expect(findings).toEqual([]);
    expect(warnings.join('\n')).toMatch(/No heap is tracked.*\n.*No allocator was found/);
    expect(profiler.getReport().warnings.map(({ code }) => code)).toContain('no-allocator');
    // No page's console is told: most such modules have nothing to track.
    expect(told).not.toHaveBeenCalled();
    const module = await load();
    module.malloc(8);
    profiler.takeSnapshot();
    expect(profiler.getReport().warnings.map(({ code }) => code)).not.toContain('no-allocator');
  });
});

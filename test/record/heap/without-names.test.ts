// GEGL without its name section: what is known all the same, and names that are handed in, before or afterwards.

import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { symbolize } from '../../../src/analyze/symbolize.ts';
import { GeglEngine } from '../../../src/gegl/index.ts';
import { readSymbols } from '../../../src/instrument/index.ts';
import { customSection, parseModule, type Section } from '../../../src/instrument/module.ts';
import { MemoryProfiler, type Report } from '../../../src/profiler/index.ts';
import { FORWARDERS as forwarders } from '../../../src/record/heap/instrument-options.ts';
import { parseRecording } from '../../../src/recording/parse.ts';
import { moduleFactory } from '../../gegl/built-module.ts';
import { startProfiler } from '../../profiler/real-gegl.ts';

const bytes = readFileSync(new URL('../../../native/out/gegl.wasm', import.meta.url));
const original = parseModule(bytes);
const names = readSymbols(bytes);

function withoutNames(): Uint8Array {
  const section = customSection(original, 'name') as Section;
  return Buffer.concat([bytes.subarray(0, section.start), bytes.subarray(section.end)]);
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

type Instrumentation = Parameters<MemoryProfiler['instrument']>[0];

async function startEngine(options: Instrumentation): Promise<GeglEngine> {
  const wasmBinary = withoutNames();
  const tracking = new MemoryProfiler().instrument({ mean: 1, budget: 1, seed: 1, ...options });
  cleanups.push(() => tracking.stop());
  const engine = new GeglEngine();
  const create = moduleFactory();
  const module = (overrides?: object) => create({ ...overrides, wasmBinary });
  await engine.init({ module, license: 'GPL3', onMessage() {} });
  cleanups.push(() => engine.exit());
  return engine;
}

/** The same work each time, from one place. */
function work(engine: GeglEngine): MemoryProfiler {
  const profiler = startProfiler();
  const buffer = engine.createBuffer({ width: 300, height: 300 });
  engine.createGraph().createNode('gegl:color').blitToBuffer(buffer);
  profiler.takeSnapshot();
  return profiler;
}

describe('a module without names', () => {
  let report: Report;
  let exported: string;
  // Before any names are handed in.
  beforeAll(async () => {
    const profiler = work(await startEngine({}));
    report = profiler.getReport();
    exported = profiler.exportData();
  });

  it('is exact, and says what is not known and what would help', () => {
    const { heap, sites, instances, operations, warnings } = report;
    expect(heap).toMatchObject({
      module: { hasNames: false, allocator: 'dlmalloc' },
      accounting: { verified: true, unknownFrees: 0, duplicateAllocations: 0 },
    });
    expect({ instances, operations }).toEqual({ instances: null, operations: null });
    expect(sites?.[0]?.allocatedBy).toMatch(/^wasm-function\[\d+\]$/);
    expect(sites?.[0]?.title).toContain('without-names.test.ts');
    expect(warnings.map(({ code }) => code)).toEqual(['heap-without-names']);
    expect(warnings[0]?.message).toMatch(/--profiling-funcs.*--emit-symbol-map/);
  });

  it('has names when they are handed in before it loads', async () => {
    // Of what GEGL allocates as it starts, a part: the tiles that are looked for are larger.
    const engine = await startEngine({ symbols: names, mean: 1024 });
    const { sites, instances, operations, warnings } = work(engine).getReport();
    expect(sites?.[0]?.allocatedBy).toBe('gegl_tile_alloc');
    expect(instances?.some(({ type, live }) => type === 'GeglBuffer' && live > 0)).toBe(true);
    expect(operations?.map(({ name }) => name)).toContain('gegl:color');
    expect(warnings).toEqual([]);
  });

  it('has names when they are handed in later, and its sites are those of the module with names', () => {
    const plain = parseRecording(exported);
    expect(plain.heap?.module.hasNames).toBe(false);
    const text = JSON.stringify(plain);
    const symbolized = symbolize(plain, names, { forwarders });
    expect(JSON.stringify(plain)).toBe(text);
    parseRecording(JSON.stringify(symbolized));

    const named = MemoryProfiler.fromExport(JSON.stringify(symbolized)).getReport();
    expect(named.heap?.module.hasNames).toBe(true);
    expect(named.sites?.[0]?.allocatedBy).toBe('gegl_tile_alloc');
    const all = JSON.stringify(named.sites);
    expect(all).not.toMatch(/fpcast-emu|"wasm-function/);
    // Nothing is lost: figures only move together.
    const sum = (values: readonly number[] = []) => values.reduce((a, b) => a + b, 0);
    expect(sum(symbolized.heap?.sites?.figures.totalBytes)).toBe(
      sum(plain.heap?.sites?.figures.totalBytes),
    );
    expect(symbolized.heap?.sites?.figures.stack.length).toBeLessThanOrEqual(
      plain.heap?.sites?.figures.stack.length ?? 0,
    );
    expect(symbolize(symbolized, names, { forwarders })).toEqual(symbolized);
  });

  it('stays as it is where there is nothing to name', () => {
    const empty = parseRecording(new MemoryProfiler().exportData());
    expect(symbolize(empty, names)).toBe(empty);
  });
});

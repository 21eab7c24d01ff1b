// Evidence of leaks from sessions of real GEGL: figures over time, exits, heap snapshots, suppressions.

import { afterEach, describe, expect, it } from 'vitest';
import type { GeglEngine } from '../../src/gegl/index.ts';
import { formatReport } from '../../src/present/text/index.ts';
import { type Finding, MemoryProfiler, SuppressionError } from '../../src/profiler/index.ts';
import { pattern } from '../gegl/conformance/case.ts';
import { afterThisTest, startEngine, startProfiler } from './real-gegl.ts';

let tracking: { stop(): void } | null = null;
afterEach(() => {
  tracking?.stop();
  tracking = null;
});

async function startTracked(options: { budget?: number } = {}): Promise<GeglEngine> {
  tracking = new MemoryProfiler().instrument({ trackAllocations: 'all', ...options });
  const engine = await startEngine();
  tracking.stop();
  return engine;
}

describe('figures over time', () => {
  it('name the type and the line that leak, and nothing else', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    const kept: unknown[] = [];
    const work = () => {
      const buffer = engine.createBuffer({ width: 20, height: 20 });
      buffer.setPixels(pattern(20, 20));
      buffer.destroy();
    };
    for (let run = 0; run < 60; run++) {
      work();
      kept.push(engine.createColor('red'));
      profiler.takeSnapshot();
    }
    const { leaks } = profiler.getReport();
    expect(leaks.map(({ type, details }) => `${type} ${details.kind}`)).toEqual([
      'object_accumulation colors',
    ]);
    expect(leaks[0]?.details.stack).toContain('leak-findings.test.ts');
    const explains = leaks[0]?.details.explains as Finding[];
    for (const { type, details } of explains) {
      expect(`${type} ${details.kind} ${details.stack}`).toMatch(
        /type_growth GeglColor|site_growth .*leak-findings/,
      );
    }
    expect(explains.map(({ type }) => type)).toContain('type_growth');
  });

  it('are silent where all is given back, and stay at 240 rows', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    for (let run = 0; run < 300; run++) {
      const color = engine.createColor('red');
      profiler.takeSnapshot();
      color.destroy();
    }
    const { series, snapshots } = JSON.parse(profiler.exportData());
    expect(snapshots.elapsed).toHaveLength(301);
    expect(series.elapsed.length).toBeGreaterThan(100);
    expect(series.elapsed.length).toBeLessThanOrEqual(240);
    const colors = series.types.find(({ name }: { name: string }) => name === 'GeglColor');
    expect(colors.live).toContain(1);
    expect(Math.max(...colors.live)).toBeLessThan(5);
    expect(series.sites.length).toBeGreaterThan(0);
    expect(profiler.getReport().leaks).toEqual([]);
  });

  it('stay as they were at stop()', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    profiler.takeSnapshot();
    profiler.stop();
    const before = profiler.exportData();
    engine.createColor('red');
    expect(profiler.exportData()).toBe(before);
    expect(JSON.parse(before).series.elapsed.length).toBeGreaterThan(1);
  });
});

describe('what lives when GEGL exits', () => {
  it('is told of: buffers, and processors with work left', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    const buffer = engine.createBuffer({ width: 32, height: 32 });
    const graph = engine.createGraph();
    const node = graph
      .createNode('gegl:buffer-source', { buffer })
      .link(graph.createNode('gegl:invert-linear'));
    const finished = node.createProcessor();
    while (finished.work());
    node.createProcessor();
    engine.exit();
    const { leaks } = profiler.getReport();
    const find = (type: string) => leaks.find((finding) => finding.type === type);
    expect(find('buffer_alive_at_exit')?.details).toMatchObject({ count: 1, bytes: 32 * 32 * 16 });
    expect(find('buffer_alive_at_exit')?.details.stack).toContain('leak-findings.test.ts');
    expect(find('unfinished_processor')?.details).toMatchObject({ count: 1, atExit: 1 });
  });

  it('is nothing where all was destroyed', async () => {
    const engine = await startEngine();
    const profiler = startProfiler();
    engine.createBuffer({ width: 32, height: 32 }).destroy();
    engine.exit();
    expect(profiler.getReport().leaks).toEqual([]);
  });
});

describe('heap snapshots', () => {
  it('show a node that a processor holds after its graph has gone, and by what', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    const make = () => {
      const graph = engine.createGraph();
      const node = graph.createNode('gegl:color', { value: 'red' });
      const processor = node.createProcessor({ x: 0, y: 0, width: 8, height: 8 });
      return { graph, processor };
    };
    const clean = make();
    await profiler.takeHeapSnapshot();
    clean.processor.destroy();
    clean.graph.destroy();
    await profiler.takeHeapSnapshot();
    expect(profiler.getReport().leaks.map(({ type }) => type)).not.toContain('node_without_graph');
    const { graph, processor } = make();
    graph.destroy();
    await profiler.takeHeapSnapshot();
    const { leaks } = profiler.getReport();
    const node = leaks.find(({ type }) => type === 'node_without_graph');
    expect(node?.details).toMatchObject({ count: 1 });
    expect(node?.details.path).toEqual([
      expect.stringContaining('processor of gegl:color'),
      'GeglProcessor',
      expect.stringContaining('GeglNode'),
    ]);
    expect(node?.details.stack).toContain('gegl_node');
    const color = leaks.find(({ type }) => type === 'color_in_property');
    expect(Number(color?.details.count)).toBeGreaterThanOrEqual(1);
    processor.destroy();
  });

  it('show a buffer that only an operation holds whose graph has gone, until that goes, too', async () => {
    const engine = await startTracked();
    const profiler = startProfiler();
    const make = () => {
      const buffer = engine.createBuffer({ width: 64, height: 64 });
      buffer.setPixels(pattern(64, 64));
      const graph = engine.createGraph();
      const processor = graph
        .createNode('gegl:buffer-source', { buffer })
        .createProcessor({ x: 0, y: 0, width: 8, height: 8 });
      graph.destroy();
      buffer.destroy();
      return processor;
    };
    make().destroy();
    await profiler.takeHeapSnapshot();
    const processor = make();
    await profiler.takeHeapSnapshot();
    const find = () =>
      profiler.getReport().leaks.find(({ type }) => type === 'dead_operation_buffer');
    expect(find()?.severity).toBe('warning');
    expect(find()?.details).toMatchObject({ count: 1, operation: 'gegl_op_buffer_source' });
    expect(find()?.details.stack).toContain('gegl_buffer');
    expect(find()?.details.path).toEqual(
      expect.arrayContaining([
        expect.stringContaining('processor of gegl:buffer-source'),
        expect.stringContaining('GeglBuffer'),
      ]),
    );
    processor.destroy();
    await profiler.takeHeapSnapshot();
    expect(find()).toBeUndefined();
  });
});

it('blocks that only JavaScript knows look lost until the first of them is freed', async () => {
  // All of them with their stack, however busy the machine is: they are one finding by it.
  const engine = await startTracked({ budget: 1 });
  const profiler = startProfiler();
  const module = engine.module as unknown as {
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  await profiler.takeHeapSnapshot();
  const known: number[] = [];
  const severities: string[] = [];
  for (const most of [5, 10, 10]) {
    for (let count = 0; count < 5; count++) known.push(module._malloc(3000));
    for (const address of known.splice(0, known.length - most)) module._free(address);
    await profiler.takeHeapSnapshot();
    const { leaks } = profiler.getReport();
    severities.push(
      ...leaks.flatMap(({ type, severity }) => (type === 'unreachable_block' ? [severity] : [])),
    );
  }
  expect(severities).toEqual(['warning', 'error', 'info']);
});

describe('suppressions', () => {
  it('take findings out of the report and the events; unused ones are told of', async () => {
    const engine = await startEngine();
    const suppressions =
      'finding:buffer_alive_at_exit -- the process ends anyway\ntype:GeglNode -- bounded\n';
    const profiler = startProfiler({ suppressions });
    engine.createBuffer({ width: 8, height: 8 });
    engine.exit();
    const report = profiler.getReport();
    expect(report.leaks).toEqual([]);
    expect(report.suppressions.used).toEqual([
      expect.objectContaining({ pattern: 'buffer_alive_at_exit', count: 1 }),
    ]);
    expect(report.suppressions.unused).toEqual([
      expect.objectContaining({ pattern: 'GeglNode', reason: 'bounded' }),
    ]);
    const text = formatReport(report);
    expect(text).toContain('1 x finding:buffer_alive_at_exit (the process ends anyway)');
    expect(text).toContain('unused: type:GeglNode');
  });

  it('that are wrong are refused, with nothing started', () => {
    const profiler = new MemoryProfiler();
    afterThisTest(() => profiler.isProfiling && profiler.stop());
    expect(() => profiler.start({ suppressions: 'nonsense' })).toThrow(SuppressionError);
    expect(profiler.isProfiling).toBe(false);
  });
});

it('the text of a report says how sure, how much, who holds it and what to do', async () => {
  const engine = await startTracked();
  const profiler = startProfiler();
  await profiler.takeHeapSnapshot();
  const module = engine.module as unknown as { _malloc(bytes: number): number };
  (() => module._malloc(4000))();
  await profiler.takeHeapSnapshot();
  const text = formatReport(profiler.getReport(), { width: 100 });
  expect(text).toMatch(/unreachable_block/);
  expect(text).toMatch(/at .*leak-findings\.test\.ts/);
  expect(text).toMatch(/What to do: /);
});

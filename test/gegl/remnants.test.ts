// What a node leaves behind that has left its graph while something holds it.

import { describe, expect, it } from 'vitest';
import { GeglEngine } from '../../src/gegl/index.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import type { Remnant } from '../../src/recording/types.ts';
import { moduleFactory } from './built-module.ts';

const AREA = { x: 0, y: 0, width: 16, height: 16 };

describe('remnants in a recording', () => {
  it('are a node that only a processor holds, and the color in its property; none before', async () => {
    const profiler = new MemoryProfiler();
    const tracking = profiler.instrument({ trackAllocations: 'all', budget: 1 });
    const engine = new GeglEngine();
    await engine.init({ module: moduleFactory(), onMessage() {} });
    tracking.stop();
    profiler.start();
    const graph = engine.createGraph();
    const color = engine.createColor('red');
    const node = graph.createNode('gegl:color', { value: color });
    const processor = node.createProcessor(AREA);
    color.destroy();
    await profiler.takeHeapSnapshot();
    node.destroy();
    await profiler.takeHeapSnapshot();
    profiler.stop();
    const { heapSnapshots } = JSON.parse(profiler.exportData());
    expect(heapSnapshots[0].remnants).toEqual([]);
    const found = heapSnapshots[1].remnants;
    expect(found.map((remnant: Remnant) => [remnant.kind, remnant.count])).toEqual([
      ['node-without-graph', 1],
      ['color-in-property', 1],
    ]);
    expect(found[0].path.join(' > ')).toMatch(
      /^processor of .* > GeglProcessor > .*node: GeglNode$/,
    );
    expect(found[1].operation).toBe('gegl_op_color');
    expect(processor.isFinished).toBe(false);
    engine.exit();
  }, 60_000);
});

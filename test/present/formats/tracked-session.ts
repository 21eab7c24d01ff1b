// A real GEGL session whose heap is tracked, as a recording: what formats are made of.

import { GeglEngine } from '../../../src/gegl/index.ts';
import { MemoryProfiler } from '../../../src/profiler/index.ts';
import { parseRecording } from '../../../src/recording/parse.ts';
import { type SiteFrame, type SiteRow, sitesOf } from '../../../src/recording/site-tables.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { moduleFactory } from '../../gegl/built-module.ts';

export async function recordTrackedSession(wasmBinary?: Uint8Array): Promise<Recording> {
  const profiler = new MemoryProfiler();
  const tracking = profiler.instrument({ mean: 32_768, budget: 1, seed: 1 });
  const engine = new GeglEngine();
  const create = moduleFactory();
  try {
    const module = (overrides?: object) =>
      create({ ...overrides, ...(wasmBinary && { wasmBinary }) });
    await engine.init({ module, license: 'GPL3', onMessage() {} });
    profiler.start({ sampleInterval: 1_000_000 });
    const buffer = engine.createBuffer({ width: 300, height: 200 });
    engine.createGraph().createNode('gegl:color').blitToBuffer(buffer);
    profiler.mark('painted');
    await profiler.takeHeapSnapshot();
    profiler.stop();
    return parseRecording(profiler.exportData());
  } finally {
    if (profiler.isProfiling) profiler.stop();
    engine.exit();
    tracking.stop();
  }
}

/** Sums of a figure by stack, the outermost frame first; those that are 0 are left out. */
export function sumByPath(
  { heap }: Recording,
  column: keyof SiteRow,
  name: (frame: SiteFrame) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [frames, row] of heap?.sites ? sitesOf(heap.sites) : []) {
    const path = frames.toReversed().map(name).join(';') || '(unknown)';
    if (row[column] > 0) sums.set(path, (sums.get(path) ?? 0) + row[column]);
  }
  return sums;
}

// Recordings of a real session, for tests of the text that they are kept as.

import { collectGarbageUntil } from '../profiler/garbage.ts';
import { startEngine, startProfiler } from '../profiler/real-gegl.ts';

/** A short session in which every kind of object is made, one of them lost, and time has a gap. */
export async function exportRealRecording(): Promise<string> {
  const profiler = startProfiler();
  const engine = await startEngine();
  const buffer = engine.createBuffer({ width: 200, height: 100 });
  const graph = engine.createGraph();
  const node = graph
    .createNode('gegl:buffer-source', { buffer })
    .link(graph.createNode('gegl:invert-linear'));
  const processor = node.createProcessor();
  while (processor.work());
  profiler.takeSnapshot();
  (() => engine.createColor('red'))();
  await collectGarbageUntil(() => profiler.getReport().summary.totalCollected === 1);
  profiler.stop();
  profiler.start({ sampleInterval: 1_000_000 });
  profiler.takeSnapshot();
  engine.exit();
  profiler.takeSnapshot();
  return profiler.exportData();
}

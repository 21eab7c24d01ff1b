import { searchDepthFirst } from '../../src/analyze/heap-graph/depth-first.ts';
import { findDominators } from '../../src/analyze/heap-graph/dominators.ts';
import { buildHeapGraph, type HeapImage } from '../../src/analyze/heap-graph/index.ts';
import { numberNodes } from '../../src/analyze/heap-graph/numbering.ts';
import { findReach } from '../../src/analyze/heap-graph/reach.ts';
import { scanEdges } from '../../src/analyze/heap-graph/scan.ts';
import { makeHeap } from './synthetic-heap.ts';
function run<R>(work: Generator<void, R>) {
  const start = performance.now(); let longest = 0;
  for (;;) { const f = performance.now(); const s = work.next(); longest = Math.max(longest, performance.now() - f);
    if (s.done) return { result: s.value, ms: performance.now() - start, longest }; }
}
function steps(image: HeapImage) {
  const n = numberNodes(image);
  const scan = run(scanEdges(image));
  const reach = run(findReach(scan.result, n, image.blocks.labels));
  const search = run(searchDepthFirst(scan.result, n, reach.result.heads));
  const dom = run(findDominators(search.result));
  return [scan, reach, search, dom].map((x) => x.ms);
}

for (const pointers of [0.095, 0.25]) {
  const image = makeHeap({ blocks: 1_000_000, pointers, far: 0.2, pointerBits: 32 });
  const totals: number[] = []; const parts: number[][] = []; let longest = 0; let hash = 0;
  for (let r = 0; r < Number(process.argv[2] ?? 5); r++) {
    const { result, ms, longest: l } = run(buildHeapGraph(image));
    totals.push(ms); if (r > 0) longest = Math.max(longest, l);
    parts.push(steps(image));
    if (r) continue;
    for (const c of [result.edges.targets, result.edges.offsets, result.edges.flags, result.dominators, result.parents, result.parentEdges, result.retained, result.heads, result.reachable])
      for (let i = 0; i < c.length; i++) hash = (Math.imul(hash, 31) + (c[i] ?? 0)) | 0;
  }
  const med = (x: number[]) => [...x].sort((a, b) => a - b)[x.length >> 1]!.toFixed(0) + '/' + Math.min(...x).toFixed(0);
  console.log(pointers, 'total', med(totals), 'longest', longest.toFixed(0), 'hash', hash, '|', [0, 1, 2, 3].map((k) => med(parts.map((p) => p[k]!))).join('  '));
}

// How long the graph of a heap takes, at a million blocks and 256 MB: step by step, and the longest piece of work
// between two yields, which is how long a page would be blocked. Run it alone: it lives on the caches.

import { findDominators } from '../../src/analyze/heap-graph/dominators.ts';
import {
  buildHeapGraph,
  type HeapGraph,
  type HeapImage,
} from '../../src/analyze/heap-graph/index.ts';
import { loadGraph } from '../../src/analyze/heap-graph/loaded-graph.ts';
import { numberNodes } from '../../src/analyze/heap-graph/numbering.ts';
import { findReach } from '../../src/analyze/heap-graph/reach.ts';
import { scanEdges } from '../../src/analyze/heap-graph/scan.ts';
import { heapSnapshotPieces } from '../../src/present/formats/heapsnapshot.ts';
import { median, printTable } from '../profiler/table.ts';
import { type HeapShape, makeHeap } from './synthetic-heap.ts';

const ROUNDS = 3;
/** Of the words of a photo editor's GEGL heap with 1.5 million blocks; 24 November 2026. */
const GEGL_POINTERS = 0.095;
const SHAPES: readonly (HeapShape & { name: string })[] = [
  {
    name: '32 bits, as many pointers as a real GEGL heap has',
    blocks: 1_000_000,
    pointers: GEGL_POINTERS,
    far: 0.2,
    pointerBits: 32,
  },
  { name: '32 bits, 1 in 5 pointers leads far', blocks: 1_000_000, far: 0.2, pointerBits: 32 },
  { name: '32 bits, all pointers lead anywhere', blocks: 1_000_000, far: 1, pointerBits: 32 },
  { name: '64 bits, 1 in 5 pointers leads far', blocks: 1_000_000, far: 0.2, pointerBits: 64 },
  { name: '32 bits, a tenth of the size', blocks: 100_000, far: 0.2, pointerBits: 32 },
];

/** Runs the work; notes milliseconds of wall and processor time, and of the longest step. */
function run<Result>(work: Generator<void, Result>) {
  const start = performance.now();
  const before = process.cpuUsage();
  let longest = 0;
  for (;;) {
    const from = performance.now();
    const step = work.next();
    longest = Math.max(longest, performance.now() - from);
    if (!step.done) continue;
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - start;
    return { result: step.value, ms, processorMs: (user + system) / 1000, longest };
  }
}

function steps(image: HeapImage): number[] {
  const numbering = numberNodes(image);
  const { sizes, labels } = image.blocks;
  const scan = run(scanEdges(image));
  const { kernel, edges } = scan.result;
  const load = run(loadGraph(kernel, edges, numbering.topNode + 1));
  const reach = run(findReach(load.result, numbering, labels));
  const { heads } = reach.result;
  const dominators = run(findDominators(load.result, numbering, heads, sizes));
  return [scan, load, reach, dominators].map(({ ms }) => ms);
}

function measureText(image: HeapImage, graph: HeapGraph): string {
  const start = performance.now();
  let length = 0;
  for (const piece of heapSnapshotPieces(image, graph)) length += piece.length;
  const ms = performance.now() - start;
  return `${(length / 1e6).toFixed(0)} MB in ${seconds(ms)}`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const rows: string[][] = [];
/** `npm run bench:heap-graph -- 2`: the first two of the heaps only. */
const wanted = Number(process.argv[2] ?? SHAPES.length);

for (const { name, ...shape } of SHAPES.slice(0, wanted)) {
  const image = makeHeap(shape);
  const parts: number[][] = [];
  const totals: Omit<ReturnType<typeof run>, 'result'>[] = [];
  let last: HeapGraph | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const { result, ...figures } = run(buildHeapGraph(image));
    last = result;
    totals.push(figures);
    parts.push(steps(image));
  }
  rows.push([
    name,
    `${(image.memory.length / 1e6).toFixed(0)} MB`,
    (last?.edges.targets.length ?? 0).toLocaleString('en'),
    ...[0, 1, 2, 3].map((part) => seconds(median(parts.map((times) => times[part] ?? 0)))),
    seconds(median(totals.map(({ ms }) => ms))),
    seconds(Math.min(...totals.map(({ ms }) => ms))),
    seconds(median(totals.map(({ processorMs }) => processorMs))),
    `${median(totals.map(({ longest }) => longest)).toFixed(0)} ms`,
    last ? measureText(image, last) : '',
  ]);
}
printTable(
  `The graph of a heap: medians of ${ROUNDS}`,
  [
    'heap',
    'size',
    'edges',
    'scan',
    'load',
    'reach',
    'dominators',
    'total',
    'best total',
    'processor time',
    'longest step',
    '.heapsnapshot text',
  ],
  rows,
);

// Recordings with places in the code, made to be shown.

import { NOTHING_KNOWN } from '../../../src/analyze/knowledge.ts';
import { findLeaks } from '../../../src/analyze/leaks/index.ts';
import type { ReportedRecording } from '../../../src/present/report/data/types.ts';
import { collectRecording } from '../../../src/present/report/write/collect.ts';
import type { RecordedHeap } from '../../../src/recording/heap-types.ts';
import { type SiteFrame, SiteTables } from '../../../src/recording/site-tables.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { buildHeapSnapshot, buildRecording, range } from '../../analyze/build-recording.ts';

const ROWS = 5;

export function reported(recording: Recording): ReportedRecording {
  return collectRecording(recording, {
    title: 'recording.json',
    findLeaks: (of) => findLeaks(of, NOTHING_KNOWN),
  });
}

/** Text that markup, scripts, terminals or readers could trip over. */
export const HOSTILE = [
  '</script><script>globalThis.hacked=1</script>',
  '<img src=x onerror="globalThis.hacked=1">',
  '\u2028\u2029',
  '\u202egnp.exe',
  '__proto__',
  'constructor',
  '-->',
  'x'.repeat(100_000),
];

/** @param name of the line that allocates; the type and the operation have it, too. */
export function siteRecording(name = 'paint'): Recording {
  const recording = buildRecording({
    heapUsed: range(ROWS, (row) => 1000 * (row + 1)),
    liveBytes: range(ROWS, (row) => 900 * (row + 1)),
    buffers: range(ROWS, (row) => row),
    series: {
      elapsed: range(ROWS, (row) => row * 1000),
      sequence: range(ROWS, (row) => row + 1),
      sampleMean: 1,
      types: [{ name: `Type ${name}`, live: [1, 2, 3, 4, 5] }],
      sites: [
        {
          stack: ['gegl_alloc', `${name} (app.js:7:3)`, 'main (app.js:1:1)'],
          liveBytes: [100, 200, 300, 400, 4000],
          liveBlocks: [1, 2, 3, 4, 40],
        },
      ],
      operations: [{ name: `op ${name}`, liveBytes: [0, 1, 2, 3, 4], liveBlocks: [0, 1, 2, 3, 4] }],
    },
  });
  return {
    ...recording,
    // Else the heap would be one whose tracker was off for a time, and would not be compared.
    sources: { ...recording.sources, heapUsed: 'tracker' },
    heap: heapWith(name),
    marks: [
      { elapsed: 1000, name: `open ${name}` },
      { elapsed: 3000, name: 'export' },
    ],
  };
}

/** Nodes are lost in the first 50 s, buffers of 1,000 bytes in the next 50; a heap snapshot was taken in each. */
export function twoLeaksRecording(): Recording {
  const lost = 20;
  return {
    ...buildRecording({
      heapUsed: range(101, () => 1000),
      totals: {
        nodes: { created: lost, collected: lost },
        buffers: { created: lost + 5, collected: lost + 5 },
      },
      collected: (['nodes', 'buffers'] as const).flatMap((kind, half) =>
        range(lost, (i) => ({
          kind,
          bytes: kind === 'buffers' ? 1000 : null,
          createdAt: half * 50_000 + i * 2000 + 1000,
          collectedAt: 100_000,
        })),
      ),
      heapSnapshots: [20_000, 80_000].map((elapsed) => buildHeapSnapshot({ elapsed })),
    }),
    marks: [
      { elapsed: 0, name: 'nodes' },
      { elapsed: 50_000, name: 'buffers' },
    ],
  };
}

/** Nodes are lost one after the other, and the type behind them grows for that. */
export function leakingRecording(): Recording {
  const rows = 100;
  return buildRecording({
    heapUsed: range(rows, () => 1000),
    stacks: ['at lose (app.js:5:3)'],
    totals: { nodes: { created: rows / 2, collected: rows / 2 } },
    collected: range(rows / 2, (i) => ({
      kind: 'nodes',
      createdAt: 2000 * i,
      collectedAt: 2000 * i + 1000,
      stack: 0,
    })),
    series: {
      elapsed: range(rows, (row) => 1000 * row),
      sequence: range(rows, (row) => row + 1),
      sampleMean: 1,
      types: [{ name: 'GeglNode', live: range(rows, (row) => 1 + Math.floor(row / 2)) }],
      sites: [],
      operations: [],
    },
  });
}

function heapWith(name: string): RecordedHeap {
  const sites = new SiteTables();
  const zero = { liveBytesError: 0, liveBlocksError: 0, totalBytesError: 0, totalBlocksError: 0 };
  const samples = { samples: 1, liveSamples: 1 };
  const main = script('main', 1, 1);
  sites.add([wasm('gegl_alloc', 1), script(name, 7, 3), main], {
    ...zero,
    ...samples,
    ...{ liveBytes: 4000, liveBlocks: 40, totalBytes: 9000, totalBlocks: 90 },
    ...{ peakBytes: 5000, peakBlocks: 50 },
  });
  sites.add([wasm('g_malloc', 2), main], {
    ...zero,
    ...samples,
    ...{ liveBytes: 500, liveBlocks: 5, totalBytes: 600, totalBlocks: 6 },
    ...{ peakBytes: 550, peakBlocks: 6 },
  });
  const live = { bytes: 4500, blocks: 45 };
  return {
    module: {
      url: null,
      allocator: 'dlmalloc',
      foundBy: 'export',
      confidence: 'certain',
      pointerBits: 32,
      sharedMemory: false,
      hasNames: true,
    },
    mode: 'all',
    accounting: {
      unknownFrees: 0,
      duplicateAllocations: 0,
      verified: true,
      verifiedBy: 'mallinfo',
      comparison: null,
    },
    totals: { live, peak: live, allocated: { bytes: 9600, blocks: 96 }, freed: live },
    sizeClasses: { from: [], liveBytes: [], liveBlocks: [], totalBytes: [], totalBlocks: [] },
    ages: { from: [], bytes: [], blocks: [] },
    sites: sites.build({ mean: 1, captures: 2, time: 0 }),
    instances: {
      type: [`Type ${name}`],
      created: [9],
      freed: [4],
      live: [5],
      ownBytes: [320],
      chargedBytes: [null],
    },
    holders: null,
    operations: {
      name: [`op ${name}`],
      runs: [3],
      totalBytes: [9],
      totalBlocks: [9],
      liveBytes: [4],
      liveBlocks: [4],
      peakBytes: [7],
    },
    explained: 0.993,
    trackerBytes: 50_331_648,
  };
}

function script(name: string, line: number, column: number): SiteFrame {
  return { name, url: 'app.js', kind: 'application', index: null, line, column, offset: null };
}

function wasm(name: string, index: number): SiteFrame {
  return { name, url: null, kind: 'wasm', index, line: null, column: null, offset: index };
}

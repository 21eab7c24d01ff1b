// A heap part of a recording, small enough to read, with something in every table.

import type {
  RecordedHeap,
  RecordedHeapSnapshot,
  RecordedSeries,
} from '../../src/recording/types.ts';

export const HEAP: RecordedHeap = {
  module: {
    url: 'https://app.test/editor.wasm',
    allocator: 'dlmalloc',
    foundBy: 'names',
    confidence: 'certain',
    pointerBits: 32,
    sharedMemory: false,
    hasNames: true,
  },
  mode: 'sampled',
  accounting: {
    unknownFrees: 0,
    duplicateAllocations: 0,
    verified: true,
    verifiedBy: 'heap-walk',
    comparison: {
      trackedBytes: 1_048_904,
      allocatorBytes: 1_048_904,
      untrackedBlocks: 0,
      unallocatedBlocks: 0,
    },
  },
  totals: {
    live: { bytes: 1_048_740, blocks: 3 },
    peak: { bytes: 1_148_740, blocks: null },
    allocated: { bytes: 3_048_740, blocks: 40 },
    freed: { bytes: 2_000_000, blocks: 37 },
  },
  sizeClasses: {
    from: [0, 64, 1_048_576],
    liveBytes: [64, 100, 1_048_576],
    liveBlocks: [1, 1, 1],
    totalBytes: [1_800, 998_364, 2_048_576],
    totalBlocks: [20, 18, 2],
  },
  ages: { from: [null, 0, 1_000], bytes: [64, 1_048_576, 100], blocks: [1, 1, 1] },
  sites: {
    sampling: { mean: 524_288, captures: 2, time: 0.25 },
    omitted: 0,
    sources: {
      url: [
        'https://app.test/editor.wasm',
        'https://app.test/editor.js',
        'https://app.test/src/brush.js',
        'node:internal/timers',
      ],
      kind: ['wasm', 'glue', 'application', 'platform'],
    },
    functions: {
      name: ['gegl_tile_alloc', null, 'invoke', 'paint', null],
      source: [0, 0, 1, 2, 3],
      index: [244, 245, null, null, null],
    },
    frames: {
      function: [0, 1, 2, 3, 4],
      line: [null, null, 10, 12, 1],
      column: [null, null, 5, 7, 1],
      offset: [70_368, null, null, null, null],
    },
    stacks: { frame: [4, 3, 2, 1, 0, 0], caller: [null, 0, 1, 2, 3, 2] },
    figures: {
      stack: [4, 5, null],
      liveBytes: [1_100_000, 0, 64],
      liveBytesError: [210_000, 0, 0],
      liveBlocks: [1.2, 0, 1],
      liveBlocksError: [0.5, 0, 0],
      totalBytes: [2_100_000, 540_000, 64],
      totalBytesError: [300_000, 120_000, 0],
      totalBlocks: [2.3, 9.1, 1],
      totalBlocksError: [0.7, 3.2, 0],
      peakBytes: [1_100_000, 540_000, 64],
      peakBlocks: [1.2, 9.1, 1],
      samples: [2, 1, 1],
      liveSamples: [1, 0, 1],
    },
  },
  instances: {
    type: ['GeglBuffer', 'GeglNode'],
    created: [4, 20],
    freed: [3, 19],
    live: [1, 1],
    ownBytes: [300, null],
    chargedBytes: [1_048_576, null],
  },
  holders: { instance: [0], address: [5_300_000], chargedBytes: [1_048_576], chargedBlocks: [1] },
  operations: {
    name: ['gegl:gaussian-blur'],
    runs: [2],
    totalBytes: [2_000_000],
    totalBlocks: [12],
    liveBytes: [1_048_576],
    liveBlocks: [1],
    peakBytes: [1_500_000],
  },
  explained: 0.97,
  trackerBytes: 2_228_224,
};

export const SERIES: RecordedSeries = {
  elapsed: [0, 1_000],
  sequence: [1, 2],
  sampleMean: 524_288,
  types: [{ name: 'GeglBuffer', live: [0, 1] }],
  sites: [
    {
      stack: ['gegl_tile_alloc', 'paint (src/brush.js:12:7)'],
      liveBytes: [null, 8],
      liveBlocks: [null, 1],
    },
  ],
  operations: [{ name: 'gegl:gaussian-blur', liveBytes: [0, 1_048_576], liveBlocks: [0, 1] }],
};

export const HEAP_SNAPSHOTS: readonly RecordedHeapSnapshot[] = [
  {
    elapsed: 900,
    isBaseline: true,
    blocks: 3,
    bytes: 1_048_740,
    unreachableBlocks: 1,
    unreachableBytes: 64,
    ambiguousShare: 0.1,
    explained: 0.97,
    knowsHandles: true,
    unreachable: [
      {
        stack: ['g_strdup', 'gegl_op_class_init'],
        type: null,
        operation: 'gegl:gaussian-blur',
        blocks: 1,
        bytes: 64,
        firstSequence: 7,
        lastSequence: 7,
        freed: 0,
        overdue: null,
        structures: 1,
      },
    ],
    remnants: [
      {
        kind: 'color-in-property',
        count: 2,
        bytes: 96,
        stack: null,
        path: ['handle graph', 'GeglNode', 'GeglOperation', 'GeglColor'],
        operation: 'gegl:color',
      },
    ],
    staticPlaces: [{ stack: ['make_table', 'main'], blocks: 12 }],
  },
];

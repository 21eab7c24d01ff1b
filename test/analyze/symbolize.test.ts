// Names for all stacks of a recording, those that findings are made of among them.

import { expect, it } from 'vitest';
import { symbolize } from '../../src/analyze/symbolize.ts';
import { HEAP } from '../recording/heap-part.ts';
import { buildHeapSnapshot, buildRecording, buildUnreachable } from './build-recording.ts';

const LINE = 'paint (https://a.test/brush.js:1:2)';
const symbols = new Map([
  [3, 'g_malloc'],
  [7, 'gegl_tile_alloc'],
]);
const NAMELESS = ['wasm-function[7]', 'wasm-function[9]', LINE];
const NAMED = ['gegl_tile_alloc', 'wasm-function[9]', LINE];

it('names sites over time and in heap snapshots; those that are one then are one', () => {
  const site = (stack: string[], live: (number | null)[]) => ({
    stack,
    liveBytes: live.map((count) => count && 10 * count),
    liveBlocks: live,
  });
  const recording = buildRecording({
    heap: HEAP,
    series: {
      elapsed: [0, 1],
      sequence: [1, 2],
      sampleMean: 1,
      types: [],
      operations: [],
      sites: [
        site(NAMELESS, [1, 2]),
        // What only passes allocations on is left out, as it is where names were known.
        site(['wasm-function[3]', ...NAMELESS], [null, 5]),
        site(['wasm-function[9]', LINE], [8, 8]),
      ],
    },
    heapSnapshots: [
      buildHeapSnapshot({
        unreachable: [buildUnreachable({ stack: NAMELESS }), buildUnreachable({ stack: null })],
        staticPlaces: [{ stack: NAMELESS, blocks: 10 }],
      }),
    ],
  });
  const { series, heapSnapshots } = symbolize(recording, symbols, { forwarders: ['g_malloc'] });
  expect(series?.sites).toEqual([
    { stack: NAMED, liveBytes: [null, 70], liveBlocks: [null, 7] },
    site(['wasm-function[9]', LINE], [8, 8]),
  ]);
  expect(heapSnapshots[0]?.unreachable.map(({ stack }) => stack)).toEqual([NAMED, null]);
  expect(heapSnapshots[0]?.staticPlaces).toEqual([{ stack: NAMED, blocks: 10 }]);
});

// What each kind of finding came to over the session: the columns that its detector tested.

import { describe, expect, test } from 'vitest';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { overTime } from '../../src/analyze/leaks/over-time.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { buildHeapSnapshot, buildRecording, KB, range } from './build-recording.ts';

const ROWS = 120;
const rows = <T>(value: (row: number) => T) => range(ROWS, value);
const clock = {
  elapsed: rows((row) => row * 1000),
  sequence: rows((row) => row + 1),
};

function overTimes(parts: Parameters<typeof buildRecording>[0]) {
  const recording = buildRecording(parts);
  const told = findLeaks(recording, geglKnowledge).map((finding) => {
    const over = overTime(finding, recording);
    return [finding.type, over && { ...over, elapsed: over.elapsed.length }] as const;
  });
  return Object.fromEntries(told);
}

describe('over time', () => {
  test('growth is that of its type, place or whole', () => {
    const blocks = rows((row) => row * 3);
    const types = overTimes({
      heapUsed: rows(() => 1000),
      series: {
        ...clock,
        sampleMean: 1,
        types: [{ name: 'GeglColor', live: blocks }],
        sites: [1, 2].map((n) => ({
          stack: [`alloc${n}`, 'paint (app.js:1:2)'],
          liveBytes: blocks.map((count) => count * 100),
          liveBlocks: blocks,
        })),
        operations: [],
      },
    });
    expect(types).toMatchObject({
      type_growth: { what: 'GeglColor', count: blocks, bytes: null, elapsed: ROWS },
      site_growth: {
        what: 'blocks',
        count: blocks.map((count) => count * 2),
        bytes: blocks.map((count) => count * 200),
      },
    });
    const heapUsed = rows((row) => 1e6 + row * 10 * KB);
    const whole = overTimes({ heapUsed, buffers: rows((row) => row) });
    expect(whole).toMatchObject({
      continuous_growth: { what: '', count: null, bytes: heapUsed },
      object_accumulation: { what: 'buffers', count: rows((row) => row), bytes: null },
    });
  });

  test('objects count from when they were made, also those that were there before', () => {
    const { collected_handle } = overTimes({
      totals: { nodes: { created: 9, collected: 9 } },
      collected: [{ createdAt: 5000 }, { createdAt: null }, { createdAt: 100 }].map((part) => ({
        ...part,
        kind: 'nodes' as const,
      })),
    });
    expect(collected_handle).toEqual({
      elapsed: 4,
      what: 'nodes',
      count: [0, 1, 2, 3],
      bytes: null,
      missing: 6,
    });
  });

  test('blocks that nobody holds are told by heap snapshots, two at least', () => {
    const group = {
      stack: ['g_strdup', 'paint (app.js:1:2)'],
      type: null,
      operation: null,
      blocks: 4,
      bytes: 400,
      structures: 4,
      firstSequence: 1,
      lastSequence: 2,
      freed: 0,
      overdue: 0,
    };
    const remnant = {
      kind: 'node-without-graph' as const,
      count: 2,
      bytes: 300,
      stack: null,
      path: [],
      operation: null,
    };
    const last = buildHeapSnapshot({ elapsed: 9000, unreachable: [group], remnants: [remnant] });
    const first = buildHeapSnapshot({ isBaseline: true, unreachable: [group], remnants: [] });
    expect(overTimes({ heapSnapshots: [last] })).toEqual({
      unreachable_block: null,
      node_without_graph: null,
    });
    expect(overTimes({ heapSnapshots: [first, last] })).toMatchObject({
      unreachable_block: { count: [0, 4], bytes: [0, 400] },
      node_without_graph: { count: [0, 2], bytes: [0, 300] },
    });
  });
});

// Growth that comes to an end: what static data has places for, what comes with tiles, and objects of which it is not
// certain enough yet. And the leaks beside them, which are told all the same.

import { describe, expect, it } from 'vitest';
import { buildHeapGraph, findStaticPlaces } from '../../src/analyze/heap-graph/index.ts';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { LeakEvents } from '../../src/profiler/leak-events.ts';
import type { Finding, RecordedHeapSnapshot, RecordedSeries } from '../../src/recording/types.ts';
import { runAtOnce } from '../../src/slices.ts';
import { buildRecording, buildSeries, KB, MB, range } from './build-recording.ts';
import { buildImage } from './heap-graph/build-image.ts';

const RING = ['fill_ring', 'call (app.js:1:1)'];
const ROWS = 60;

describe('places of static data', () => {
  const blocks = range(12, (place) => ({ address: 4096 + 64 * place, size: 48, stack: RING }));
  const places = (writes: readonly (readonly [number, number])[], name = 'static data') => {
    const image = buildImage({ blocks, writes, roots: [{ name, from: 0, to: 1024 }] });
    return findStaticPlaces(runAtOnce(buildHeapGraph(image)), image, 10);
  };
  const ring = blocks.map(({ address }, place) => [8 * place, address] as const);

  it('hold each block of a site by a word of its own', () => {
    expect(places(ring)).toEqual([{ stack: RING, blocks: 12 }]);
  });

  it('are none where one block is held by another one, as in a list, or by nobody', () => {
    expect(places([...ring.slice(1), [4096 + 64, 4096]])).toEqual([]);
    expect(places(ring.slice(1))).toEqual([]);
  });

  it('are none where the stack can not be told from them', () => {
    expect(places(ring, 'static data and stack')).toEqual([]);
  });
});

interface Growth {
  readonly seen: number;
  readonly perRow?: number;
}

/** A site that grows beside a heap that does so for no other reason, and what the last heap snapshot saw of it. */
function growing({ seen, perRow = 1 }: Growth): Finding[] {
  const liveBlocks = range(ROWS, (row) => row * perRow);
  const liveBytes = liveBlocks.map((count) => count * 2 * KB);
  const heapSnapshot: RecordedHeapSnapshot = {
    elapsed: 1000 * ROWS,
    isBaseline: false,
    blocks: 1000,
    bytes: MB,
    unreachableBlocks: 0,
    unreachableBytes: 0,
    ambiguousShare: 0,
    explained: 1,
    knowsHandles: true,
    unreachable: [],
    remnants: null,
    staticPlaces: seen > 0 ? [{ stack: RING, blocks: seen }] : [],
  };
  const recording = buildRecording({
    heapUsed: liveBytes.map((bytes) => MB + bytes),
    heapSnapshots: [heapSnapshot],
    series: {
      elapsed: range(ROWS, (row) => row * 1000),
      sequence: range(ROWS, (row) => row + 1),
      sampleMean: 1,
      types: [],
      sites: [{ stack: RING, liveBlocks, liveBytes }],
      operations: [],
    },
  });
  return findLeaks(recording, geglKnowledge);
}

const severities = (findings: readonly Finding[]) =>
  findings.map(({ type, severity }) => `${severity} ${type}`);

describe('a site that grows', () => {
  it('is unusual only, and its bytes are no growth, where static data has a place for each block', () => {
    const findings = growing({ seen: 50 });
    expect(severities(findings)).toEqual(['info site_growth']);
    expect(findings[0]?.message).toContain('static data');
  });

  it('is a warning where no heap snapshot saw that, or too few of its blocks', () => {
    const both = ['warning continuous_growth', 'warning site_growth'];
    expect(severities(growing({ seen: 0 })).sort()).toEqual(both);
    expect(severities(growing({ seen: 20 })).sort()).toEqual(both);
  });

  it('is a warning where it has more blocks than a table has places that somebody fills on purpose', () => {
    const findings = growing({ seen: 590, perRow: 10 });
    expect(severities(findings)).toContain('warning site_growth');
  });
});

describe('growth beside tiles', () => {
  const detect = (perTile: number) => {
    const tileAlloc = range(400, (row) => row * 64 * KB);
    const recording = buildRecording({
      tileAlloc,
      tileCache: tileAlloc,
      scratch: range(400, () => 0),
      heapUsed: tileAlloc.map((bytes, row) => MB + bytes + row * perTile),
    });
    return severities(findLeaks(recording, geglKnowledge));
  };

  it('is none where it is what GEGL keeps for each tile', () => {
    expect(detect(140)).toEqual([]);
  });

  it('is told where it is more', () => {
    expect(detect(2 * KB)).toEqual(['warning continuous_growth']);
  });
});

describe('objects that accumulate, perhaps', () => {
  /** Two of three steps make one: rather even, and rather few. */
  const counts = [
    ...[
      1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 7, 8, 9, 9, 10, 10, 11, 11, 11, 11, 12, 13, 13, 14, 14, 14, 14,
    ],
    ...[15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 18, 18, 18, 18, 19, 19, 20, 20, 20, 21, 22, 22, 23],
    ...[23, 23, 23, 23, 23, 23, 23, 24, 24, 24, 24],
  ];

  const detect = (buffers: readonly number[], others: Partial<RecordedSeries> = {}) =>
    findLeaks(
      buildRecording({
        buffers,
        series: buildSeries(buffers.length, {
          types: [{ name: 'GeglBuffer', live: buffers }],
          ...others,
        }),
      }),
      geglKnowledge,
    );

  it('are not told where nothing hangs on them', () => {
    expect(detect(counts, { types: [] })).toEqual([]);
  });

  it('hide nothing that is certain by itself, as what is lost for each object and one more', () => {
    const live = counts.map((count, row) => count + row);
    const findings = detect(counts, { types: [{ name: 'GeglNode', live }] });
    expect(severities(findings)).toEqual(['warning type_growth']);
  });

  it('are unusual below the confidence of a warning, and so is their type', () => {
    const findings = detect(counts);
    expect(severities(findings)).toEqual(['info object_accumulation']);
    expect(Number(findings[0]?.details.confidence)).toBeLessThan(0.999);
  });

  it('are a warning once that is reached', () => {
    expect(severities(detect(range(ROWS, (row) => row)))).toEqual(['warning object_accumulation']);
  });

  it('are told as an event once more when they have become likely', () => {
    const finding = (severity: Finding['severity']): Finding => ({
      type: 'object_accumulation',
      severity,
      message: '',
      details: { kind: 'buffers' },
    });
    const events = new LeakEvents();
    expect(events.add([finding('info')], 10_000)).toEqual([]);
    expect(events.add([finding('info')], 20_000)).toEqual([finding('info')]);
    expect(events.add([finding('warning')], 30_000)).toEqual([finding('warning')]);
    expect(events.add([finding('warning')], 40_000)).toEqual([]);
  });
});

// Two recordings compared: each figure, and which changes of sampled sites are believed.

import { describe, expect, it } from 'vitest';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { diffRecordings } from '../../src/analyze/recording-diff/index.ts';
import { applySuppressions, parseSuppressions } from '../../src/analyze/suppressions.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { type SiteFrame, type SiteRow, SiteTables } from '../../src/recording/site-tables.ts';
import type { RecordedHeap, Recording } from '../../src/recording/types.ts';
import { HEAP } from '../recording/heap-part.ts';
import { buildRecording, KB, MB } from './build-recording.ts';

const leaksIn = (recording: Recording) => findLeaks(recording, geglKnowledge);

interface SiteParts {
  readonly bytes: number;
  readonly error?: number;
  /** Lines `name url:line`, innermost first. */
  readonly frames: readonly string[];
}

function heapOf(sites: readonly SiteParts[], mode: 'sampled' | 'all', mean: number): RecordedHeap {
  const tables = new SiteTables();
  for (const { bytes, error = 0, frames } of sites) {
    tables.add(frames.map(frameOf), {
      liveBytes: bytes,
      liveBytesError: error,
      liveBlocks: 1,
      liveBlocksError: 0,
      totalBytes: 2 * bytes,
      totalBytesError: 0,
      totalBlocks: 2,
      totalBlocksError: 0,
      peakBytes: bytes,
      peakBlocks: 1,
      samples: 1,
      liveSamples: 1,
    } satisfies SiteRow);
  }
  return { ...HEAP, mode, sites: tables.build({ mean, captures: 1, time: 1 }) };
}

function frameOf(text: string): SiteFrame {
  const [, name = '', url = '', line = ''] = /^(\S+) (\S+):(\d+)$/.exec(text) ?? [];
  return {
    name,
    url,
    kind: 'application',
    index: null,
    line: Number(line),
    column: 1,
    offset: null,
  };
}

const withHeap = (heap: RecordedHeap): Recording => buildRecording({ heapUsed: [1, 2], heap });
const sampled = (...sites: SiteParts[]) => withHeap(heapOf(sites, 'sampled', 512 * KB));
const exact = (...sites: SiteParts[]) => withHeap(heapOf(sites, 'all', 1));
const OPEN = ['open http://127.0.0.1:4711/app/open.js:10', 'main http://127.0.0.1:4711/app.js:1'];

describe('figures', () => {
  it('are told from each side to the other, unknown ones as unknown', () => {
    const before = buildRecording({
      heapUsed: [null, 4 * MB, 2 * MB],
      heapSize: [16 * MB, 16 * MB, 16 * MB],
      totals: { buffers: { live: 2 } },
    });
    const after = buildRecording({
      heapUsed: [null, 9 * MB, 3 * MB],
      heapSize: [16 * MB, 32 * MB, 32 * MB],
      totals: { buffers: { live: 2, collected: 3 }, nodes: { live: 1 } },
    });
    const { memory, objects, types, operations, sites, caveats } = diffRecordings(
      before,
      after,
      leaksIn,
    );
    expect(caveats).toEqual([]);
    expect(memory.map(({ name, change }) => [name, change])).toEqual([
      ['heap size, at the end', 16 * MB],
      ['live bytes, at the end', 1 * MB],
      ['live bytes, peak', 5 * MB],
      ['live blocks, at the end', null],
      ['allocated, in all', null],
      ['JavaScript heap, at the end', null],
      ['GEGL tile cache, peak', null],
    ]);
    expect(memory.map(({ status }) => status)).toEqual([
      ...['grown', 'grown', 'grown'],
      ...['unknown', 'unknown', 'unknown', 'unknown'],
    ]);
    expect(objects?.slice(0, 3).map(({ name, status }) => [name, status])).toEqual([
      ['buffers, collected without release', 'new'],
      ['nodes', 'new'],
      ['buffers', 'same'],
    ]);
    expect([types, operations, sites]).toEqual([null, null, null]);
  });

  it('of types and operations have the greatest change first, whichever way', () => {
    const heap = (live: number[], bytes: number[]): Recording =>
      withHeap({
        ...HEAP,
        instances: {
          type: ['GeglBuffer', 'GeglNode', 'GeglColor'],
          live,
          created: live,
          freed: [0, 0, 0],
          ownBytes: [null, null, null],
          chargedBytes: [null, null, null],
        },
        operations: {
          name: ['gegl:blur', 'gegl:crop', 'gegl:over'],
          liveBytes: bytes,
          ...Object.fromEntries(
            ['runs', 'totalBytes', 'totalBlocks', 'liveBlocks', 'peakBytes'].map((name) => [
              name,
              [0, 0, 0],
            ]),
          ),
        } as RecordedHeap['operations'] & object,
      });
    const diff = diffRecordings(
      heap([5, 9, 0], [10, 10, 10]),
      heap([7, 0, 1], [10, 400, 5]),
      leaksIn,
    );
    expect(diff.types?.map(({ name, change, status }) => [name, change, status])).toEqual([
      ['GeglNode', -9, 'gone'],
      ['GeglBuffer', 2, 'grown'],
      ['GeglColor', 1, 'new'],
    ]);
    expect(diff.operations?.map(({ name, change }) => [name, change])).toEqual([
      ['gegl:crop', 390],
      ['gegl:over', -5],
      ['gegl:blur', 0],
    ]);
  });
});

describe('sites', () => {
  it('are matched by their stacks, whatever server they came from', () => {
    const elsewhere = OPEN.map((frame) => frame.replace('http://127.0.0.1:4711', 'https://a.test'));
    const { sites } = diffRecordings(
      exact({ bytes: 5 * MB, frames: OPEN }),
      exact({ bytes: 7 * MB, frames: elsewhere }),
      leaksIn,
    );
    expect(sites).toHaveLength(1);
    expect(sites?.[0]).toMatchObject({
      change: 2 * MB,
      allocatedChange: 4 * MB,
      status: 'grown',
      error: 0,
      isNoise: false,
      isMoved: false,
      name: 'open (https://a.test/app/open.js:10:1)',
    });
  });

  it('are matched by functions and files where lines have moved', () => {
    const edited = OPEN.map((frame) => frame.replace(':10', ':12'));
    const other = ['close app/close.js:3'];
    const { sites } = diffRecordings(
      exact({ bytes: 5 * MB, frames: OPEN }, { bytes: MB, frames: other }),
      exact({ bytes: 5 * MB, frames: edited }),
      leaksIn,
    );
    expect(sites?.map(({ status, isMoved }) => [status, isMoved])).toEqual([
      ['gone', false],
      ['same', true],
    ]);
  });

  it('of one line that moved and one that stayed are not mixed up', () => {
    const second = OPEN.map((frame) => frame.replace(':10', ':20'));
    const moved = OPEN.map((frame) => frame.replace(':10', ':21'));
    const { sites } = diffRecordings(
      exact({ bytes: 5 * MB, frames: OPEN }, { bytes: 3 * MB, frames: second }),
      exact({ bytes: 6 * MB, frames: OPEN }, { bytes: 3 * MB, frames: moved }),
      leaksIn,
    );
    expect(sites?.map(({ change, isMoved }) => [change, isMoved])).toEqual([
      [MB, false],
      [0, true],
    ]);
  });

  it('that differ by at most two standard errors are noise, and come last', () => {
    const site = (frames: readonly string[], bytes: number) => ({ bytes, error: 0.3 * MB, frames });
    const other = ['close app/close.js:3'];
    // The error of the difference is 0.3 * sqrt(2) = 0.424 MB.
    const { sites } = diffRecordings(
      sampled(site(OPEN, 5 * MB), site(other, 5 * MB)),
      sampled(site(OPEN, 5.84 * MB), site(other, 5.86 * MB)),
      leaksIn,
    );
    expect(sites?.map(({ name, isNoise }) => [name, isNoise])).toEqual([
      ['close (app/close.js:3:1)', false],
      ['open (http://127.0.0.1:4711/app/open.js:10:1)', true],
    ]);
  });

  it('of which one side has no sample may hold a sample’s worth there', () => {
    const seen = (samples: number) => ({
      bytes: samples * 512 * KB,
      error: Math.sqrt(samples) * 512 * KB,
      frames: OPEN,
    });
    const isNoise = (samples: number) =>
      diffRecordings(sampled(), sampled(seen(samples)), leaksIn).sites?.map((site) => site.isNoise);
    expect([4, 5].map(isNoise)).toEqual([[true], [false]]);
    expect(
      diffRecordings(exact(), exact({ bytes: 16, frames: OPEN }), leaksIn).sites?.[0],
    ).toMatchObject({
      status: 'new',
      isNoise: false,
    });
  });
});

describe('findings', () => {
  const lost = (bytes: number, line: number, extra: Partial<Recording['objects']> = {}) => {
    const recording = buildRecording({
      heapUsed: [1, 1],
      totals: { buffers: { created: 2, collected: 2 } },
      stacks: [`at paint (https://a.test/brush.js:${line}:7)`],
      collected: [1, 2].map((id) => ({ id, kind: 'buffers' as const, stack: 0, bytes: bytes / 2 })),
    });
    return { ...recording, objects: { ...recording.objects, ...extra } };
  };
  const none = buildRecording({ heapUsed: [1, 1] });
  const statuses = (before: Recording, after: Recording, accepted = '') =>
    diffRecordings(
      before,
      after,
      (of) => applySuppressions(leaksIn(of), parseSuppressions(accepted)).findings,
    ).findings.map((one) => one.status);

  it('are new, grown, the same, shrunk or gone', () => {
    expect(statuses(none, lost(10, 1))).toEqual(['new']);
    expect(statuses(lost(10, 1), lost(12, 1))).toEqual(['grown']);
    expect(statuses(lost(10, 1), lost(10, 5))).toEqual(['same']);
    expect(statuses(lost(10, 1), lost(8, 1))).toEqual(['shrunk']);
    expect(statuses(lost(10, 1), none)).toEqual(['gone']);
  });

  it('that are accepted are left out on both sides', () => {
    expect(statuses(lost(10, 1), lost(12, 1), 'stack:brush.js -- the undo stack')).toEqual([]);
  });
});

describe('caveats', () => {
  it('name a tracker that was off for a time, whose figures are not compared', () => {
    const whole = buildRecording({ heapUsed: [MB, 2 * MB], heap: HEAP });
    const part: Recording = {
      ...buildRecording({ heapUsed: [MB, 3 * MB] }),
      heap: { ...HEAP, mode: 'off' },
    };
    const { caveats, memory, types, sites } = diffRecordings(whole, part, leaksIn);
    expect(caveats).toEqual([expect.stringMatching(/^Live bytes are by tracker and by mallinfo/)]);
    expect(memory[1]).toMatchObject({ before: 2 * MB, after: 3 * MB });
    expect(memory[3]).toMatchObject({ name: 'live blocks, at the end', status: 'unknown' });
    expect([types, sites]).toEqual([null, null]);
  });

  it('name what stands against a comparison', () => {
    const long = buildRecording({
      heapUsed: new Array(60).fill(1),
      heap: { ...HEAP, mode: 'all' },
    });
    const gegl = buildRecording({ heapUsed: [1, 1], heap: HEAP });
    const { caveats } = diffRecordings(
      { ...gegl, environment: { ...gegl.environment, gegl: { gegl: '0.4.60' } } },
      long,
      leaksIn,
    );
    expect(caveats).toEqual([
      expect.stringMatching(/^They ran for 1 s and 59 s/),
      expect.stringMatching(/sampled and as all/),
      'GEGL is 0.4.60 and unknown.',
    ]);
  });
});

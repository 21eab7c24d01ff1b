// What all formats have in common.

import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/present/formats/format.ts';
import { FORMATS } from '../../../src/present/formats/index.ts';
import { buildHeapSnapshot, buildRecording } from '../../analyze/build-recording.ts';
import { HEAP } from '../../recording/heap-part.ts';

const names = (formats: typeof FORMATS) => formats.map(({ name }) => name);

describe('formats', () => {
  it('have names and extensions of their own', () => {
    expect(new Set(names(FORMATS)).size).toBe(FORMATS.length);
    expect(new Set(FORMATS.map(({ extension }) => extension)).size).toBe(FORMATS.length);
  });

  it.each(FORMATS)('write the same file of the same recording: $name', (format) => {
    const recording = { ...buildRecording({ heapUsed: [1, 2] }), heap: HEAP };
    const text = JSON.stringify(recording);
    const written = format.write(recording);
    expect(written.length).toBeGreaterThan(40);
    expect(format.write(JSON.parse(text))).toEqual(written);
    expect(JSON.stringify(recording)).toBe(text);
  });

  it('say what a recording lacks, and how to get it', () => {
    const failures = (heap: typeof HEAP | null) =>
      FORMATS.flatMap((format) => {
        try {
          format.write({ ...buildRecording({ heapUsed: [1] }), heap });
          return [];
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          expect(error.code).toBe('NOTHING_TO_WRITE');
          return [[format.name, error.message] as const];
        }
      });
    const ofSites = ['pprof', 'speedscope', 'heapprofile', 'folded', 'csv-sites'];
    const untracked = failures(null);
    expect(untracked.map(([name]) => name)).toEqual([...ofSites, 'csv-types']);
    expect(untracked[0]?.[1]).toMatch(/was not tracked\. Call memoryProfiler\.instrument\(\)/);
    const counted = failures({ ...HEAP, mode: 'counts', sites: null });
    expect(counted.map(([name]) => name)).toEqual(ofSites);
    expect(counted[0]?.[1]).toMatch(/mode "counts".*trackAllocations 'sampled'/);
  });

  it('trace: a heap snapshot is told by its figures, without lists of stacks', () => {
    const found = {
      ...buildHeapSnapshot({ elapsed: 5 }),
      staticPlaces: [{ stack: ['f'], blocks: 10 }],
    };
    const trace = FORMATS.find(({ name }) => name === 'trace');
    const written = trace?.write(buildRecording({ heapUsed: [1], heapSnapshots: [found] }));
    const { traceEvents } = JSON.parse(Buffer.from(written ?? '').toString());
    const event = traceEvents.find(({ name }: { name: string }) => name === 'heap snapshot');
    expect(event.args).toMatchObject({ blocks: found.blocks, bytes: found.bytes });
    expect(Object.values(event.args).filter((value) => typeof value === 'object' && value)).toEqual(
      [],
    );
  });

  it('of one figure take the one that is asked for', () => {
    const recording = { ...buildRecording(), heap: HEAP };
    const folded = FORMATS.find(({ name }) => name === 'folded');
    const last = (figure: 'live' | 'total' | 'peak' | 'blocks') =>
      String(folded?.write(recording, { figure }))
        .trim()
        .split('\n')
        .map((line) => Number(/ (\d+)$/.exec(line)?.[1]));
    expect(last('live')).toEqual([1_100_000, 64]);
    expect(last('total')).toEqual([2_100_000, 540_000, 64]);
    expect(last('peak')).toEqual([1_100_000, 540_000, 64]);
    expect(last('blocks')).toEqual([1, 1]);
    expect(names(FORMATS.filter(({ oneFigure }) => oneFigure))).toEqual(['heapprofile', 'folded']);
  });
});

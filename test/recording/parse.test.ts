// Recordings as text: read back as they were, and refused with the place named.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { parseRecording, RecordingError } from '../../src/recording/parse.ts';
import { COLUMN_NAMES, RECORDING_FORMAT, RECORDING_VERSION } from '../../src/recording/types.ts';
import { HEAP, HEAP_SNAPSHOTS, SERIES } from './heap-part.ts';
import { exportRealRecording } from './real-recording.ts';

const text = await exportRealRecording();

/** The refusal of a recording that was changed by `change`. */
function refusal(change: (recording: Record<string, never>) => void): RecordingError {
  const recording = JSON.parse(text);
  change(recording);
  return refusalOf(JSON.stringify(recording));
}

function refusalOf(broken: string): RecordingError {
  try {
    parseRecording(broken);
  } catch (error) {
    if (error instanceof RecordingError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

// biome-ignore lint/suspicious/noExplicitAny: what is broken has no type.
type Anything = any;

describe('a recording as text', () => {
  it('is read back equal', () => {
    expect(parseRecording(text)).toEqual(JSON.parse(text));
    expect(JSON.stringify(parseRecording(text))).toBe(text);
  });

  it('is exported again by a profiler that was made of it, byte for byte', () => {
    expect(MemoryProfiler.fromExport(text).exportData()).toBe(text);
  });

  it('may hold more than is known', () => {
    const recording = { ...JSON.parse(text), note: 'before the change' };
    expect(parseRecording(JSON.stringify(recording))).toMatchObject({ note: 'before the change' });
  });
});

describe('what is no recording', () => {
  it.each(['', '{', 'undefined', '[1,', text.slice(0, -1), `${text}x`])(
    'is no JSON: %.20s',
    (broken) => {
      expect(refusalOf(broken)).toMatchObject({ code: 'NOT_JSON', path: '' });
    },
  );

  it.each(['null', '1', '"text"', '[]', '{}', '{"format":"har"}', '[{"format":1}]'])(
    'is foreign: %s',
    (foreign) => {
      const error = refusalOf(foreign);
      expect(error).toMatchObject({ code: 'FOREIGN', path: 'format' });
      expect(error.message).toContain(RECORDING_FORMAT);
    },
  );

  it('is of a newer version, and says what helps', () => {
    const error = refusal((recording: Anything) => {
      recording.version = RECORDING_VERSION + 1;
      // Whatever else a newer version has changed.
      delete recording.snapshots;
    });
    expect(error).toMatchObject({ code: 'NEWER_VERSION', path: 'version' });
    expect(error.message).toMatch(/version 8\b.*Update/);
  });

  it.each([0, -1, 1.5, '1', null, undefined])('has no version %s', (version) => {
    const error = refusal((recording: Anything) => {
      recording.version = version;
    });
    expect(error).toMatchObject({ code: 'INVALID', path: 'version' });
  });
});

describe('a broken recording', () => {
  const cases: [path: string, change: (recording: Anything) => void][] = [
    ['profiler', (it) => delete it.profiler],
    ['environment.runtime', (it) => (it.environment.runtime = 'toaster')],
    ['environment.runtime', (it) => (it.environment.runtime = ['node'])],
    ['environment.gegl', (it) => (it.environment.gegl = [])],
    ['options.trackObjects', (it) => (it.options.trackObjects = 1)],
    ['clock.startedAt', (it) => (it.clock.startedAt = 1e300)],
    ['clock.duration', (it) => (it.clock.duration = -1e16)],
    ['clock.gaps[0].reason', (it) => (it.clock.gaps[0].reason = 'lunch')],
    ['sources.heapUsed', (it) => (it.sources.heapUsed = 'guess')],
    ['snapshots.heapUsed', (it) => delete it.snapshots.heapUsed],
    ['snapshots.heapUsed[1]', (it) => (it.snapshots.heapUsed[1] = '12')],
    ['snapshots.buffers[0]', (it) => (it.snapshots.buffers[0] = null)],
    ['snapshots.swap', (it) => it.snapshots.swap.push(1)],
    ['snapshots.elapsed[1]', (it) => (it.snapshots.elapsed[1] = it.snapshots.elapsed[0])],
    ['snapshots.sequence[2]', (it) => (it.snapshots.sequence[2] = 1)],
    ['objects.totals.colors.collected', (it) => delete it.objects.totals.colors.collected],
    ['objects.collected[0].kind', (it) => (it.objects.collected[0].kind = 'layers')],
    ['objects.collected[0].stack', (it) => (it.objects.collected[0].stack = 99)],
    ['objects.collected[0].stack', (it) => (it.objects.collected[0].stack = -1)],
    ['objects.stacks[0]', (it) => (it.objects.stacks[0] = null)],
    ['warnings[0].code', (it) => (it.warnings = [{ message: '', elapsed: 0 }])],
  ];
  const evidenceCases: [path: string, change: (recording: Anything) => void][] = [
    ['series.elapsed[1]', (it) => (it.series.elapsed[1] = 0)],
    ['series.sequence', (it) => it.series.sequence.pop()],
    ['series.types[0].live', (it) => it.series.types[0].live.pop()],
    ['series.sites[0].liveBytes', (it) => it.series.sites[0].liveBytes.push(1)],
    ['series.sites[0].stack[0]', (it) => (it.series.sites[0].stack[0] = null)],
    ['series.operations[0].liveBlocks[1]', (it) => (it.series.operations[0].liveBlocks[1] = '1')],
    ['heapSnapshots[0].isBaseline', (it) => delete it.heapSnapshots[0].isBaseline],
    [
      'heapSnapshots[0].unreachable[0].bytes',
      (it) => (it.heapSnapshots[0].unreachable[0].bytes = null),
    ],
    ['heapSnapshots[0].remnants[0].kind', (it) => (it.heapSnapshots[0].remnants[0].kind = 'ghost')],
    ['objects.unfinished[0]', (it) => (it.objects.unfinished = ['1'])],
    ['objects.exits[0].objects[0].stack', (it) => (it.objects.exits[0].objects[0].stack = 99)],
  ];
  it.each(evidenceCases)('is refused at %s', (path, change) => {
    const error = refusal((it: Anything) => {
      it.series = structuredClone(SERIES);
      it.heapSnapshots = structuredClone(HEAP_SNAPSHOTS);
      change(it);
    });
    expect(error).toMatchObject({ code: 'INVALID', path });
  });

  const heapCases: [path: string, change: (heap: Anything) => void][] = [
    ['heap.mode', (it) => (it.mode = 'some')],
    ['heap.accounting.verifiedBy', (it) => (it.accounting.verifiedBy = 'guess')],
    ['heap.accounting.comparison', (it) => (it.accounting.comparison = [])],
    ['heap.totals.peak.bytes', (it) => (it.totals.peak.bytes = null)],
    ['heap.ages.blocks', (it) => it.ages.blocks.pop()],
    ['heap.sites', (it) => delete it.sites],
    ['heap.sites.sources.kind[0]', (it) => (it.sites.sources.kind[0] = 'friend')],
    ['heap.sites.functions.source[0]', (it) => (it.sites.functions.source[0] = 4)],
    ['heap.sites.frames.function[1]', (it) => (it.sites.frames.function[1] = -1)],
    ['heap.sites.frames.function[1]', (it) => (it.sites.frames.function[1] = null)],
    ['heap.sites.stacks.frame[2]', (it) => (it.sites.stacks.frame[2] = 0.5)],
    ['heap.sites.stacks.caller[3]', (it) => (it.sites.stacks.caller[3] = 3)],
    ['heap.sites.figures.stack[0]', (it) => (it.sites.figures.stack[0] = 6)],
    ['heap.sites.figures.samples', (it) => it.sites.figures.samples.push(1)],
    ['heap.holders.instance[0]', (it) => (it.instances = null)],
    ['heap.operations.name[0]', (it) => (it.operations.name[0] = null)],
  ];
  it.each(heapCases)('is refused at %s, in the heap', (path, change) => {
    const error = refusal((it: Anything) => {
      it.heap = structuredClone(HEAP);
      change(it.heap);
    });
    expect(error).toMatchObject({ code: 'INVALID', path });
  });

  it.each(cases)('is refused at %s', (path, change) => {
    const error = refusal(change);
    expect(error).toMatchObject({ code: 'INVALID', path, name: 'RecordingError' });
    expect(error.message).toContain(path);
  });

  it('is refused for a number that is too large for JavaScript', () => {
    const [first] = JSON.parse(text).snapshots.heapSize.filter((size: unknown) => size !== null);
    const error = refusalOf(text.replaceAll(`${first}`, '1e999'));
    expect(error).toMatchObject({ code: 'INVALID', path: expect.stringContaining('heapSize') });
  });

  it.each(COLUMN_NAMES)(
    'is refused without the column %s, and for one of another length',
    (name) => {
      expect(refusal((it: Anything) => delete it.snapshots[name]).path).toBe(`snapshots.${name}`);
      const { path } = refusal((it: Anything) => it.snapshots[name].pop());
      expect(path).toMatch(/^snapshots\./);
    },
  );
});

describe('a recording of version 1', () => {
  const first = readFileSync(new URL('versions/1.json', import.meta.url), 'utf8');

  it('has followed no allocation', () => {
    const { version, options, snapshots, heap } = parseRecording(first);
    expect({ version, heap }).toEqual({ version: RECORDING_VERSION, heap: null });
    expect(options.trackAllocations).toBe('off');
    expect(snapshots.liveBytes).toEqual(snapshots.elapsed.map(() => null));
    expect(snapshots.heapUsed).toEqual(JSON.parse(first).snapshots.heapUsed);
  });

  it.each(['options', 'snapshots'])('is refused where %s is broken', (name) => {
    for (const broken of [null, [], 'text', 1]) {
      const { path } = refusalOf(JSON.stringify({ ...JSON.parse(first), [name]: broken }));
      expect(path).toMatch(new RegExp(`^${name}`));
    }
  });
});

describe('a recording of version 3', () => {
  it('names no moment', () => {
    const third = readFileSync(new URL('versions/3.json', import.meta.url), 'utf8');
    const { version, marks } = parseRecording(third);
    expect({ version, marks }).toEqual({ version: RECORDING_VERSION, marks: [] });
  });
});

describe('a recording of version 4', () => {
  it('does not know what became of unreachable blocks', () => {
    const fourth = JSON.parse(readFileSync(new URL('versions/4.json', import.meta.url), 'utf8'));
    const [snapshot] = parseRecording(JSON.stringify(fourth)).heapSnapshots;
    const [group] = fourth.heapSnapshots[0].unreachable;
    expect(snapshot?.unreachable).toEqual([
      { ...group, freed: null, overdue: null, structures: null },
    ]);
    for (const broken of [null, 'text', { unreachable: [1] }]) {
      const { path } = refusalOf(JSON.stringify({ ...fourth, heapSnapshots: [broken] }));
      expect(path).toMatch(/^heapSnapshots/);
    }
  });
});

describe('a recording of version 5', () => {
  it('does not know whether JavaScript keeps more than the known handles', () => {
    const fifth = JSON.parse(readFileSync(new URL('versions/5.json', import.meta.url), 'utf8'));
    const [snapshot] = parseRecording(JSON.stringify(fifth)).heapSnapshots;
    const [group] = fifth.heapSnapshots[0].unreachable;
    expect(snapshot?.knowsHandles).toBe(null);
    expect(snapshot?.unreachable).toEqual([{ ...group, structures: null }]);
  });
});

describe('a recording of version 2', () => {
  const second = readFileSync(new URL('versions/2.json', import.meta.url), 'utf8');

  it('has no series, no heap snapshots, and what it had', () => {
    const { version, series, heapSnapshots, heap, objects } = parseRecording(second);
    expect({ version, series, heapSnapshots }).toEqual({
      version: RECORDING_VERSION,
      series: null,
      heapSnapshots: [],
    });
    const before = JSON.parse(second);
    expect(heap).toEqual({ ...before.heap, explained: null, trackerBytes: null });
    expect(objects).toEqual({ ...before.objects, unfinished: [], exits: [] });
  });

  it.each(['objects', 'heap'])('is refused where %s is broken', (name) => {
    for (const broken of [[], 'text', 1]) {
      const { path } = refusalOf(JSON.stringify({ ...JSON.parse(second), [name]: broken }));
      expect(path).toMatch(new RegExp(`^${name}`));
    }
  });
});

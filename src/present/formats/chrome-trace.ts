// Chrome's trace event format (JSON), for ui.perfetto.dev and chrome://tracing: figures over time as counter tracks,
// marks, heap snapshots, warnings and findings as instant events, gaps in time as slices.

import {
  type ColumnName,
  type Finding,
  OBJECT_KINDS,
  type Recording,
} from '../../recording/types.ts';
import type { Format } from './format.ts';
import { titleOf } from './site-figures.ts';

/** Tracks, with their series: the column that each is made of, and its name. */
const COUNTERS: readonly (readonly [
  track: string,
  series: readonly (readonly [ColumnName, string])[],
])[] = [
  ['heap size', [['heapSize', 'bytes']]],
  ['heap used', [['heapUsed', 'bytes']]],
  ['live bytes', [['liveBytes', 'bytes']]],
  ['live blocks', [['liveBlocks', 'blocks']]],
  ['JavaScript heap', [['usedJSHeapSize', 'bytes']]],
  ['pixels of buffers', [['bufferBytes', 'bytes']]],
  ['GEGL tile cache', [['tileCache', 'bytes']]],
  ['GEGL tile allocator', [['tileAlloc', 'bytes']]],
  ['GEGL scratch memory', [['scratch', 'bytes']]],
  ['GEGL swap', [['swap', 'bytes']]],
  ['objects', OBJECT_KINDS.map((kind) => [kind, kind])],
];

const PROCESS = 1;
const MOMENTS = 1;
const GAPS = 2;

export const chromeTrace: Format = {
  name: 'trace',
  extension: 'trace.json',
  description: 'figures over time, marks and findings for ui.perfetto.dev and chrome://tracing',
  write(recording, { findLeaks = () => [] } = {}) {
    const name = `${recording.profiler.name}: ${titleOf(recording)}`;
    const events = [
      metadata('process_name', 0, name),
      metadata('thread_name', MOMENTS, 'marks and findings'),
      metadata('thread_name', GAPS, 'gaps'),
      ...counters(recording),
      ...moments(recording, findLeaks(recording)),
      ...recording.clock.gaps.map(({ from, to, reason }) => ({
        ...at(from, GAPS),
        ph: 'X',
        name: `gap: ${reason}`,
        dur: microseconds(to - from),
      })),
    ];
    return JSON.stringify({
      displayTimeUnit: 'ms',
      otherData: {
        exporter: `${recording.profiler.name} ${recording.profiler.version}`,
        startedAt: new Date(recording.clock.startedAt).toISOString(),
      },
      traceEvents: events,
    });
  },
};

function* counters({ snapshots }: Recording) {
  for (const [name, series] of COUNTERS) {
    for (const [row, elapsed] of snapshots.elapsed.entries()) {
      const known = series.flatMap(([column, label]) => {
        const value = snapshots[column][row] ?? null;
        return value === null ? [] : [[label, value] as const];
      });
      // There is no event for "unknown": the track keeps the figure before.
      if (known.length > 0) {
        yield { ...at(elapsed, 0), ph: 'C', name, args: Object.fromEntries(known) };
      }
    }
  }
}

function* moments(recording: Recording, findings: readonly Finding[]) {
  const { marks, heapSnapshots, objects, warnings, clock } = recording;
  const moment = (elapsed: number, name: string, args: object) => ({
    ...at(elapsed, MOMENTS),
    ph: 'i',
    s: 'p',
    name,
    args,
  });
  for (const { elapsed, name } of marks) yield moment(elapsed, `mark: ${name}`, {});
  for (const { elapsed, unreachable: _, remnants: __, ...figures } of heapSnapshots) {
    yield moment(elapsed, 'heap snapshot', figures);
  }
  for (const { elapsed, counts } of objects.exits) {
    yield moment(elapsed, 'engine exited; still alive', counts);
  }
  for (const { elapsed, code, message } of warnings) {
    yield moment(elapsed, `warning: ${code}`, { message });
  }
  // They are of the whole recording.
  for (const { type, severity, message, details } of findings) {
    yield moment(clock.duration, `${severity}: ${type}`, { message, details });
  }
}

function metadata(name: string, thread: number, value: string) {
  return { ...at(0, thread), ph: 'M', name, args: { name: value } };
}

function at(elapsed: number, thread: number) {
  return { ts: microseconds(elapsed), pid: PROCESS, tid: thread, cat: 'memory' };
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}

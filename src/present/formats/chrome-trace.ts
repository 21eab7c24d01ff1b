// Chrome's trace event format (JSON), for ui.perfetto.dev and chrome://tracing: figures over time as counter tracks,
// marks, heap snapshots, warnings and findings as instant events, gaps in time as slices.

import {
  type ColumnName,
  type Finding,
  OBJECT_KINDS,
  type Recording,
} from '../../recording/types.ts';
import type { Format } from './format.ts';
import { bytesOf } from './pieces.ts';
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

export const chromeTrace: Format<Uint8Array> = {
  name: 'trace',
  extension: 'trace.json',
  description: 'figures over time, marks and findings for ui.perfetto.dev and chrome://tracing',
  hasFindings: true,
  write: (recording, { findLeaks = () => [] } = {}) =>
    bytesOf(pieces(recording, findLeaks(recording))),
};

function* pieces(recording: Recording, findings: readonly Finding[]): Generator<string> {
  const { profiler, clock } = recording;
  const about = {
    displayTimeUnit: 'ms',
    otherData: {
      exporter: `${profiler.name} ${profiler.version}`,
      startedAt: new Date(clock.startedAt).toISOString(),
    },
  };
  const process = metadata('process_name', 0, `${profiler.name}: ${titleOf(recording)}`);
  yield `${JSON.stringify(about).slice(0, -1)},"traceEvents":[\n${JSON.stringify(process)}`;
  for (const event of events(recording, findings)) yield `,\n${JSON.stringify(event)}`;
  for (const event of counters(recording)) yield `,\n${event}`;
  yield '\n]}\n';
}

function* events(recording: Recording, findings: readonly Finding[]) {
  yield metadata('thread_name', MOMENTS, 'marks and findings');
  yield metadata('thread_name', GAPS, 'gaps');
  yield* moments(recording, findings);
  for (const { from, to, reason } of recording.clock.gaps) {
    yield { ...at(from, GAPS), ph: 'X', name: `gap: ${reason}`, dur: microseconds(to - from) };
  }
}

/** As JSON at once, since there may be millions. */
function* counters({ snapshots }: Recording): Generator<string> {
  const last = snapshots.elapsed.length - 1;
  for (const [name, series] of COUNTERS) {
    const start = JSON.stringify({ pid: PROCESS, tid: 0, ph: 'C', name }).slice(0, -1);
    let before = '';
    for (const [row, elapsed] of snapshots.elapsed.entries()) {
      let args = '';
      for (const [column, label] of series) {
        const value = snapshots[column][row] ?? null;
        if (value !== null) args += `${args === '' ? '' : ','}"${label}":${value}`;
      }
      // A track keeps its figure until the next one; the last tells how long. There is none for "unknown".
      if (args === '' || (args === before && row < last)) continue;
      before = args;
      yield `${start},"ts":${microseconds(elapsed)},"args":{${args}}}`;
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
  for (const found of heapSnapshots) {
    const { elapsed, unreachable: _, remnants: __, staticPlaces: ___, ...figures } = found;
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

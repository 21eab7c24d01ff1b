// `gegl-memory-profiler/formats`, as programs import and require it from the built package, and by its types.

import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { buildHeapGraph } from '../../../src/analyze/heap-graph/index.ts';
import { formatHeapSnapshot } from '../../../src/present/formats/heapsnapshot.ts';
import { FORMATS } from '../../../src/present/formats/index.ts';
import type * as sources from '../../../src/present/formats/library.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { runAtOnce } from '../../../src/slices.ts';
import { buildRecording } from '../../analyze/build-recording.ts';
import { buildImage } from '../../analyze/heap-graph/build-image.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { leakingRecording } from '../report/recordings.ts';

const PACKAGE = 'gegl-memory-profiler/formats';
const imported: typeof sources = await import(/* @vite-ignore */ PACKAGE);
const required: typeof sources = createRequire(import.meta.url)(PACKAGE);
const recording: Recording = { ...buildRecording({ heapUsed: [1, 2] }), heap: HEAP };
const text = JSON.stringify(recording);

/** `toCsvSites` of `csv-sites`. */
function functionName(format: string): string {
  return `to-${format}`.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

describe.each([
  ['imported', imported],
  ['required', required],
])('formats, %s', (_, library) => {
  it('have the pieces that the error of a heap snapshot too large speaks of', () => {
    const image = buildImage({ blocks: [{ address: 1024, size: 64, label: 'GeglNode' }] });
    const graph = runAtOnce(buildHeapGraph(image));
    const text = [...library.heapSnapshotPieces(image, graph)].join('');
    expect(text).toBe(formatHeapSnapshot(image, graph));
    expect(() => formatHeapSnapshot(image, graph, 10)).toThrow(/gegl-memory-profiler\/formats/);
  });

  it('are a function each, that writes what the command writes', () => {
    const functions = Object.entries(library).filter(([name]) => name.startsWith('to'));
    expect(functions.map(([name]) => name).sort()).toEqual(
      FORMATS.map(({ name }) => functionName(name)).sort(),
    );
    for (const format of FORMATS) {
      const write = Reflect.get(library, functionName(format.name));
      const written = format.write(recording);
      for (const given of [recording, text, { exportData: () => text }]) {
        expect(Buffer.from(write(given)).equals(Buffer.from(written))).toBe(true);
      }
    }
  });

  it('take the figure, and the findings that are accepted', () => {
    expect(library.toFolded(recording, { figure: 'total' })).not.toBe(library.toFolded(recording));
    const leaking = leakingRecording();
    const trace = (suppressions: string) =>
      new TextDecoder().decode(library.toTrace(leaking, { suppressions }));
    expect(trace('')).toContain('nodes were garbage-collected');
    expect(trace('stack:app.js -- known')).not.toContain('nodes were garbage-collected');
  });

  it('refuse what they can make nothing of', () => {
    expect(() => library.toPprof(buildRecording())).toThrow(library.FormatError);
    expect(() => library.toCsv('{}')).toThrow(library.RecordingError);
    // @ts-expect-error: what a program without types may do.
    expect(() => library.toCsv(null)).toThrow(/its text or a profiler is needed, not null/);
  });
});

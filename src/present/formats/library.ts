// The formats for programs, `gegl-memory-profiler/formats`: a function a format, named after it.

import { findUnaccepted } from '../../analyze/leaks/index.ts';
import { type Suppression, suppressionsFrom } from '../../analyze/suppressions.ts';
import { geglKnowledge } from '../../gegl/knowledge.ts';
import { type GivenRecording, recordingFrom } from '../../recording/given.ts';
import { RecordingError } from '../../recording/parse.ts';
import { chromeTrace } from './chrome-trace.ts';
import { csv } from './csv.ts';
import { csvSites } from './csv-sites.ts';
import { csvTypes } from './csv-types.ts';
import { folded } from './folded.ts';
import type { Format, FormatOptions } from './format.ts';
import { heapprofile } from './heapprofile.ts';
import { pprof } from './pprof.ts';
import { speedscope } from './speedscope.ts';

export { FormatError } from './format.ts';
export { heapSnapshotPieces } from './heapsnapshot.ts';
export type { GivenRecording, Suppression };
export { RecordingError };

/** What a site weighs, where a file has one figure of each; `live` when left out. */
export type FigureOptions = Pick<FormatOptions, 'figure'>;

export interface FindingsOptions {
  /** Findings that are known and accepted: the text of a file of them (docs/leaks.md), or a list. */
  readonly suppressions?: string | readonly Suppression[];
}

/** All: @throws FormatError where a recording does not hold what the format is made of; RecordingError. */
export const toPprof = writerOf(pprof);
export const toSpeedscope = writerOf(speedscope);
export const toHeapprofile: Writer<string, FigureOptions> = writerOf(heapprofile);
export const toFolded: Writer<string, FigureOptions> = writerOf(folded);
/** With the findings of the recording. */
export const toTrace: Writer<Uint8Array, FindingsOptions> = (
  recording,
  { suppressions = [] } = {},
) =>
  writerOf<Uint8Array, FormatOptions>(chromeTrace)(recording, {
    findLeaks: (read) =>
      findUnaccepted(read, geglKnowledge, suppressionsFrom(suppressions)).findings,
  });
export const toCsv = writerOf(csv);
export const toCsvSites = writerOf(csvSites);
export const toCsvTypes = writerOf(csvTypes);

type Writer<Written, Options = Record<never, never>> = (
  recording: GivenRecording,
  options?: Options,
) => Written;

function writerOf<
  Written extends string | Uint8Array,
  Options extends FormatOptions = FormatOptions,
>(format: Format<Written>): Writer<Written, Options> {
  return (given, options) => {
    const recording = recordingFrom(given);
    if (recording) return format.write(recording, options);
    throw new RecordingError(
      'FOREIGN',
      `A recording, its text or a profiler is needed, not ${String(given)}.`,
    );
  };
}

// pprof's profile.proto, gzipped: a heap profile with the sample types that Go's own have. For `go tool pprof`,
// Pyroscope, Polar Signals and other tools.

import { gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import { functionName } from '../../recording/frame-text.ts';
import type { RecordedSites, SiteColumns } from '../../recording/heap-types.ts';
import { framePlaces, functionAt } from '../../recording/site-tables.ts';
import type { Recording } from '../../recording/types.ts';
import type { Format } from './format.ts';
import { howMeasured, sitesIn, titleOf, UNKNOWN_STACK } from './site-figures.ts';

const SAMPLE_TYPES = [
  ['alloc_objects', 'count', 'totalBlocks'],
  ['alloc_space', 'bytes', 'totalBytes'],
  ['inuse_objects', 'count', 'liveBlocks'],
  ['inuse_space', 'bytes', 'liveBytes'],
] as const satisfies readonly (readonly [string, string, keyof SiteColumns])[];

export const pprof: Format<Uint8Array> = {
  name: 'pprof',
  extension: 'pb.gz',
  description: 'heap profile for go tool pprof and what else reads profile.proto',
  write: (recording) => gzipSync(encode(recording)),
};

function encode(recording: Recording): Uint8Array {
  const sites = sitesIn(recording);
  const { clock, profiler } = recording;
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const { mapping, mappingOf } = mappings(sites, text);
  const functions = sites.functions.name.length;
  const frames = sites.frames.function.length;
  return new Profile({
    stringTable: strings,
    sampleType: SAMPLE_TYPES.map(([type, unit]) => ({ type: text(type), unit: text(unit) })),
    defaultSampleType: text('inuse_space'),
    periodType: { type: text('space'), unit: text('bytes') },
    period: Math.round(sites.sampling.mean),
    timeNanos: nanoseconds(clock.startedAt + clock.duration),
    durationNanos: nanoseconds(clock.duration),
    comment: [
      text(`${profiler.name} ${profiler.version}: ${titleOf(recording)}`),
      text(`${howMeasured(sites)} Counts of blocks are rounded.`),
    ],
    mapping,
    // Ids begin at 1, so a row's is one more than its place. What is unknown comes last.
    function: [
      ...sites.functions.name.map((_, place) => {
        const called = functionAt(sites, place);
        const name = text(functionName(called));
        return { id: place + 1, name, systemName: name, filename: text(called.url ?? '') };
      }),
      { id: functions + 1, name: text(UNKNOWN_STACK), systemName: text(UNKNOWN_STACK) },
    ],
    location: [
      ...sites.frames.function.map((called, place) => ({
        id: place + 1,
        mappingId: mappingOf(called),
        address: sites.frames.offset[place] ?? 0,
        line: [
          {
            functionId: called + 1,
            line: sites.frames.line[place] ?? 0,
            column: sites.frames.column[place] ?? 0,
          },
        ],
      })),
      { id: frames + 1, line: [{ functionId: functions + 1 }] },
    ],
    sample: sites.figures.stack.map((stack, site) => ({
      locationId:
        stack === null ? [frames + 1] : framePlaces(sites, stack).map((frame) => frame + 1),
      value: SAMPLE_TYPES.map(([, , column]) => Math.round(sites.figures[column][site] ?? 0)),
    })),
  }).encode();
}

/** Modules are mapped: addresses in them are byte offsets. Scripts are not: they have lines. */
function mappings({ sources, functions, frames }: RecordedSites, text: (value: string) => number) {
  const offsets = new Map<number, number>();
  for (const [frame, called] of frames.function.entries()) {
    const source = functions.source[called] ?? null;
    if (source === null || sources.kind[source] !== 'wasm') continue;
    const end = (frames.offset[frame] ?? 0) + 1;
    offsets.set(source, Math.max(end, offsets.get(source) ?? 0));
  }
  const modules = [...offsets.keys()];
  return {
    mapping: modules.map((source, place) => ({
      id: place + 1,
      memoryLimit: offsets.get(source) ?? 0,
      // pprof forgets a name that is an address.
      filename: text((sources.url[source] ?? 'module.wasm').replace(/^[a-z]+:\/\//, '')),
      // Names and lines are in the profile; readers must not look for a file of that name to find them.
      hasFunctions: true,
      hasFilenames: true,
      hasLineNumbers: true,
      hasInlineFrames: true,
    })),
    /** 0: none. */
    mappingOf: (called: number) => modules.indexOf(functions.source[called] ?? -1) + 1,
  };
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1000)) * 1000n;
}

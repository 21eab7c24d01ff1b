// A recording as the report page needs it: columns, texts, and what was found.

import { overTime } from '../../../analyze/leaks/over-time.ts';
import { byName } from '../../../recording/by-name.ts';
import type { RecordedHeap } from '../../../recording/heap-types.ts';
import { type Finding, OBJECT_KINDS, type Recording } from '../../../recording/types.ts';
import { formatDuration } from '../../text/layout.ts';
import { toFigures } from '../data/column-codec.ts';
import {
  type OperationTable,
  type ReportedRecording,
  TIMELINE_COLUMNS,
  type TimelineColumn,
  type TypeTable,
} from '../data/types.ts';
import { collectSites } from './collect-sites.ts';
import { describeFinding } from './finding.ts';
import type { SourceFiles } from './source-files.ts';

export interface CollectOptions {
  /** Such as the name of its file. */
  readonly title: string;
  /** What leaks in a recording, as far as it is to be shown. */
  readonly findLeaks: (recording: Recording) => readonly Finding[];
  /** What paths begin with that is not shown: a folder or an origin. */
  readonly root?: string;
  /** Where lines of source come from; without it, none are shown. */
  readonly sources?: SourceFiles;
}

export function collectRecording(recording: Recording, options: CollectOptions): ReportedRecording {
  const { snapshots, clock, objects, heap } = recording;
  const root = options.root ?? '';
  const { sites, series } = collectSites(recording, root);
  const isKnown = (name: TimelineColumn) => snapshots[name].some((value) => value !== null);
  const timeline = TIMELINE_COLUMNS.filter(
    // What is in use is what the tracker counted, where it did.
    (name) => isKnown(name) && !(name === 'heapUsed' && isKnown('liveBytes')),
  ).map((name) => [name, toFigures(snapshots[name])]);
  return {
    title: options.title,
    about: about(recording),
    startedAt: clock.startedAt,
    duration: clock.duration,
    samples: snapshots.sequence.at(-1) ?? 0,
    elapsed: toFigures(snapshots.elapsed.map(microseconds)),
    timeline: Object.fromEntries(timeline),
    handles: byName(OBJECT_KINDS, (kind) => toFigures(snapshots[kind])),
    handleTotals: objects.totals,
    gaps: clock.gaps,
    marks: recording.marks,
    heapSnapshots: recording.heapSnapshots,
    totals: heap?.totals ?? null,
    explained: heap?.explained ?? null,
    sites,
    series,
    types: heap?.instances ? typesOf(heap.instances) : null,
    operations: heap?.operations ? operationsOf(heap.operations) : null,
    findings: options.findLeaks(recording).map((finding) =>
      describeFinding(finding, {
        root,
        sources: options.sources,
        overTime: overTime(finding, recording),
      }),
    ),
    warnings: recording.warnings,
  };
}

/** Times are told to a thousandth, which makes short columns. */
function microseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}

function typesOf(instances: NonNullable<RecordedHeap['instances']>): TypeTable {
  const { type: name, ...figures } = instances;
  return {
    name,
    ...byName(['live', 'created', 'freed', 'ownBytes', 'chargedBytes'], (column) =>
      toFigures(figures[column]),
    ),
  };
}

function operationsOf({
  name,
  ...figures
}: NonNullable<RecordedHeap['operations']>): OperationTable {
  return {
    name,
    ...byName(['runs', 'liveBytes', 'liveBlocks', 'totalBytes', 'peakBytes'], (column) =>
      toFigures(figures[column]),
    ),
  };
}

function about(recording: Recording): [string, string][] {
  const { environment, clock, options, sources, heap, snapshots, profiler } = recording;
  const { userAgent, page, gegl } = environment;
  const allocator = heap?.module.allocator;
  const facts: [string, string | null | undefined][] = [
    [
      'Recorded',
      new Date(clock.startedAt)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replace('T', ' '),
    ],
    ['For', formatDuration(clock.duration)],
    ['Samples', `${snapshots.sequence.at(-1) ?? 0}, ${snapshots.sequence.length} kept`],
    ['In', userAgent],
    ['Page', page],
    [
      'GEGL',
      gegl &&
        Object.entries(gegl)
          .map(([name, version]) => `${name} ${version}`)
          .join(', '),
    ],
    [
      'Allocations',
      heap ? `${heap.mode}${allocator ? `, of ${allocator}` : ''}` : options.trackAllocations,
    ],
    ['Bytes in use by', sources.heapUsed],
    ['Profiler', `${profiler.name} ${profiler.version}`],
  ];
  return facts.flatMap(([what, value]) => (value ? [[what, value]] : []));
}

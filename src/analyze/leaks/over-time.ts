// What a finding's leak came to over the session, so that a stretch of it can be looked at: taken from the columns that
// its detector tested.

import type { RecordedHeapSnapshot } from '../../recording/evidence-types.ts';
import {
  type Finding,
  OBJECT_KINDS,
  type ObjectRecord,
  type Recording,
} from '../../recording/types.ts';
import { sumColumns } from '../figures.ts';
import { liveBytes } from '../live-bytes.ts';
import { applicationLine } from '../stacks.ts';
import { kindOf } from './unreachable-block.ts';

type Column = readonly (number | null)[];

/** A row is what was leaked, or alive, at its time and from then on. */
export interface OverTime {
  /** Milliseconds, rising. */
  readonly elapsed: readonly number[];
  /** What is counted: `buffers`, `GeglNode`, `blocks`. */
  readonly what: string;
  /** Null: nothing is counted. */
  readonly count: Column | null;
  /** Null: bytes are not known. */
  readonly bytes: Column | null;
  /** Objects that are leaked and of which no time was recorded. */
  readonly missing: number;
}

/** Null where the recording does not tell it at two times at least. */
export function overTime({ type, details }: Finding, recording: Recording): OverTime | null {
  const { snapshots, series, objects } = recording;
  const kind = OBJECT_KINDS.find((name) => name === details.kind);
  switch (type) {
    case 'collected_handle':
      return created(
        objects.collected.filter((object) => object.kind === kind),
        String(kind),
        Number(details.count),
      );
    case 'buffer_alive_at_exit': {
      const exit = objects.exits.find(({ elapsed }) => elapsed === details.elapsed);
      const buffers = exit?.objects.filter((object) => object.kind === 'buffers') ?? [];
      return created(buffers, 'buffers', Number(details.count));
    }
    case 'object_accumulation':
      return kind ? rows(snapshots.elapsed, kind, snapshots[kind], null) : null;
    case 'type_growth': {
      const found = series?.types.find(({ name }) => name === details.kind);
      return series && found ? rows(series.elapsed, found.name, found.live, null) : null;
    }
    case 'site_growth': {
      const below = series?.sites.filter(({ stack }) => applicationLine(stack) === details.kind);
      if (!series || !below || below.length === 0) return null;
      return rows(
        series.elapsed,
        'blocks',
        sumColumns(below.map((site) => site.liveBlocks)),
        sumColumns(below.map((site) => site.liveBytes)),
      );
    }
    case 'operation_growth': {
      const found = series?.operations.find(({ name }) => name === details.kind);
      return series && found
        ? rows(series.elapsed, 'blocks', found.liveBlocks, found.liveBytes)
        : null;
    }
    case 'continuous_growth':
    case 'growth_rate': {
      const live = liveBytes(recording);
      return live && rows(live.elapsed, '', null, live.values);
    }
    case 'unreachable_block':
      return inHeapSnapshots(recording.heapSnapshots, 'blocks', ({ isBaseline, unreachable }) =>
        // What the baseline found is told of in no other.
        isBaseline
          ? []
          : unreachable
              .filter((group) => kindOf(group) === details.kind)
              .map(({ blocks, bytes }) => ({ count: blocks, bytes })),
      );
    case 'node_without_graph':
    case 'dead_operation_buffer':
    case 'color_in_property':
      return inHeapSnapshots(
        recording.heapSnapshots.filter(({ remnants }) => remnants !== null),
        'objects',
        ({ remnants }) => remnants?.filter((remnant) => remnant.kind === details.kind) ?? [],
      );
    default:
      return null;
  }
}

function rows(
  elapsed: readonly number[],
  what: string,
  count: Column | null,
  bytes: Column | null,
): OverTime | null {
  return elapsed.length < 2 ? null : { elapsed, what, count, bytes, missing: 0 };
}

/** A row for each object, when it was made: what is lost later was allocated then. */
function created(objects: readonly ObjectRecord[], what: string, all: number): OverTime | null {
  if (objects.length === 0) return null;
  const byTime = objects.toSorted((a, b) => (a.createdAt ?? -1) - (b.createdAt ?? -1));
  const isSized = objects.some(({ bytes }) => bytes !== null);
  let sized = 0;
  const bytes = byTime.map((object) => {
    sized += object.bytes ?? 0;
    return sized;
  });
  return {
    // What was made before the recording lies before every stretch of it.
    elapsed: [-1, ...byTime.map(({ createdAt }) => createdAt ?? -1)],
    what,
    count: [0, ...byTime.map((_, at) => at + 1)],
    bytes: isSized ? [0, ...bytes] : null,
    missing: Math.max(0, all - objects.length),
  };
}

interface Found {
  readonly count: number;
  readonly bytes: number;
}

function inHeapSnapshots(
  heapSnapshots: readonly RecordedHeapSnapshot[],
  what: string,
  find: (snapshot: RecordedHeapSnapshot) => readonly Found[],
): OverTime | null {
  const found = heapSnapshots.map(find);
  const total = (name: keyof Found) =>
    found.map((groups) => groups.reduce((all, group) => all + group[name], 0));
  return rows(
    heapSnapshots.map(({ elapsed }) => elapsed),
    what,
    total('count'),
    total('bytes'),
  );
}

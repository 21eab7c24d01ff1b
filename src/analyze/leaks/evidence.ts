// What findings are made of: the details of a trend, and where objects were created.

import type { ObjectRecord, Recording } from '../../recording/types.ts';
import { combineKnown } from '../figures.ts';
import type { Trend } from '../trend.ts';

export interface TrendDetails extends Omit<Trend, 'steady'> {
  /** Elapsed milliseconds between which was tested. */
  readonly since: number;
  readonly until: number;
  /** Snapshots in between. */
  readonly samples: number;
}

export function trendDetails({ snapshots }: Recording, trend: Trend): TrendDetails {
  const { steady: _, ...figures } = trend;
  const { elapsed, sequence } = snapshots;
  const first = sequence.indexOf(trend.since);
  return {
    ...figures,
    since: elapsed[first] ?? 0,
    until: elapsed.at(-1) ?? 0,
    samples: elapsed.length - first,
  };
}

/** Objects that were created by one stack. */
export interface CreationSite {
  /** The creation stack; null for objects whose stack is not known. */
  readonly stack: string | null;
  readonly count: number;
  /** Bytes of pixels, of those objects whose bytes are known; null when they are for none. */
  readonly bytes: number | null;
  /** Of the first object. */
  readonly description: string;
  /** Elapsed time of the first creation; null when it was before `start()`. */
  readonly firstCreatedAt: number | null;
}

/** Most objects first. */
export function groupByStack(
  recording: Recording,
  objects: readonly ObjectRecord[],
): CreationSite[] {
  const groups = new Map<number | null, ObjectRecord[]>();
  for (const object of [...objects].sort((a, b) => (a.createdAt ?? -1) - (b.createdAt ?? -1))) {
    const group = groups.get(object.stack) ?? [];
    groups.set(object.stack, group);
    group.push(object);
  }
  return [...groups]
    .map(([stack, group]) => ({
      stack: recording.objects.stacks[stack ?? -1] ?? null,
      count: group.length,
      bytes: knownBytes(group),
      description: group[0]?.description ?? '',
      firstCreatedAt: group[0]?.createdAt ?? null,
    }))
    .sort((a, b) => b.count - a.count);
}

/** Sum of the bytes that are known; null when none are. */
export function knownBytes(objects: readonly ObjectRecord[]): number | null {
  return combineKnown(
    objects.map(({ bytes }) => bytes),
    (a, b) => a + b,
  );
}

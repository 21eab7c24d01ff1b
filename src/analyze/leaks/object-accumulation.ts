// `object_accumulation`: a kind of object of which ever more live.

import type { Finding, Recording } from '../../recording/types.ts';
import { OBJECT_KINDS } from '../../recording/types.ts';
import { formatNumber } from '../figures.ts';
import { findTrend, isGrowth } from '../trend.ts';
import { groupByStack, trendDetails } from './evidence.ts';

/** A user who adds layers one by one makes a handful of objects that stay; a leak doesn't stop there. */
const MIN_OBJECTS = 10;

export function objectAccumulation(recording: Recording): Finding[] {
  const { snapshots } = recording;
  return OBJECT_KINDS.flatMap((kind) => {
    const trend = findTrend({ ...snapshots, values: snapshots[kind] });
    if (!trend || !isGrowth(trend) || trend.growth < MIN_OBJECTS) return [];
    const details = trendDetails(recording, trend);
    // Objects of the set-up are not what accumulates.
    const live = recording.objects.live.filter((object) => object.kind === kind);
    const later = live.filter(({ createdAt }) => createdAt !== null && createdAt >= details.since);
    return [
      {
        type: 'object_accumulation',
        severity: 'warning',
        message: `Live ${kind} keep accumulating, by ${formatNumber(trend.slopePerSecond * 60)} per minute, from ${trend.from} to ${trend.to}.`,
        details: {
          kind,
          ...details,
          sites: groupByStack(recording, later.length > 0 ? later : live),
        },
      },
    ];
  });
}

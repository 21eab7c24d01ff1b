// `object_accumulation`: a kind of object of which ever more live.

import type { Finding, Recording } from '../../recording/types.ts';
import { OBJECT_KINDS } from '../../recording/types.ts';
import { flatMapInSteps } from '../../slices.ts';
import { formatNumber } from '../figures.ts';
import { findGrowth, MIN_CONFIDENCE } from '../trend.ts';
import { common } from './common.ts';
import { groupByStack, knownBytes, trendDetails } from './evidence.ts';

/** A user who adds layers one by one makes a handful of objects that stay; a leak doesn't stop there. */
const MIN_OBJECTS = 10;

/**
 * Below the confidence of a warning: `info`, on which types and sites of the same objects hang. Else they, which are
 * these objects once more and are believed at 99 %, would tell as likely what is not likely enough here.
 */
const LIKELY = 0.99;

export function objectAccumulation(recording: Recording): Generator<void, Finding[]> {
  const { snapshots } = recording;
  return flatMapInSteps(OBJECT_KINDS, (kind) => {
    const trend = findGrowth({ ...snapshots, values: snapshots[kind] }, LIKELY);
    if (!trend || trend.growth < MIN_OBJECTS) return [];
    const details = trendDetails(recording, trend);
    // Objects of the set-up are not what accumulates.
    const live = recording.objects.live.filter((object) => object.kind === kind);
    const later = live.filter(({ createdAt }) => createdAt !== null && createdAt >= details.since);
    const stays = later.length > 0 ? later : live;
    const sites = groupByStack(recording, stays);
    return [
      {
        type: 'object_accumulation',
        severity: trend.confidence >= MIN_CONFIDENCE ? 'warning' : 'info',
        message: `Live ${kind} keep accumulating, by ${formatNumber(trend.slopePerSecond * 60)} per minute, from ${trend.from} to ${trend.to}.`,
        details: {
          ...common({
            bytes: knownBytes(stays),
            stack: sites[0]?.stack ?? null,
            advice: `Destroy ${kind} that are no longer used; where they are kept on purpose, as for undo, put a bound on their number.`,
          }),
          kind,
          ...details,
          sites,
        },
      },
    ];
  });
}

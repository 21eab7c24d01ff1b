// `continuous_growth`: live bytes that rise, and keep rising, after everything that is kept on
// purpose was subtracted.

import type { Finding, Recording } from '../../recording/types.ts';
import { formatBytes } from '../figures.ts';
import { isTileBookkeeping, liveBytes } from '../live-bytes.ts';
import { findGrowth } from '../trend.ts';
import { common } from './common.ts';
import { trendDetails } from './evidence.ts';

/** Below this, one hash table that doubled or one more registered type explains the growth. */
export const MIN_GROWTH = 32 * 1024;

export function continuousGrowth(recording: Recording): Finding[] {
  const series = liveBytes(recording);
  const trend = series && findGrowth(series);
  if (!trend || trend.growth < MIN_GROWTH || isTileBookkeeping(series, trend)) return [];
  return [
    {
      type: 'continuous_growth',
      severity: 'warning',
      message: `Live memory, caches not counted, keeps growing by ${formatBytes(trend.slopePerSecond * 60)} per minute, from ${formatBytes(trend.from)} to ${formatBytes(trend.to)}.`,
      details: {
        ...common({
          bytes: trend.growth,
          advice:
            'Compare two heap snapshots taken some minutes apart, or repeat the suspected action with findLeaks().',
        }),
        ...trendDetails(recording, trend),
        bytesPerHour: trend.slopePerSecond * 3600,
        columns: series.columns,
        tilesPerBufferByte: series.tilesPerBufferByte,
      },
    },
  ];
}

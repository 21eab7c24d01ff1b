// `growth_rate`: live bytes that lately grow as they never did before in this session.

import type { Finding, Recording } from '../../recording/types.ts';
import { formatBytes } from '../figures.ts';
import { isTileBookkeeping, liveBytes } from '../live-bytes.ts';
import { extent, findGrowth, findTrend, median, medianDeviation, sliceSeries } from '../trend.ts';
import { common } from './common.ts';
import { trendDetails } from './evidence.ts';

/** The session is cut into stretches; the last is compared with all before. */
const STRETCHES = 12;

/** Of each stretch, so that its trend can be tested; together at least 6 minutes at a sample a second. */
const MIN_STRETCH_SAMPLES = 30;

/** Less than this gained in a stretch is no event, however quiet the session was before. */
const MIN_GROWTH = 1024 * 1024;

/**
 * Distance from the median of the earlier slopes in robust standard deviations; with eleven slopes
 * of unknown distribution, 3 or 4 would be met by chance.
 */
const MIN_DISTANCE = 8;

/** Scales a median absolute deviation to the standard deviation of normal values. */
const MAD_TO_DEVIATION = 1.4826;

export function growthRate(recording: Recording): Finding[] {
  const series = liveBytes(recording);
  if (!series) return [];
  const { first, span } = extent(series);
  const width = span / STRETCHES;
  if (width < MIN_STRETCH_SAMPLES) return [];

  const startOf = (stretch: number) =>
    series.sequence.filter((count) => count < first + stretch * width).length;
  const stretchOf = (stretch: number) =>
    sliceSeries(series, startOf(stretch), startOf(stretch + 1));
  const recent = findGrowth(stretchOf(STRETCHES - 1), undefined, false);
  if (!recent || recent.growth < MIN_GROWTH || isTileBookkeeping(series, recent)) return [];
  const earlier = Array.from(
    { length: STRETCHES - 1 },
    (_, stretch) => findTrend(stretchOf(stretch), false) ?? [],
  ).flat();
  if (earlier.length < STRETCHES / 2) return [];

  const slopes = earlier.map(({ slopePerSecond }) => slopePerSecond);
  const usual = median(slopes);
  const deviation = MAD_TO_DEVIATION * medianDeviation(slopes);
  const { slopePerSecond, to } = recent;
  // Steeper than ever and higher than ever: else it is one of the session's own habits.
  if (
    slopePerSecond - usual < MIN_DISTANCE * deviation ||
    earlier.some(
      (past) => past.slopePerSecond >= slopePerSecond || past.to >= to || past.from >= to,
    )
  ) {
    return [];
  }
  return [
    {
      type: 'growth_rate',
      severity: 'warning',
      message: `Live memory lately grows by ${formatBytes(slopePerSecond * 60)} per minute; before, by ${formatBytes(usual * 60)}.`,
      details: {
        ...common({
          bytes: recent.growth,
          advice: 'Repeat with findLeaks() what the session did when the rate changed.',
        }),
        ...trendDetails(recording, recent),
        bytesPerHour: slopePerSecond * 3600,
        usualSlopePerSecond: usual,
        usualDeviation: deviation,
        columns: series.columns,
      },
    },
  ];
}

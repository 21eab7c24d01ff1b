// Which findings have to do with a stretch of time: those that leaked in it.

import type { FindingOverTime, ReportedFinding } from '../data/types.ts';
import { figureText } from './figures.ts';
import type { Range } from './range.ts';
import { ends } from './site-figures.ts';
import { knownChange } from './summary.ts';

export interface FindingInRange {
  readonly finding: ReportedFinding;
  /** Among the findings of the whole. */
  readonly place: number;
  /** `+12 buffers, +28.1 MB in this stretch`; null: of the whole. */
  readonly growth: string | null;
}

export interface FindingsInRange {
  /** What leaked most in the stretch first; what is not known over time comes last. */
  readonly inside: readonly FindingInRange[];
  /** What leaked at other times only. */
  readonly outside: readonly FindingInRange[];
}

/** @param range null: the whole. */
export function findingsInRange(
  findings: readonly ReportedFinding[],
  range: Range | null,
): FindingsInRange {
  if (!range) {
    return {
      inside: findings.map((finding, place) => ({ finding, place, growth: null })),
      outside: [],
    };
  }
  const all = findings.map((finding, place) => {
    const { overTime } = finding;
    const growth = overTime && growthIn(overTime, range);
    return {
      finding,
      place,
      size: [growth?.bytes ?? 0, growth?.count ?? 0] as const,
      hasGrown: growth === null || (growth.bytes ?? 0) > 0 || (growth.count ?? 0) > 0,
      isKnown: growth !== null,
      growth: overTime && growth ? textOf(overTime, growth) : 'Not known over time',
    };
  });
  return {
    inside: all
      .filter(({ hasGrown }) => hasGrown)
      .sort(
        (a, b) =>
          Number(b.isKnown) - Number(a.isKnown) || b.size[0] - a.size[0] || b.size[1] - a.size[1],
      ),
    outside: all.filter(({ hasGrown }) => !hasGrown),
  };
}

interface Growth {
  readonly count: number | null;
  readonly bytes: number | null;
}

/** Null where neither is known. */
function growthIn({ elapsed, count, bytes }: FindingOverTime, range: Range): Growth | null {
  const [first, last] = ends(elapsed, range);
  const growth = {
    count: count && knownChange(count, first, last),
    bytes: bytes && knownChange(bytes, first, last),
  };
  return growth.count === null && growth.bytes === null ? null : growth;
}

function textOf({ what, missing }: FindingOverTime, { count, bytes }: Growth): string {
  const figures = [
    ...(count === null ? [] : [`${figureText('change-count', count)} ${what}`]),
    ...(bytes === null ? [] : [figureText('change', bytes)]),
  ];
  const rest = missing > 0 ? `; when ${figureText('count', missing)} more came is not known` : '';
  return `${figures.join(', ')} in this stretch${rest}`;
}

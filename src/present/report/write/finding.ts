// A finding as the page shows it: what it rests on, and the lines of source where these are at hand.

import type { OverTime } from '../../../analyze/leaks/over-time.ts';
import { isScriptLine } from '../../../analyze/stacks.ts';
import type { Finding } from '../../../recording/types.ts';
import { evidenceOf } from '../../text/evidence.ts';
import { withoutRoot } from '../../text/parts.ts';
import { toFigures } from '../data/column-codec.ts';
import type { FindingOverTime, ReportedFinding } from '../data/types.ts';
import type { SourceFiles } from './source-files.ts';

/** What a finding names a hundred times is told by the first ones. */
const PLACES = 20;

export interface FindingOptions {
  /** What paths begin with that is not shown. */
  readonly root: string;
  readonly sources?: SourceFiles | undefined;
  readonly overTime?: OverTime | null;
}

export function describeFinding(
  finding: Finding,
  { root, sources, overTime = null }: FindingOptions,
): ReportedFinding {
  const { type, severity, message, details } = finding;
  const { places, ...evidence } = evidenceOf(finding, root);
  return {
    type,
    severity,
    message: withoutRoot(message, root),
    ...evidence,
    bytes: typeof details.bytes === 'number' ? details.bytes : null,
    places: places.slice(0, PLACES).map(({ what, frames }) => ({
      what,
      frames: frames.map((text) => ({
        text,
        isScript: isScriptLine(text),
        source: sources?.excerpt(text) ?? null,
      })),
    })),
    overTime: overTime && columnsOf(overTime),
  };
}

function columnsOf({ elapsed, count, bytes, ...others }: OverTime): FindingOverTime {
  return {
    ...others,
    elapsed: toFigures(elapsed),
    count: count && toFigures(count),
    bytes: bytes && toFigures(bytes),
  };
}

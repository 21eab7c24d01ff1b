// All leak detectors. A new one is a file beside this one and a line below.

import type { Finding, Recording, Severity } from '../../recording/types.ts';
import { runAtOnce } from '../../slices.ts';
import type { Knowledge } from '../knowledge.ts';
import { applySuppressions, type Suppressed, type Suppression } from '../suppressions.ts';
import { collectedHandle } from './collected-handle.ts';
import { continuousGrowth } from './continuous-growth.ts';
import { hangExplained } from './explained.ts';
import {
  bufferAliveAtExit,
  colorInProperty,
  deadOperationBuffer,
  nodeWithoutGraph,
  unfinishedProcessor,
} from './gegl.ts';
import { growthRate } from './growth-rate.ts';
import { instanceAccumulation } from './instance-accumulation.ts';
import { objectAccumulation } from './object-accumulation.ts';
import { seriesGrowth } from './series-growth.ts';
import { unreachableBlock } from './unreachable-block.ts';

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** One that may take longer than some milliseconds works in steps. */
type Detector = (
  recording: Recording,
  knowledge: Knowledge,
) => Finding[] | Generator<void, Finding[]>;

/** What names a culprit comes before what only tells that there is one. */
const DETECTORS: readonly Detector[] = [
  collectedHandle,
  instanceAccumulation,
  unreachableBlock,
  nodeWithoutGraph,
  deadOperationBuffer,
  bufferAliveAtExit,
  objectAccumulation,
  seriesGrowth,
  continuousGrowth,
  growthRate,
  unfinishedProcessor,
  colorInProperty,
];

/** What seems to leak in a recording, and how that is known. */
export function findLeaks(recording: Recording, knowledge: Knowledge): Finding[] {
  return runAtOnce(findLeaksInSteps(recording, knowledge));
}

/** The same without what is accepted, and which suppressions were of use. */
export function findUnaccepted(
  recording: Recording,
  knowledge: Knowledge,
  suppressions: readonly Suppression[],
): Suppressed {
  return applySuppressions(findLeaks(recording, knowledge), suppressions);
}

/** As `findLeaks()`, in steps of some milliseconds at most. The recording must not change meanwhile. */
export function* findLeaksInSteps(
  recording: Recording,
  knowledge: Knowledge,
): Generator<void, Finding[]> {
  const found: Finding[] = [];
  for (const detect of DETECTORS) {
    const findings = detect(recording, knowledge);
    found.push(...(Array.isArray(findings) ? findings : yield* findings));
    yield;
  }
  const standing = yield* hangExplained(found, recording, knowledge);
  return SEVERITIES.flatMap((severity) =>
    standing.filter((finding) => finding.severity === severity),
  );
}

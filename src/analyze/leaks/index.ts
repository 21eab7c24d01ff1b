// All leak detectors. A new one is a file beside this one and a line below.

import type { Detector, Finding, Recording } from '../../recording/types.ts';
import { collectedHandle } from './collected-handle.ts';
import { continuousGrowth } from './continuous-growth.ts';
import { growthRate } from './growth-rate.ts';
import { objectAccumulation } from './object-accumulation.ts';

/** What is certain comes first. */
const DETECTORS: readonly Detector[] = [
  collectedHandle,
  continuousGrowth,
  objectAccumulation,
  growthRate,
];

/** What seems to leak in a recording, and how that is known. */
export function findLeaks(recording: Recording): Finding[] {
  return DETECTORS.flatMap((detect) => detect(recording));
}

// The test set: nobody who works on detectors reads these, nor which of them go wrong.

import type { Scenario } from '../../scenario.ts';

export const heldOut: readonly Scenario[] = [];

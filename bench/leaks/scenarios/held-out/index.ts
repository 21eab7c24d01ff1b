// The test set: nobody who works on detectors reads these, nor which of them go wrong.

import type { Scenario } from '../../scenario.ts';
import { cleanEditor } from './clean-editor.ts';
import { cleanPointers } from './clean-pointers.ts';
import { cleanPools } from './clean-pools.ts';
import { cleanTurns } from './clean-turns.ts';
import { leakingEditor } from './leaking-editor.ts';
import { leakingNative } from './leaking-native.ts';
import { leakingPools } from './leaking-pools.ts';
import { leakingTurns } from './leaking-turns.ts';

export const heldOut: readonly Scenario[] = [
  ...cleanEditor,
  ...cleanPools,
  ...cleanPointers,
  ...cleanTurns,
  ...leakingEditor,
  ...leakingPools,
  ...leakingNative,
  ...leakingTurns,
];

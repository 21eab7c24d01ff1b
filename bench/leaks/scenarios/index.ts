// All scenarios, by what they are for: what is in held-out/ is the test set, all else is there to develop with.

import type { Scenario } from '../scenario.ts';
import { cleanEngine } from './clean-engine.ts';
import { cleanGrowth } from './clean-growth.ts';
import { cleanNative } from './clean-native.ts';
import { cleanShapes } from './clean-shapes.ts';
import { cleanTurnover } from './clean-turnover.ts';
import { heldOut } from './held-out/index.ts';
import { leakingHandles } from './leaking-handles.ts';
import { leakingNative } from './leaking-native.ts';
import { shown } from './shown.ts';

export type Part = 'development' | 'test';

export const parts: Readonly<Record<Part, readonly Scenario[]>> = {
  development: [
    ...cleanGrowth,
    ...cleanShapes,
    ...cleanEngine,
    ...cleanNative,
    ...cleanTurnover,
    ...leakingHandles,
    ...leakingNative,
    ...shown,
  ],
  test: heldOut,
};

export const scenarios: readonly Scenario[] = [...parts.development, ...parts.test];

/** A seed of the scenario's own. */
export function seedOf(name: string): number {
  return [...name].reduce((seed, character) => (seed * 31 + character.charCodeAt(0)) | 0, 7);
}

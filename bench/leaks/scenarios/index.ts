// All scenarios, and the rule by which a third of them is held back.

import type { Scenario } from '../scenario.ts';
import { cleanEngine } from './clean-engine.ts';
import { cleanGrowth } from './clean-growth.ts';
import { cleanNative } from './clean-native.ts';
import { cleanShapes } from './clean-shapes.ts';
import { leakingHandles } from './leaking-handles.ts';
import { leakingNative } from './leaking-native.ts';

export const scenarios: readonly Scenario[] = [
  ...cleanGrowth,
  ...cleanShapes,
  ...cleanEngine,
  ...cleanNative,
  ...leakingHandles,
  ...leakingNative,
];

export type Part = 'development' | 'test';

/** By the name alone (FNV-1a, mixed as MurmurHash3 does), so that nobody chooses what detectors are held to. */
export function partOf(name: string): Part {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 3 === 0 ? 'test' : 'development';
}

/** A seed of the scenario's own. */
export function seedOf(name: string): number {
  return [...name].reduce((seed, character) => (seed * 31 + character.charCodeAt(0)) | 0, 7);
}

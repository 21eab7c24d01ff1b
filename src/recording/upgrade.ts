// Brings a recording of an older version up to the present one, a step a version.

import { RECORDING_VERSION } from './types.ts';

type Step = (recording: Record<string, unknown>) => Record<string, unknown>;

/** `STEPS[n]` turns version n into version n + 1. Version 1 is the first; there is no step yet. */
const STEPS: Readonly<Record<number, Step>> = {};

export function upgrade(recording: Record<string, unknown>, version: number): unknown {
  let upgraded = recording;
  for (let from = version; from < RECORDING_VERSION; from++) {
    const step = STEPS[from];
    if (step) upgraded = { ...step(upgraded), version: from + 1 };
  }
  return upgraded;
}

// Brings a recording of an older version up to the present one, a step a version.

type Step = (recording: object) => object;

/** The first step turns version 1 into version 2, and so on. Version 1 is the first; there is no step yet. */
const STEPS: readonly Step[] = [];

export function upgrade(recording: object, version: number): unknown {
  return STEPS.slice(version - 1).reduce((upgraded, step) => step(upgraded), recording);
}

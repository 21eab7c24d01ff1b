// What simple tools go by, on the same recordings: something grew over five samples.

import type { Column, Recording } from '../../src/recording/types.ts';
import { OBJECT_KINDS } from '../../src/recording/types.ts';

const SAMPLES = 5;
const KILOBYTE = 1024;

export interface Rule {
  readonly name: string;
  /** Whether it cries at sample `index`, knowing those before it. */
  readonly cries: (recording: Recording, index: number) => boolean;
}

export const RULES: readonly Rule[] = [
  {
    name: 'heap size: over 1 KB a sample in five samples',
    cries: ({ snapshots }, index) => grows(snapshots.heapSize, index, KILOBYTE),
  },
  {
    name: 'the same of bytes in use',
    cries: ({ snapshots }, index) => grows(snapshots.heapUsed, index, KILOBYTE),
  },
  {
    name: 'an object count grew over five samples',
    cries: ({ snapshots }, index) => OBJECT_KINDS.some((kind) => grows(snapshots[kind], index, 0)),
  },
];

/** Over the five samples up to `index`, by more than `least` a sample on average. */
function grows(column: Column, index: number, least: number): boolean {
  const first = column[index - SAMPLES + 1];
  const last = column[index];
  if (first === null || first === undefined || last === null || last === undefined) return false;
  return (last - first) / (SAMPLES - 1) > least;
}

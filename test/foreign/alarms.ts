// What is told of blocks without a pointer while a program goes on.

import { expect } from 'vitest';
import type { HeapSnapshot } from '../../src/profiler/heap-snapshot.ts';
import type { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import type { Finding } from '../../src/recording/types.ts';
import { collectGarbage } from '../profiler/garbage.ts';

export interface Told {
  /** Beyond information. */
  readonly alarms: readonly Finding[];
  readonly snapshot: HeapSnapshot;
}

/** After each round. */
export async function tellRounds(
  profiler: MemoryProfiler,
  rounds: number,
  round: () => void,
): Promise<Told[]> {
  profiler.clear();
  const told: Told[] = [];
  await profiler.takeHeapSnapshot({ baseline: true });
  for (let at = 0; at < rounds; at++) {
    round();
    await collectGarbage();
    const snapshot = await profiler.takeHeapSnapshot();
    // Of such modules, some of what JavaScript keeps is never known.
    expect(snapshot.knowsHandles).toBe(false);
    const alarms = profiler
      .getReport()
      .leaks.filter(({ type, severity }) => type === 'unreachable_block' && severity !== 'info');
    told.push({ alarms, snapshot });
  }
  return told;
}

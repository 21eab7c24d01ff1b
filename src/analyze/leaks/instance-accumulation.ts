// `instance_accumulation`: a module that is loaded again and again, while earlier instances are alive that nobody uses.

import type { Finding, Recording } from '../../recording/types.ts';
import { formatBytes } from '../figures.ts';
import { common, HOUR } from './common.ts';

/** Fewer may be documents that are open side by side, or not be collected yet. */
const MIN_UNUSED = 5;
/** Milliseconds in which an instance that was dropped has mostly been collected. */
const UNUSED_FOR = 60_000;

export function instanceAccumulation({ instances, clock }: Recording): Finding[] {
  return instances.flatMap(({ module, released, alive }): Finding[] => {
    const newest = alive.at(-1)?.loadedAt ?? 0;
    const unused = alive.slice(0, -1).filter(({ usedAt }) => usedAt === null || usedAt <= newest);
    if (unused.length < 2) return [];
    const isKnown = unused.every(({ usedAt }) => usedAt !== null);
    const long = unused.filter(({ usedAt }) => clock.duration - (usedAt ?? Infinity) >= UNUSED_FOR);
    const bytes = unused.reduce((sum, instance) => sum + instance.bytes, 0);
    const time = newest - (alive[0]?.loadedAt ?? 0);
    return [
      {
        type: 'instance_accumulation',
        // Where any was given back, the application knows how to.
        severity: released === 0 && long.length >= MIN_UNUSED ? 'warning' : 'info',
        message:
          `${alive.length} instances of ${module} are alive; ` +
          (isKnown
            ? `${unused.length} of them, with ${formatBytes(bytes)} of memory, have done nothing since a later one was loaded.`
            : `all but the last have ${formatBytes(bytes)} of memory. Whether they are used is not known, as they are not tracked.`),
        details: {
          ...common({
            bytes,
            bytesPerHour: time > 0 ? (bytes / time) * HOUR : null,
            advice:
              'Load the module once and use it again. Where it must be loaded anew, end what runs in it (an engine by exit()), and give up every reference to the module, its exports, its memory and views of that before: listeners, timers and caches keep them.',
          }),
          kind: module,
          count: unused.length,
          alive: alive.length,
          released,
        },
      },
    ];
  });
}

// `collected_handle`: handles that the garbage collector took although nobody released what they
// stood for. Not a guess: nothing can release those objects any more.

import type { Finding, Recording } from '../../recording/types.ts';
import { OBJECT_KINDS } from '../../recording/types.ts';
import { combineKnown, formatBytes } from '../figures.ts';
import { common } from './common.ts';
import { groupByStack, knownBytes } from './evidence.ts';

export function collectedHandle(recording: Recording): Finding[] {
  const { totals, collected } = recording.objects;
  return OBJECT_KINDS.flatMap((kind) => {
    const count = totals[kind].collected;
    if (count === 0) return [];
    const objects = collected.filter((object) => object.kind === kind);
    const bytes = knownBytes(objects);
    const sites = groupByStack(recording, objects);
    const what = count === 1 ? `1 of the ${kind} was` : `${count} ${kind} were`;
    return [
      {
        type: 'collected_handle',
        severity: 'error',
        message: `${what} garbage-collected without release${bytes === null ? '' : ` (${formatBytes(bytes)} of pixels)`}: leaked for certain.`,
        details: {
          ...common({
            confidence: 1,
            bytes,
            stack: sites[0]?.stack ?? null,
            path: [],
            advice:
              'Call destroy() (or declare it with `using`) before the last reference to the handle is given up; the native object does not go with its JavaScript handle.',
          }),
          kind,
          count,
          // `objects` holds the first few hundred only, and so do bytes and sites.
          recorded: objects.length,
          firstCreatedAt: combineKnown(
            objects.map(({ createdAt }) => createdAt),
            Math.min,
          ),
          firstSeenAt: combineKnown(
            objects.map(({ collectedAt }) => collectedAt),
            Math.min,
          ),
          sites,
        },
      },
    ];
  });
}

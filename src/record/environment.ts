// Where a recording was made.

import type { RecordingEnvironment } from '../recording/types.ts';
import { isNode } from './js-memory.ts';

export function environment(): Omit<RecordingEnvironment, 'gegl'> {
  const isPage = typeof document === 'object';
  const { location } = globalThis as { location?: Location };
  return {
    runtime: isNode() ? 'node' : isPage ? 'page' : 'worker',
    userAgent: isNode()
      ? `Node.js ${process.version}`
      : ((globalThis.navigator?.userAgent as string | undefined) ?? null),
    // What a page's query and fragment hold may be secret.
    // The origin of a file is the text "null".
    page: isPage && location ? `${location.protocol}//${location.host}${location.pathname}` : null,
    crossOriginIsolated: globalThis.crossOriginIsolated ?? null,
  };
}

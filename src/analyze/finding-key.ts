// Which findings are the same one, found again.

import type { Finding } from '../recording/types.ts';

/** By type, and by the kind of thing that leaks. */
export function findingKey({ type, details }: Finding): string {
  return `${type} ${details.kind}`;
}

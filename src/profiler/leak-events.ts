// Which findings are told as events, each once. A filling cache looks like a leak until it is full, so what is only
// likely must have stood for as long as the session had lasted when it was first found: then as much evidence again
// has been added. What is proven is told at once; what nobody can reach, once three heap snapshots saw it, since a pool
// whose pointers are hidden looks so until it gives its first block back. Growth that is young is waited for.

import { findingKey } from '../analyze/finding-key.ts';
import type { Finding } from '../recording/types.ts';

/** Milliseconds that are enough in any case, as where the session was old when it was first looked at. */
const LONG_ENOUGH = 300_000;
/** Heap snapshots after which blocks without a pointer are told of like all else. With fewer, the last one is waited for. */
const ENOUGH_SEEN = 3;

export class LeakEvents {
  readonly #told = new Set<string>();
  /** Elapsed time at which those that stand were first found. */
  #standing = new Map<string, number>();

  /** @returns those that are to be told now. */
  add(findings: readonly Finding[], elapsed: number): Finding[] {
    const before = this.#standing;
    this.#standing = new Map();
    return findings.filter((finding) => {
      const key = findingKey(finding);
      const since = before.get(key) ?? elapsed;
      this.#standing.set(key, since);
      const { seen, seenAt } = finding.details;
      const isSeenSeldom = Number(seen) < ENOUGH_SEEN;
      const from = isSeenSeldom ? Number(seenAt) : since;
      const isDue =
        (finding.severity === 'error' && !isSeenSeldom) ||
        elapsed - from >= Math.min(from, LONG_ENOUGH);
      // What was unusual, and is likely now, is told once more.
      const telling = finding.severity === 'info' ? `info ${key}` : key;
      if (!isDue || finding.details.isYoung || this.#told.has(telling)) return false;
      this.#told.add(telling);
      return true;
    });
  }

  clear(): void {
    this.#told.clear();
    this.#standing.clear();
  }
}

// Findings of two recordings: which leaks are new, which are gone, which lose more.

import type { Finding } from '../../recording/types.ts';
import { anyLine, anyOrigin, applicationLine } from '../stacks.ts';
import type { ChangeStatus } from './change.ts';

export interface FindingChange {
  /** `grown` and `shrunk` by the bytes of the finding; `same` also where those are not known. */
  readonly status: Exclude<ChangeStatus, 'unknown'>;
  /** At least one of them is there. */
  readonly before: Finding | null;
  readonly after: Finding | null;
}

const ORDER: readonly FindingChange['status'][] = ['new', 'grown', 'same', 'shrunk', 'gone'];

/** What got worse first. Matched by type, kind of object, and the application's line, wherever that has moved to. */
export function diffFindings(
  before: readonly Finding[],
  after: readonly Finding[],
): FindingChange[] {
  const left = new Map<string, Finding[]>();
  for (const finding of before) {
    const key = identityOf(finding);
    left.set(key, [...(left.get(key) ?? []), finding]);
  }
  const changes = after.map((finding): FindingChange => {
    const match = left.get(identityOf(finding))?.shift() ?? null;
    return { status: statusOf(match, finding), before: match, after: finding };
  });
  const gone = [...left.values()]
    .flat()
    .map((finding): FindingChange => ({ status: 'gone', before: finding, after: null }));
  return [...changes, ...gone].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

function identityOf({ type, details: { kind, objectType, stack } }: Finding): string {
  const line = typeof stack === 'string' ? applicationLine(stack.split('\n')) : '';
  return [type, kind, objectType, line]
    .map((part) => (typeof part === 'string' ? anyLine(anyOrigin(part)) : ''))
    .join('\n\n');
}

function statusOf(before: Finding | null, after: Finding): FindingChange['status'] {
  if (!before) return 'new';
  const [one, other] = [before.details.bytes, after.details.bytes];
  if (typeof one !== 'number' || typeof other !== 'number' || one === other) return 'same';
  return other > one ? 'grown' : 'shrunk';
}

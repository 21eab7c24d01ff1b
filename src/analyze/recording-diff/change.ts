// One figure on both sides of a comparison.

/** `new`, `gone`: on one side only. */
export type ChangeStatus = 'new' | 'gone' | 'grown' | 'shrunk' | 'same' | 'unknown';

export interface Change {
  readonly name: string;
  readonly unit: 'bytes' | 'count';
  readonly before: number | null;
  readonly after: number | null;
  /** `after - before`. */
  readonly change: number | null;
  readonly status: ChangeStatus;
}

/** @returns a change with its status. */
export function changeOf(
  name: string,
  unit: Change['unit'],
  before: number | null,
  after: number | null,
): Change {
  const change = before === null || after === null ? null : after - before;
  return { name, unit, before, after, change, status: statusOf(before, after) };
}

function statusOf(before: number | null, after: number | null): ChangeStatus {
  if (before === null || after === null) return 'unknown';
  if (after === before) return 'same';
  if (before === 0) return 'new';
  if (after === 0) return 'gone';
  return after > before ? 'grown' : 'shrunk';
}

/** Greatest change first, whichever way; unknown ones last. */
export function byAmount(a: Change, b: Change): number {
  return Math.abs(b.change ?? -1) - Math.abs(a.change ?? -1) || (a.name < b.name ? -1 : 1);
}

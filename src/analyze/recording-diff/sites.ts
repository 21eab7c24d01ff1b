// Allocation sites of two recordings: matched by their stacks, and told apart from the noise of sampling.

import type { RecordedHeap } from '../../recording/heap-types.ts';
import { addRows, type SiteRow } from '../../recording/site-tables.ts';
import { listSites } from '../sites.ts';
import { anyLine, anyOrigin } from '../stacks.ts';
import { byAmount, type Change, changeOf } from './change.ts';

export interface SiteChange extends Change {
  /** Innermost first, as they are in the second recording, or in the first where they are gone; empty: unknown. */
  readonly frames: readonly string[];
  /** Change of what was allocated there in all. */
  readonly allocatedChange: number;
  /** Standard error of `change`; 0 where both sides are exact. */
  readonly error: number;
  /**
   * Whether the change is at most two of its standard errors, and so may be an accident of sampling. Each side's own
   * error counts; a site of which no live sample was taken may hold what is not met by one, which is the mean
   * distance of samples.
   */
  readonly isNoise: boolean;
  /** The lines of its frames differ: it was matched by its functions and files. */
  readonly isMoved: boolean;
}

/** Standard errors within which a change is believed to be noise. */
const NOISE = 2;

/** Null where one side has no stacks. */
export function diffSites(
  before: RecordedHeap | null,
  after: RecordedHeap | null,
): SiteChange[] | null {
  if (!before?.sites || !after?.sites) return null;
  const [one, other] = [sideOf(before), sideOf(after)];
  const pairs = match(one.sites, other.sites, 'stack').concat(
    match(one.sites, other.sites, 'functions'),
  );
  return pairs
    .map((pair) => compare(pair, one, other))
    .sort((a, b) => Number(a.isNoise) - Number(b.isNoise) || byAmount(a, b));
}

interface Side {
  /** What is not matched yet. */
  readonly sites: Set<Site>;
  /** Error of 0 bytes that are estimated from no sample. */
  readonly unseenError: number;
}

interface Site {
  readonly title: string;
  readonly frames: readonly string[];
  /** As text, the addresses of servers left out; `functions`: lines and columns, too. */
  readonly stack: string;
  readonly functions: string;
  readonly row: SiteRow;
}

function sideOf({ sites, mode }: RecordedHeap): Side {
  const listed = sites ? listSites(sites, Number.POSITIVE_INFINITY) : [];
  return {
    sites: new Set(
      listed.map(({ title, frames: own, allocatedBy: _, ...row }) => {
        const frames = own.map(({ text }) => text);
        const stack = anyOrigin(frames.join('\n'));
        return { title, frames, stack, functions: anyLine(stack), row };
      }),
    ),
    unseenError: mode === 'sampled' ? (sites?.sampling.mean ?? 0) : 0,
  };
}

interface Pair {
  readonly before: Site | null;
  readonly after: Site | null;
  readonly isMoved: boolean;
}

/** Takes what matches out of both; by `functions`, which comes last, what has no match, too. */
function match(before: Set<Site>, after: Set<Site>, key: 'stack' | 'functions'): Pair[] {
  const one = groupBy(before, key);
  const other = groupBy(after, key);
  const isLast = key === 'functions';
  const pairs: Pair[] = [];
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const [left = [], right = []] = [one.get(name), other.get(name)];
    const isMatch = left.length > 0 && right.length > 0;
    if (!isMatch && !isLast) continue;
    for (const site of left) before.delete(site);
    for (const site of right) after.delete(site);
    pairs.push({ before: sumOf(left), after: sumOf(right), isMoved: isMatch && isLast });
  }
  return pairs;
}

function groupBy(sites: ReadonlySet<Site>, key: 'stack' | 'functions'): Map<string, Site[]> {
  const groups = new Map<string, Site[]>();
  for (const site of sites) {
    const group = groups.get(site[key]) ?? [];
    groups.set(site[key], group);
    group.push(site);
  }
  return groups;
}

function sumOf(sites: readonly Site[]): Site | null {
  const [first] = sites;
  if (!first) return null;
  return { ...first, row: sites.slice(1).reduce((sum, { row }) => addRows(sum, row), first.row) };
}

function compare({ before, after, isMoved }: Pair, one: Side, other: Side): SiteChange {
  const shown = after ?? before;
  const live = (site: Site | null) => site?.row.liveBytes ?? 0;
  const error = Math.hypot(errorOf(before, one), errorOf(after, other));
  const difference = live(after) - live(before);
  return {
    ...changeOf(shown?.title ?? '', 'bytes', live(before), live(after)),
    frames: shown?.frames ?? [],
    allocatedChange: (after?.row.totalBytes ?? 0) - (before?.row.totalBytes ?? 0),
    error,
    isNoise: difference !== 0 && Math.abs(difference) <= NOISE * error,
    isMoved,
  };
}

function errorOf(site: Site | null, { unseenError }: Side): number {
  return site && site.row.liveBytes > 0 ? site.row.liveBytesError : unseenError;
}

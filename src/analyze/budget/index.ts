// Whether a recording stays within a budget. Pure: the command "check" and the matcher `toStayWithin()` are made of it.

import type { Finding, RecordedHeap, Recording } from '../../recording/types.ts';
import type { Knowledge } from '../knowledge.ts';
import { findUnaccepted } from '../leaks/index.ts';
import { heapSizeOf, liveBytesOf, trackedHeap } from '../memory-figures.ts';
import { listSites, type ReportedSite } from '../sites.ts';
import { stackText } from '../stacks.ts';
import { nameTest, type Suppressed, type Suppression, stackTest } from '../suppressions.ts';
import { type Limit, limitsOf } from './limits.ts';
import type { Budget } from './types.ts';

export { type Budget, BudgetError, type Size, type SizeLimits } from './types.ts';

/** Of an estimate: how many of its standard errors above the limit are believed to be noise. */
const NOISE = 2;

export interface BudgetRow {
  /** As in the budget: `liveBytes.peak`. */
  readonly path: string;
  readonly unit: 'bytes' | 'count';
  readonly limit: number;
  /** Null: not known. */
  readonly actual: number | null;
  /** Standard error of `actual`; 0 where it is exact. */
  readonly error: number;
  /**
   * `noise`: above the limit by at most two standard errors, which breaks no budget. `unknown` breaks it, unless the
   * budget allows that.
   */
  readonly verdict: 'within' | 'noise' | 'over' | 'unknown';
  readonly isBroken: boolean;
  /** Of a broken budget of sites: those that hold most. */
  readonly sites: readonly BudgetSite[];
}

export interface BudgetSite {
  /** The application's line. */
  readonly title: string;
  /** Innermost first. */
  readonly frames: readonly string[];
}

export interface BudgetCheck {
  readonly isWithin: boolean;
  readonly rows: readonly BudgetRow[];
  /** Those of the severities of which there are too many. */
  readonly leaks: readonly Finding[];
  readonly suppressions: Omit<Suppressed, 'findings'>;
}

/** Sites that are told of a broken budget. */
const SITES = 3;

/** @throws BudgetError */
export function checkBudget(
  recording: Recording,
  budget: Budget,
  knowledge: Knowledge,
  suppressions: readonly Suppression[] = [],
): BudgetCheck {
  const { limits, allowUnknown } = limitsOf(budget);
  const { findings, ...suppressed } = findUnaccepted(recording, knowledge, suppressions);
  const rows = limits.map((limit): BudgetRow => {
    const { path, most } = limit;
    const { unit, actual, error = 0, sites = [] } = measure(limit, recording, findings);
    const verdict = verdictOf(actual, error, most);
    const isBroken = verdict === 'over' || (verdict === 'unknown' && !allowUnknown);
    return {
      path,
      unit,
      limit: most,
      actual,
      error,
      verdict,
      isBroken,
      sites: isBroken ? sites : [],
    };
  });
  const broken = new Set(rows.flatMap(({ path, isBroken }) => (isBroken ? [path] : [])));
  return {
    isWithin: broken.size === 0,
    rows,
    leaks: findings.filter(({ severity }) => broken.has(`leaks.${severity}`)),
    suppressions: suppressed,
  };
}

function verdictOf(actual: number | null, error: number, most: number): BudgetRow['verdict'] {
  if (actual === null) return 'unknown';
  if (actual <= most) return 'within';
  return actual - NOISE * error <= most ? 'noise' : 'over';
}

interface Measured {
  readonly unit: BudgetRow['unit'];
  readonly actual: number | null;
  readonly error?: number;
  readonly sites?: readonly BudgetSite[];
}

function measure(limit: Limit, recording: Recording, findings: readonly Finding[]): Measured {
  const { objects, options, snapshots } = recording;
  const heap = trackedHeap(recording);
  const isEmpty = snapshots.sequence.length === 0;
  switch (limit.of) {
    case 'heapSize':
      return { unit: 'bytes', actual: heapSizeOf(recording, limit.time) };
    case 'liveBytes':
      return { unit: 'bytes', actual: liveBytesOf(recording, limit.time) };
    case 'objects':
      return {
        unit: 'count',
        actual: options.trackObjects && !isEmpty ? objects.totals[limit.kind].live : null,
      };
    case 'types':
      return { unit: 'count', actual: liveInstances(heap, nameTest(limit.pattern)) };
    case 'sites':
      return { unit: 'bytes', ...measureSites(heap, stackTest(limit.what, limit.pattern)) };
    case 'leaks': {
      const { length } = findings.filter(({ severity }) => severity === limit.severity);
      return { unit: 'count', actual: isEmpty && length === 0 ? null : length };
    }
  }
}

function liveInstances(heap: RecordedHeap | null, fits: (type: string) => boolean): number | null {
  if (!heap?.instances) return null;
  const { type, live } = heap.instances;
  return type.reduce((sum, name, row) => (fits(name) ? sum + (live[row] ?? 0) : sum), 0);
}

function measureSites(
  heap: RecordedHeap | null,
  fits: (stack: string) => boolean,
): Omit<Measured, 'unit'> {
  if (!heap?.sites) return { actual: null };
  const textOf = ({ frames }: ReportedSite) => stackText(frames.map(({ text }) => text));
  const sites = listSites(heap.sites, Number.POSITIVE_INFINITY).filter(
    (site) => site.liveBytes > 0 && fits(textOf(site)),
  );
  return {
    actual: sites.reduce((sum, { liveBytes }) => sum + liveBytes, 0),
    error: Math.hypot(...sites.map(({ liveBytesError }) => liveBytesError)),
    sites: sites
      .slice(0, SITES)
      .map(({ title, frames }) => ({ title, frames: frames.map(({ text }) => text) })),
  };
}

// `type_growth`, `site_growth`, `operation_growth`: of one type, of one place in the code or from one operation ever
// more lives. Hundreds of series are tested, so what is believed is corrected for their number.

import type { RecordedSeries, SiteSeries } from '../../recording/evidence-types.ts';
import type { Finding, Recording } from '../../recording/types.ts';
import { flatMapInSteps } from '../../slices.ts';
import { adjust } from '../benjamini-hochberg.ts';
import { formatBytes, formatNumber } from '../figures.ts';
import { isLevel, less } from '../in-step.ts';
import type { Knowledge } from '../knowledge.ts';
import { applicationLine, isBelow, stackText } from '../stacks.ts';
import { findStaircase } from '../staircase.ts';
import { boundedSites } from '../static-places.ts';
import { findGrowth, MIN_SAMPLES, type Trend } from '../trend.ts';
import { common } from './common.ts';

/** The expected share of false findings among those that are told. */
const FALSE_DISCOVERY_RATE = 0.01;
/** A handful of objects that stay are a set-up; a leak doesn't stop there. */
const MIN_BLOCKS = 10;
/** Bytes by which a text becomes longer that somebody edits. */
const MIN_LARGER = 1024;
/** Where sites are estimated, growth of fewer samples than this is noise. */
const MIN_SAMPLED = 16;
/** Series that grow at one rate to this are parts of one leak. */
const SAME_RATE = 0.1;

interface Candidate {
  readonly kind: 'type' | 'site' | 'operation';
  readonly name: string;
  readonly stack: readonly string[] | null;
  readonly trend: Trend;
  /** Instances or blocks that live. */
  readonly live: Column;
  /** Whether it fills places that have a bound. */
  readonly isBounded: boolean;
  /** Bytes of the same; null for types. */
  readonly bytes: { readonly last: number; readonly perSecond: number } | null;
}

type Column = readonly (number | null)[];

/** In steps, since hundreds of tests take a tenth of a second. */
export function* seriesGrowth(
  recording: Recording,
  knowledge: Knowledge,
): Generator<void, Finding[]> {
  const { series } = recording;
  if (!series || series.elapsed.length < MIN_SAMPLES) return [];
  const tests = { count: 0 };
  const candidates = [
    ...(yield* typeCandidates(series, tests)),
    ...(yield* siteCandidates(series, tests, knowledge, boundedSites(recording))),
    ...(yield* operationCandidates(series, tests)),
  ];
  const adjusted = adjust(
    candidates.map(({ trend }) => 1 - trend.confidence),
    tests.count,
  );
  const believed = candidates
    .map((candidate, at) => ({ ...candidate, p: adjusted[at] ?? 1 }))
    .filter(({ p }) => p <= FALSE_DISCOVERY_RATE);
  const sites = believed.filter(({ kind }) => kind === 'site');
  return [
    ...typeFindings(
      believed
        .filter(({ kind }) => kind === 'type')
        .map((type) => withMaker(type, sites, knowledge)),
      knowledge,
    ),
    ...siteFindings(sites),
    ...operationFindings(believed),
  ];
}

type Believed = Candidate & { readonly p: number };

function typeCandidates(
  series: RecordedSeries,
  tests: { count: number },
): Generator<void, Candidate[]> {
  return flatMapInSteps(series.types, ({ name, live }) => {
    const trend = test(series, live, MIN_BLOCKS, tests);
    return trend
      ? [{ kind: 'type', name, stack: null, trend, live, isBounded: false, bytes: null }]
      : [];
  });
}

function siteCandidates(
  series: RecordedSeries,
  tests: { count: number },
  { caches, registers }: Knowledge,
  bounded: ReadonlySet<SiteSeries>,
): Generator<void, Candidate[]> {
  const { sampleMean } = series;
  return flatMapInSteps(series.sites, (site) => {
    const { stack, liveBytes, liveBlocks } = site;
    if (isBelow(caches, stack)) return [];
    // Estimated counts of small blocks jump by hundreds; estimated bytes, by one sample.
    const isExact = liveBlocks.every((count) => count === null || Number.isInteger(count));
    const trendOf = () =>
      isExact
        ? (test(series, liveBlocks, MIN_BLOCKS, tests) ??
          // A log in one block becomes larger, and no more blocks.
          (liveBlocks.at(-1) === liveBlocks[liveBlocks.length >> 1]
            ? test(series, liveBytes, MIN_LARGER, tests)
            : null))
        : test(series, liveBytes, MIN_SAMPLED * (sampleMean ?? 0), tests);
    // A register grows by what is new, which use must not be: so evenly it does only where that is the leak.
    const trend =
      (isBelow(registers, stack) ? null : trendOf()) ??
      (isExact ? testSteps(series, liveBytes, tests) : null);
    if (!trend) return [];
    const bytes = ratesOf(series, liveBytes, trend);
    const isBounded = bounded.has(site);
    const name = applicationLine(stack);
    return [{ kind: 'site', name, stack, trend, live: liveBlocks, isBounded, bytes }];
  });
}

function operationCandidates(
  series: RecordedSeries,
  tests: { count: number },
): Generator<void, Candidate[]> {
  return flatMapInSteps(series.operations, ({ name, liveBytes, liveBlocks }) => {
    const trend = test(series, liveBlocks, MIN_BLOCKS, tests);
    if (!trend) return [];
    return [
      {
        kind: 'operation',
        name,
        stack: null,
        trend,
        live: liveBlocks,
        isBounded: false,
        bytes: ratesOf(series, liveBytes, trend),
      },
    ];
  });
}

/** Null where it does not grow by so much after the first half: that is a test, too, with p = 1. */
function test(
  { sequence, elapsed }: RecordedSeries,
  column: Column,
  least: number,
  tests: { count: number },
): Trend | null {
  const rows = column.flatMap((value, row) => (value === null ? [] : [row]));
  if (rows.length < MIN_SAMPLES) return null;
  const values = rows.map((row) => column[row] ?? 0);
  const first = values[0];
  // What never changes can't seem to grow by chance.
  if (values.every((value) => value === first)) return null;
  tests.count += 1;
  const tenth = Math.ceil(values.length / 10);
  const growth = Math.min(...values.slice(-tenth)) - Math.min(...values.slice(0, tenth));
  const late = Math.min(...values.slice(-tenth)) - Math.min(...values.slice(values.length >> 1));
  if (growth < least || late <= 0) return null;
  const trend = findGrowth(
    {
      sequence: rows.map((row) => sequence[row] ?? 0),
      elapsed: rows.map((row) => elapsed[row] ?? 0),
      values,
    },
    1 - FALSE_DISCOVERY_RATE,
  );
  return trend && trend.growth >= least ? trend : null;
}

function testSteps(
  { sequence, elapsed }: RecordedSeries,
  column: Column,
  tests: { count: number },
): Trend | null {
  const values = column.map((value) => value ?? 0);
  if (column.includes(null) || values.every((value) => value === values[0])) return null;
  tests.count += 1;
  return findStaircase({ sequence, elapsed, values });
}

function ratesOf({ sequence, elapsed }: RecordedSeries, column: Column, trend: Trend) {
  const start = sequence.findIndex((count) => count >= trend.since);
  const last = column.at(-1) ?? 0;
  const seconds = ((elapsed.at(-1) ?? 0) - (elapsed[start] ?? 0)) / 1000;
  return { last, perSecond: seconds > 0 ? (last - (column[start] ?? 0)) / seconds : 0 };
}

function details(one: Believed, advice: string) {
  const { steady: _, since, ...figures } = one.trend;
  return {
    ...figures,
    ...common({
      confidence: 1 - one.p,
      bytes: one.bytes?.last ?? null,
      bytesPerHour: one.bytes ? one.bytes.perSecond * 3600 : null,
      stack: one.stack && stackText(one.stack),
      advice,
    }),
    kind: one.name,
    sinceSequence: since,
  };
}

/** With the stack that makes the objects: of the site that has a block for each, all along. */
function withMaker(type: Believed, sites: readonly Believed[], { makers }: Knowledge): Believed {
  const maker = sites.find(
    ({ stack, live }) =>
      isBelow(makers, stack ?? []) &&
      isLevel(less(type.live, live), type.trend.growth, { slack: 1 }),
  );
  return maker ? { ...type, stack: maker.stack } : type;
}

/** What the library makes along with something else stands beside it. */
function typeFindings(types: readonly Believed[], { parts }: Knowledge): Finding[] {
  const rate = ({ trend }: Believed) => trend.slopePerSample;
  const roots = types.filter(({ name }) => !parts.test(name));
  const shown = roots.length > 0 ? roots : types;
  return [...shown]
    .sort((a, b) => rate(b) - rate(a))
    .map((one) => ({
      type: 'type_growth',
      severity: 'warning',
      message: `Ever more ${one.name} live: ${formatNumber(one.trend.slopePerSecond * 60)} more per minute, from ${formatNumber(one.trend.from)} to ${formatNumber(one.trend.to)}.`,
      details: {
        ...details(
          one,
          'A heap snapshot shows who holds them; findLeaks() shows which action leaves them.',
        ),
        together: types
          .filter((other) => other !== one && isSameRate(rate(other), rate(one)))
          .map(({ name }) => name),
      },
    }));
}

function isSameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_RATE * Math.max(Math.abs(a), Math.abs(b));
}

/** Of bytes. */
function perSecond({ bytes }: Believed): number {
  return bytes?.perSecond ?? 0;
}

function fastestFirst(a: Believed, b: Believed): number {
  return perSecond(b) - perSecond(a);
}

/** Sites below one line of the application are one leak: an object is made of many blocks. */
function siteFindings(sites: readonly Believed[]): Finding[] {
  const groups = new Map<string, Believed[]>();
  for (const site of sites) groups.set(site.name, [...(groups.get(site.name) ?? []), site]);
  const speedOf = (group: readonly Believed[]) =>
    group.reduce((sum, site) => sum + perSecond(site), 0);
  return [...groups.values()]
    .sort((a, b) => speedOf(b) - speedOf(a))
    .flatMap((group) => {
      const [first] = group.toSorted(fastestFirst);
      if (!first) return [];
      const bytes = group.reduce((sum, site) => sum + (site.bytes?.last ?? 0), 0);
      const isBounded = group.every((site) => site.isBounded);
      return [
        {
          type: 'site_growth',
          severity: isBounded ? ('info' as const) : ('warning' as const),
          message: `Memory allocated at ${first.name.split('\n')[0]} keeps growing by ${formatBytes(speedOf(group) * 60)} per minute, to ${formatBytes(bytes)}${isBounded ? '; static data, which never grows, has a place for each block' : ''}.`,
          details: {
            ...details(
              first,
              isBounded
                ? 'It may fill a table or a ring, and ends when that is full: if not, free what is no longer used.'
                : 'Free what is allocated there, or destroy the object that it belongs to, once it is no longer used.',
            ),
            confidence: 1 - Math.min(...group.map(({ p }) => p)),
            isYoung: group.every(({ trend }) => trend.isYoung),
            bytes,
            bytesPerHour: speedOf(group) * 3600,
            sites: group.map((site) => ({
              stack: site.stack && stackText(site.stack),
              count: Math.round(site.live.at(-1) ?? 0),
              bytes: site.bytes?.last ?? null,
              description: 'blocks',
            })),
          },
        },
      ];
    });
}

/** Where no site tells it: an operation that leaves memory behind. */
function operationFindings(believed: readonly Believed[]): Finding[] {
  const isTold = believed.some(({ kind }) => kind !== 'operation');
  if (isTold) return [];
  return believed.toSorted(fastestFirst).map((one) => ({
    type: 'operation_growth',
    severity: 'warning',
    message: `What ${one.name} allocates and leaves keeps growing by ${formatBytes(perSecond(one) * 60)} per minute, to ${formatBytes(one.bytes?.last ?? 0)}.`,
    details: details(
      one,
      `Look at who keeps the results of ${one.name}; if nobody does, the operation itself leaks. Track with 'all' to see the line.`,
    ),
  }));
}

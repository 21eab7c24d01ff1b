// One leak, one finding: growth that comes with objects that are lost, or accumulate, hangs on the finding that names
// those objects. By evidence: it grows in step with them, or was allocated by the line that made them. What is not
// explained in that way stands by itself, so that a second leak shows.

import type { Finding, Recording } from '../../recording/types.ts';
import { floorGrowth, isLevel, less, timesInStep } from '../in-step.ts';
import type { Knowledge } from '../knowledge.ts';
import { liveBytes } from '../live-bytes.ts';
import { applicationLine, functionIn, nameIn, placeIn } from '../stacks.ts';
import { type BlockCause, blockCauses, type ObjectCause, objectCauses, placeOf } from './causes.ts';

/** What of a growth must be told by its causes. */
const MOST = 0.5;
/** Of bytes, which come in all sizes. */
const BYTES_TOLERANCE = 0.25;

interface Causes {
  readonly objects: readonly ObjectCause[];
  readonly blocks: readonly BlockCause[];
  /** Bytes of what was explained by each so far. */
  readonly bytes: Map<Finding, number>;
}

/** The findings that stand; those that they explain are in their `details.explains`. */
export function hangExplained(
  findings: readonly Finding[],
  recording: Recording,
  knowledge: Knowledge,
): Finding[] {
  const causes: Causes = {
    objects: objectCauses(findings, recording, knowledge),
    blocks: blockCauses(findings),
    bytes: new Map(),
  };
  if (causes.objects.length + causes.blocks.length === 0) return [...findings];
  const explained = new Map<Finding, Finding[]>();
  const standing = findings.filter((finding) => {
    const cause = causeOf(finding, causes, recording, knowledge);
    if (cause) explained.set(cause, [...(explained.get(cause) ?? []), finding]);
    return !cause;
  });
  return standing.map((finding) => {
    const explains = explained.get(finding);
    return explains ? { ...finding, details: { ...finding.details, explains } } : finding;
  });
}

function causeOf(
  finding: Finding,
  causes: Causes,
  recording: Recording,
  knowledge: Knowledge,
): Finding | null {
  switch (finding.type) {
    case 'type_growth':
      return causeOfType(finding, causes, recording);
    case 'operation_growth':
      return causeOfOperation(finding, causes, recording);
    case 'site_growth':
      return causeOfSite(finding, causes, knowledge);
    case 'unreachable_block':
      return causes.objects.find((cause) => isAtPlace(finding, cause))?.finding ?? null;
    case 'continuous_growth':
    case 'growth_rate':
      return causeOfBytes(finding, causes, recording);
    default:
      return null;
  }
}

interface Rows {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** The rows that the finding rests on. */
function tested(
  series: { readonly elapsed: readonly number[]; readonly sequence: readonly number[] },
  column: readonly (number | null)[],
  since: unknown,
): Rows {
  const rows = series.sequence.flatMap((count, row) =>
    count >= Number(since) && (column[row] ?? null) !== null ? [row] : [],
  );
  return {
    times: rows.map((row) => series.elapsed[row] ?? 0),
    values: rows.map((row) => column[row] ?? 0),
  };
}

/** An object of its own type for each handle; what is more than that, so many for each object that holds others. */
function causeOfType(
  { details: { kind, sinceSequence, growth } }: Finding,
  { objects, blocks, bytes }: Causes,
  { series }: Recording,
): Finding | null {
  const unreachable = blocks.find(
    ({ type, count }) => type === kind && count >= MOST * Number(growth),
  );
  if (unreachable) return unreachable.finding;
  const column = series?.types.find(({ name }) => name === kind)?.live;
  if (!series || !column) return null;
  const { times, values } = tested(series, column, sinceSequence);
  const own = objects.find(({ knowledge }) => knowledge?.types.test(String(kind)));
  const add = (cause: ObjectCause) => {
    const size = (own?.bytesEach ?? 0) * Number(growth);
    bytes.set(cause.finding, (bytes.get(cause.finding) ?? 0) + size);
    return cause.finding;
  };
  const existing = own?.existing(times) ?? [];
  const rest = own ? less(values, existing) : values;
  const all = floorGrowth(values);
  if (own && isLevel(rest, all, { slack: 1 })) return add(own);
  const holders = objects.filter(({ knowledge }) => knowledge?.holdsOthers);
  const holder = holders.find(({ groups }) =>
    groups.some((group) => timesInStep(rest, group(times)) !== null),
  );
  if (!holder) return null;
  return add(own && floorGrowth(existing) >= MOST * all ? own : holder);
}

/** Blocks of an operation belong to objects of whatever kind. */
function causeOfOperation(
  { details: { kind, sinceSequence } }: Finding,
  { objects }: Causes,
  { series }: Recording,
): Finding | null {
  const column = series?.operations.find(({ name }) => name === kind)?.liveBlocks;
  if (!series || !column) return null;
  const { times, values } = tested(series, column, sinceSequence);
  const isCause = ({ groups }: ObjectCause) =>
    groups.some((group) => timesInStep(values, group(times)) !== null);
  return objects.find(isCause)?.finding ?? null;
}

function causeOfSite(
  finding: Finding,
  { objects, blocks }: Causes,
  { functions, makers }: Knowledge,
): Finding | null {
  const place = placeOf(finding);
  const unreachable = blocks.find((cause) => place !== null && cause.place === place);
  if (unreachable) return unreachable.finding;
  const own = objects.find((cause) => isAtPlace(finding, cause));
  if (own) return own.finding;
  // What the library allocates for an object later on in the function that made it; another object is another leak.
  const frames = framesOf(finding);
  const isForObject =
    frames.some(({ length }) => length > 0) &&
    frames.every(
      (stack) =>
        stack.some((frame) => functions.test(nameIn(frame))) &&
        !stack.some((frame) => makers.test(nameIn(frame))),
    );
  if (!isForObject) return null;
  const [stack = []] = frames;
  const maker = functionIn(applicationLine(stack));
  return (
    objects.find(({ lines }) => lines.some((line) => functionIn(line) === maker))?.finding ?? null
  );
}

function framesOf({ details: { sites } }: Finding): readonly string[][] {
  return (Array.isArray(sites) ? sites : []).map(({ stack }: { readonly stack?: unknown }) =>
    typeof stack === 'string' ? stack.split('\n').map((frame) => frame.replace(/^at /, '')) : [],
  );
}

function isAtPlace(finding: Finding, { lines }: ObjectCause): boolean {
  const place = placeOf(finding);
  return place !== null && lines.some((line) => placeIn(line) === place);
}

/** Where what is known of the causes makes up most of it, and all of it comes with them. */
function causeOfBytes(
  { details }: Finding,
  { objects, bytes }: Causes,
  recording: Recording,
): Finding | null {
  const series = liveBytes(recording);
  if (!series) return null;
  const from = Number(details.since);
  const { times, values } = tested({ ...series, sequence: series.elapsed }, series.values, from);
  const growth = floorGrowth(values);
  const shares = objects.map((cause) => {
    const existing = cause.existing(times);
    const ofPixels = (cause.bytesEach ?? 0) * floorGrowth(existing);
    return { cause, bytes: Math.max(ofPixels, bytes.get(cause.finding) ?? 0) };
  });
  const known = shares.reduce((sum, share) => sum + share.bytes, 0);
  if (!(growth > 0 && known >= MOST * growth)) return null;
  const isInStep = objects.some(({ groups }) =>
    groups.some((group) => {
      const counts = group(times);
      const rest = less(values, counts, growth / floorGrowth(counts));
      return isLevel(rest, growth, { tolerance: BYTES_TOLERANCE });
    }),
  );
  const [first] = shares.toSorted((a, b) => b.bytes - a.bytes);
  return isInStep ? (first?.cause.finding ?? null) : null;
}

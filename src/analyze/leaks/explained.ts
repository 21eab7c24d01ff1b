// One leak, one finding: growth that comes with objects that are lost, or accumulate, hangs on the finding that names
// those objects. By evidence: it grows in step with them, or was allocated by the line that made them. What is not
// explained in that way stands by itself, so that a second leak shows.

import type { Finding, Recording } from '../../recording/types.ts';
import { floorGrowth, isLevel, less, timesInStep } from '../in-step.ts';
import type { Knowledge } from '../knowledge.ts';
import { liveBytes } from '../live-bytes.ts';
import { applicationLine, functionWithFile, nameIn, placeIn } from '../stacks.ts';
import { MIN_CONFIDENCE } from '../trend.ts';
import { isSamePlace, lineOf, type ObjectCause, objectCauses } from './causes.ts';
import { HOUR } from './common.ts';

/** What of a growth must be told by its causes. */
const MOST = 0.5;
/** Of bytes, which come in all sizes. */
const BYTES_TOLERANCE = 0.25;

interface Causes {
  readonly objects: readonly ObjectCause[];
  /** Blocks that nobody can reach and of which there are ever more. */
  readonly blocks: readonly Finding[];
  /** Growth of types. */
  readonly types: readonly Finding[];
  /** Pixels of objects that were explained so far, and what grew by the places that were, in bytes per hour. */
  readonly told: { pixels: number; perHour: number };
}

/** The findings that stand; those that they explain are in their `details.explains`. */
export function* hangExplained(
  findings: readonly Finding[],
  recording: Recording,
  knowledge: Knowledge,
): Generator<void, Finding[]> {
  const causes: Causes = {
    objects: objectCauses(findings, recording, knowledge),
    blocks: findings.filter(({ details }) => details.keepsProducing),
    types: findings.filter(({ type }) => type === 'type_growth'),
    told: { pixels: 0, perHour: 0 },
  };
  const causeBy = new Map<Finding, Finding>();
  for (const finding of findings) {
    const cause = causeOf(finding, causes, recording, knowledge);
    if (cause && mayExplain(cause, finding)) causeBy.set(finding, cause);
    yield;
  }
  // What explains may be explained itself.
  const rootOf = (finding: Finding): Finding => {
    const cause = causeBy.get(finding);
    return cause ? rootOf(cause) : finding;
  };
  return findings.flatMap((finding) => {
    if (causeBy.has(finding)) return [];
    const all = findings.filter((other) => rootOf(other) === finding);
    const told = all.every((one) => isYoung(one, findings)) ? asYoung(finding) : finding;
    const explains = all.filter((other) => other !== finding);
    if (explains.length > 0) return { ...told, details: { ...told.details, explains } };
    // Objects that may accumulate are looked for because of what hangs on them.
    return finding.type === 'object_accumulation' && finding.severity === 'info' ? [] : told;
  });
}

/** Young growth, or blocks at its place to which nothing points, of which no heap snapshot saw more yet. */
function isYoung(finding: Finding, findings: readonly Finding[]): boolean {
  const { isYoung: isGrowth, keepsProducing } = finding.details;
  return (
    isGrowth === true ||
    (keepsProducing === false &&
      findings.some((other) => other.details.isYoung && isSamePlace(finding, other)))
  );
}

function asYoung(finding: Finding): Finding {
  return {
    ...finding,
    severity: 'info',
    message: `${finding.message} It may fill a cache, and ends when that is full.`,
    details: { ...finding.details, isYoung: true },
  };
}

/** What is certain by itself does not hang on what is not. */
function mayExplain(cause: Finding, { details: { confidence } }: Finding): boolean {
  return (
    cause.severity !== 'info' || (typeof confidence === 'number' && confidence < MIN_CONFIDENCE)
  );
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
      return causeOfUnreachable(finding, causes, recording);
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

/** The rows that are known, from a time on: all of them, lest what began later seems to have been there always. */
function known(elapsed: readonly number[], column: readonly (number | null)[], since = 0): Rows {
  const rows = elapsed.flatMap((time, row) =>
    time >= since && (column[row] ?? null) !== null ? [row] : [],
  );
  return {
    times: rows.map((row) => elapsed[row] ?? 0),
    values: rows.map((row) => column[row] ?? 0),
  };
}

/** An object of its own type for each handle; what is more than that, so many for each object that holds others. */
function causeOfType(
  { details: { kind } }: Finding,
  { objects, blocks, told }: Causes,
  { series, heapSnapshots }: Recording,
): Finding | null {
  const column = series?.types.find(({ name }) => name === kind)?.live;
  if (!series || !column) return null;
  const { times, values } = known(series.elapsed, column);
  // A heap snapshot may be old: what has grown since is not in it.
  const taken = heapSnapshots.at(-1)?.elapsed ?? 0;
  const before = floorGrowth(values.filter((_, row) => (times[row] ?? 0) <= taken));
  const isMost = ({ details: { objectType, count } }: Finding) =>
    objectType === kind && Number(count) >= MOST * before;
  const unreachable = blocks.find(isMost);
  if (unreachable) return unreachable;
  const own = objects.find(({ knowledge }) => knowledge?.types.test(String(kind)));
  const existing = own?.existing(times) ?? [];
  const rest = own ? less(values, existing) : values;
  const all = floorGrowth(values);
  const isOwn = own && isLevel(rest, all, { slack: 1 });
  const holder = isOwn ? own : objects.find((cause) => holdsInStep(cause, times, rest));
  if (!holder) return null;
  told.pixels += (own?.bytesEach ?? 0) * all;
  return (own && floorGrowth(existing) >= MOST * all ? own : holder).finding;
}

function holdsInStep(
  { knowledge, groups }: ObjectCause,
  times: readonly number[],
  values: readonly number[],
): boolean {
  return (
    !!knowledge?.holdsOthers && groups.some((group) => timesInStep(values, group(times)) !== null)
  );
}

/** Made by the line that made lost objects; or there are no more objects of its type than such. */
function causeOfUnreachable(
  finding: Finding,
  { objects }: Causes,
  { series }: Recording,
): Finding | null {
  const { objectType } = finding.details;
  const atPlace = objects.find((cause) => isAtPlace(finding, cause));
  if (atPlace) return atPlace.finding;
  const own = objects.find(({ knowledge }) => knowledge?.types.test(String(objectType)));
  const column = series?.types.find(({ name }) => name === objectType)?.live;
  if (!own || !series || !column) return null;
  const { times, values } = known(series.elapsed, column);
  const existing = own.existing(times);
  const isOwn = isLevel(less(values, existing), floorGrowth(existing), { slack: 1 });
  return isOwn ? own.finding : null;
}

/** Blocks of an operation belong to objects of whatever kind. */
function causeOfOperation(
  { details: { kind } }: Finding,
  { objects }: Causes,
  { series }: Recording,
): Finding | null {
  const column = series?.operations.find(({ name }) => name === kind)?.liveBlocks;
  if (!series || !column) return null;
  const { times, values } = known(series.elapsed, column);
  const isCause = ({ groups }: ObjectCause) =>
    groups.some((group) => timesInStep(values, group(times)) !== null);
  return objects.find(isCause)?.finding ?? null;
}

function causeOfSite(finding: Finding, causes: Causes, knowledge: Knowledge): Finding | null {
  const cause = makerOf(finding, causes, knowledge);
  if (cause) causes.told.perHour += Number(finding.details.bytesPerHour);
  return cause;
}

function makerOf(
  finding: Finding,
  { objects, blocks, types }: Causes,
  { functions, makers }: Knowledge,
): Finding | null {
  const isHere = (cause: Finding) => isSamePlace(finding, cause);
  const cause =
    blocks.find(isHere) ??
    objects.find((own) => isAtPlace(finding, own))?.finding ??
    types.find(isHere);
  if (cause) return cause;
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
  const maker = functionWithFile(applicationLine(stack));
  return (
    objects.find(({ lines }) => lines.some((line) => functionWithFile(line) === maker))?.finding ??
    null
  );
}

function framesOf({ details: { sites } }: Finding): readonly string[][] {
  return (Array.isArray(sites) ? sites : []).map(({ stack }: { readonly stack?: unknown }) =>
    typeof stack === 'string' ? stack.split('\n').map((frame) => frame.replace(/^at /, '')) : [],
  );
}

function isAtPlace(finding: Finding, { lines, haveLines }: ObjectCause): boolean {
  const line = lineOf(finding);
  const nameOf = haveLines ? placeIn : functionWithFile;
  return line !== null && lines.some((other) => nameOf(other) === nameOf(line));
}

/** Where what is known of the causes makes up most of it, and all of it comes in step with lost objects. */
function causeOfBytes(
  { details }: Finding,
  { objects, blocks, types, told }: Causes,
  recording: Recording,
): Finding | null {
  const series = liveBytes(recording);
  if (!series) return null;
  const { times, values } = known(series.elapsed, series.values, Number(details.since));
  const growth = floorGrowth(values);
  const pixels = objects.map(
    ({ existing, bytesEach }) => (bytesEach ?? 0) * floorGrowth(existing(times)),
  );
  const ofPixels = Math.max(told.pixels, ...pixels);
  const hours = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / HOUR;
  if (!(growth > 0 && ofPixels + told.perHour * hours >= MOST * growth)) return null;
  const isCause = ({ groups }: ObjectCause) =>
    groups.some((group) => {
      const counts = group(times);
      const rest = less(values, counts, growth / floorGrowth(counts));
      return isLevel(rest, growth, { tolerance: BYTES_TOLERANCE });
    });
  const object = objects.find(isCause);
  // What blocks of a place add up to needs no further odds.
  const [other] = objects.length === 0 ? [...blocks, ...types] : [];
  return object?.finding ?? other ?? null;
}

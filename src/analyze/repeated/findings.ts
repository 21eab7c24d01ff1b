// The leaks of a repeated action as findings: an object, or a place in the code, with all the blocks that belong to it.

import type { Finding } from '../../recording/types.ts';
import { formatBytes, formatNumber } from '../figures.ts';
import type { Knowledge } from '../knowledge.ts';
import { common } from '../leaks/common.ts';
import {
  applicationLine,
  functionWithFile,
  isBelow,
  nameIn,
  placeIn,
  stackText,
} from '../stacks.ts';
import { countOf, findRepeated, type Repeated, repeatedOf } from './find-repeated.ts';
import { unknownGivenBack } from './given-back.ts';
import type { Mark } from './marks.ts';

/** A leak of an action, before its retainer path is known. */
export interface RepeatedFinding extends Finding {
  /** Names of its sites in the marks. */
  readonly siteNames: readonly string[];
}

/**
 * An object with a handle, then other places in the code: each one finding with all the blocks below it. Types,
 * operations and the heap as a whole are told of where no place is known.
 *
 * @param rounds marks at the ends of further rounds of runs, in which a leak goes on.
 */
export function findingsOf(
  marks: readonly Mark[],
  knowledge: Knowledge,
  rounds: readonly Mark[] = [],
): RepeatedFinding[] {
  const runs = marks.length - 1;
  const groups = groupByLine(findRepeated(marks, 'sites', rounds));
  const types = findRepeated(marks, 'types', rounds);
  const operations = findRepeated(marks, 'operations', rounds);
  const context = {
    types: types.map(({ name, count }) => ({ name, count })),
    operations: operations.map(({ name, bytes }) => ({ name, bytes })),
  };
  const lost = findRepeated(marks, 'handles', rounds);
  const handles = lost.map((handle): Leak => {
    const [kind = '', ...stack] = handle.name.split('\n');
    const sites = takeSites(groups, applicationLine(stack), lost, knowledge);
    return {
      ...handle,
      kind,
      what: `${handle.count} more ${handle.count === 1 ? kind.replace(/^instances/, 'instance') : kind}`,
      stack: stack.length > 0 ? stack : null,
      sites,
      bytes: Math.max(handle.bytes, sumOf(sites, 'bytes')),
      kept: Math.max(handle.kept, sumOf(sites, 'kept')),
    };
  });
  const isCached = groups.size > 0;
  const freed = unknownGivenBack([...marks, ...rounds]);
  const places = [...groups.values()].flatMap((sites): Leak[] => {
    const [biggest] = sites;
    // What a cache takes in is no leak by itself; what lies in one for a leaked object is told with that.
    const isKept = ({ name }: Repeated) =>
      isBelow(knowledge.caches, framesOf(name)) || isBelow(knowledge.registers, framesOf(name));
    if (!biggest || sites.every(isKept)) return [];
    const count = sumOf(sites, 'count');
    return [
      {
        ...biggest,
        kind: 'blocks',
        what: `${count === 0 ? 'larger' : `${count} more`} ${count === 1 ? 'block' : 'blocks'} (${nameIn(framesOf(biggest.name)[0] ?? '')})`,
        stack: framesOf(biggest.name).map((frame) => `at ${frame}`),
        sites,
        bytes: sumOf(sites, 'bytes'),
        kept: sumOf(sites, 'kept'),
        confidence: Math.max(...sites.map(({ confidence }) => confidence)),
        freed: count > 0 && freed >= count ? freed : 0,
      },
    ];
  });
  const known = [...handles, ...places].sort((a, b) => b.bytes - a.bytes);
  // Where caches take in something, so do their types and operations.
  const whole = known.length > 0 || isCached ? known : wholeOf(types, operations, marks, rounds);
  return whole.map((leak) => toFinding(leak, runs, context));
}

interface Leak extends Omit<Repeated, 'name' | 'count'> {
  readonly kind: string;
  readonly what: string;
  readonly stack: readonly string[] | null;
  readonly sites: readonly Repeated[];
  /** Older blocks that each run frees and that may be of the same place: nobody knows where they come from. */
  readonly freed?: number;
}

function wholeOf(
  types: readonly Repeated[],
  operations: readonly Repeated[],
  marks: readonly Mark[],
  rounds: readonly Mark[],
): Leak[] {
  const unplaced = { stack: null, sites: [] };
  const ofTypes = types.map(
    (type): Leak => ({
      ...type,
      ...unplaced,
      kind: type.name,
      what: `${type.count} more ${type.name}`,
    }),
  );
  if (ofTypes.length > 0) return ofTypes;
  const ofOperations = operations.map(
    (operation): Leak => ({
      ...operation,
      ...unplaced,
      kind: operation.name,
      what: `${operation.count} more blocks of ${operation.name}`,
    }),
  );
  if (ofOperations.length > 0) return ofOperations;
  const rows = [...marks, ...rounds].flatMap(({ heap }) => heap ?? []);
  const isKnown = rows.length === marks.length + rounds.length;
  const count = isKnown
    ? countOf(
        rows.map(({ bytes }) => bytes),
        rounds,
      )
    : null;
  if (count === null) return [];
  const watched = repeatedOf('', count, rows.slice(0, marks.length));
  return [{ ...watched, ...unplaced, kind: 'heap', what: 'more memory' }];
}

function toFinding(
  { kind, what, stack, sites, bytes, kept, confidence, freed = 0 }: Leak,
  runs: number,
  context: object,
): RepeatedFinding {
  const size = bytes > 0 ? `, ${formatBytes(bytes)}` : '';
  return {
    type: 'iteration_leak',
    severity: freed > 0 ? 'warning' : 'error',
    message:
      `Each run of the action leaves ${what} behind${size}; ${formatNumber(runs)} runs were watched.` +
      (freed > 0
        ? ` Each also frees ${freed === 1 ? 'an older block' : `${freed} older blocks`} whose origin is not known.`
        : ''),
    details: {
      ...common({
        confidence,
        bytes: kept,
        stack: stack?.join('\n') ?? null,
        advice:
          freed > 0
            ? 'No leak where this is a list with a bound: repeat with a warmup of more runs than that, or track with all from the load of the module.'
            : 'Release at the end of the action what it makes at this place, also where it ends early or fails.',
      }),
      kind: `${kind}${stack ? `\n${stack.join('\n')}` : ''}`,
      bytesPerIteration: bytes,
      iterations: runs,
      sites: sites.map((site) => ({
        stack: stackText(framesOf(site.name)),
        count: site.count,
        bytes: site.bytes,
        description: 'blocks a run',
      })),
      ...context,
    },
    siteNames: sites.map(({ name }) => name),
  };
}

function framesOf(name: string): string[] {
  return name.split('\n');
}

/** Blocks of one object lie below one line of the application. */
function groupByLine(sites: readonly Repeated[]): Map<string, readonly Repeated[]> {
  const groups = new Map<string, readonly Repeated[]>();
  for (const site of sites) {
    const line = placeIn(applicationLine(framesOf(site.name)));
    groups.set(line, [...(groups.get(line) ?? []), site]);
  }
  return groups;
}

/**
 * Blocks of an object: those of its line, and where its function makes no other object, those that the library
 * allocates below any line of it, as when pixels are written. Without them, where stacks of objects are told in lines of
 * sources (source maps), lines would not meet at all.
 */
function takeSites(
  groups: Map<string, readonly Repeated[]>,
  frame: string,
  handles: readonly Repeated[],
  { functions }: Knowledge,
): Repeated[] {
  const taken = [...(groups.get(placeIn(frame)) ?? [])];
  groups.delete(placeIn(frame));
  const own = functionWithFile(frame);
  const others = handles.filter(
    ({ name }) => functionWithFile(applicationLine(framesOf(name).slice(1))) === own,
  );
  if (others.length > 1) return taken;
  for (const [line, sites] of [...groups]) {
    const isOurs = ({ name }: Repeated) =>
      functionWithFile(applicationLine(framesOf(name))) === own &&
      framesOf(name).some((one) => functions.test(nameIn(one)));
    const left = sites.filter((site) => !isOurs(site));
    taken.push(...sites.filter(isOurs));
    if (left.length > 0) groups.set(line, left);
    else groups.delete(line);
  }
  return taken.sort((a, b) => b.bytes - a.bytes);
}

function sumOf(sites: readonly Repeated[], name: 'count' | 'bytes' | 'kept'): number {
  return sites.reduce((sum, site) => sum + site[name], 0);
}

// What a repeated action leaves behind: figures that grow by a whole multiple of its runs.

import type { Finding } from '../recording/types.ts';
import { formatBytes, formatNumber } from './figures.ts';
import type { Knowledge } from './knowledge.ts';
import { common } from './leaks/common.ts';
import { applicationLine, functionIn, isBelow, nameIn, placeIn, stackText } from './stacks.ts';
import { median } from './trend.ts';

export interface Figures {
  readonly bytes: number;
  readonly blocks: number;
  readonly totalBytes: number;
  readonly totalBlocks: number;
}

/** At the end of a run: what is live, by name. Sites and handles by stack, a frame a line, innermost first. */
export interface Mark {
  /** Of the allocator; null where that is not known. */
  readonly heap: Figures | null;
  readonly types: ReadonlyMap<string, Figures>;
  readonly sites: ReadonlyMap<string, Figures>;
  readonly operations: ReadonlyMap<string, Figures>;
  /** By kind and creation stack: `buffers\nat f (a.js:1:2)`. */
  readonly handles: ReadonlyMap<string, Figures>;
}

export type MarkPart = Exclude<keyof Mark, 'heap'>;

/** What grew with every run, or with all but one. */
export interface Repeated {
  readonly name: string;
  /** Blocks, instances or handles: each run added as many, at least. */
  readonly count: number;
  /** Bytes a run, usually. */
  readonly bytes: number;
  /** Bytes since the first mark. */
  readonly kept: number;
  /** 1 - p of the sign test against growth by chance (Arbuthnott, Phil. Trans. 27, 1710). */
  readonly confidence: number;
}

const NOTHING: Figures = { bytes: 0, blocks: 0, totalBytes: 0, totalBlocks: 0 };

/**
 * @param values at the marks: one more than there were runs.
 * @returns by how much each run added at least, but for one that may have added nothing; null where that is not at
 *   least one, or where a run gave anything back.
 */
export function multipleOf(values: readonly number[]): number | null {
  const steps = values.slice(1).map((value, run) => value - (values[run] ?? 0));
  const [least = 0, count = 0] = steps.toSorted((a, b) => a - b);
  return least >= 0 && count >= 1 ? count : null;
}

/** Most bytes first. */
export function findRepeated(marks: readonly Mark[], part: MarkPart): Repeated[] {
  const last = marks.at(-1)?.[part] ?? new Map<string, Figures>();
  return [...last.keys()]
    .flatMap((name) => {
      const rows = marks.map((mark) => mark[part].get(name) ?? NOTHING);
      const count = multipleOf(rows.map(({ blocks }) => Math.round(blocks)));
      return count === null ? [] : [repeatedOf(name, count, rows)];
    })
    .sort((a, b) => b.bytes - a.bytes);
}

function repeatedOf(name: string, count: number, rows: readonly Figures[]): Repeated {
  const steps = rows.slice(1).map(({ bytes, blocks }, run) => ({
    bytes: bytes - (rows[run]?.bytes ?? 0),
    blocks: blocks - (rows[run]?.blocks ?? 0),
  }));
  const grown = steps.filter(({ blocks, bytes }) => blocks > 0 || bytes > 0).length;
  return {
    name,
    count,
    bytes: Math.max(0, median(steps.map(({ bytes }) => bytes))),
    kept: (rows.at(-1)?.bytes ?? 0) - (rows[0]?.bytes ?? 0),
    confidence: 1 - 1 / 2 ** grown,
  };
}

/** One figure of the balance sheet, a run. */
export interface BalanceRow {
  readonly name: string;
  readonly allocatedBytes: number;
  readonly allocatedBlocks: number;
  readonly freedBytes: number;
  readonly freedBlocks: number;
  readonly keptBytes: number;
  readonly keptBlocks: number;
}

/** What the action allocates, frees and keeps, a run on average. Of types, blocks are instances. */
export interface Balance {
  readonly iterations: number;
  /** Of the whole heap; null where it is not tracked. */
  readonly heap: Omit<BalanceRow, 'name'> | null;
  readonly types: readonly BalanceRow[];
  readonly sites: readonly BalanceRow[];
  readonly operations: readonly BalanceRow[];
  /** Live handles by kind that each run adds. */
  readonly handles: Readonly<Record<string, number>>;
}

export function balanceOf(marks: readonly Mark[]): Balance {
  const iterations = marks.length - 1;
  const [first] = marks;
  const last = marks.at(-1);
  const rows = (part: 'types' | 'sites' | 'operations') =>
    [...(last?.[part] ?? [])]
      .map(([name, figures]) => ({
        name,
        ...changeOf(first?.[part].get(name) ?? NOTHING, figures, iterations),
      }))
      .filter(({ allocatedBlocks, keptBlocks }) => allocatedBlocks !== 0 || keptBlocks !== 0)
      .sort((a, b) => b.keptBytes - a.keptBytes || b.allocatedBytes - a.allocatedBytes);
  const handles: Record<string, number> = {};
  const names = new Set([...(first?.handles.keys() ?? []), ...(last?.handles.keys() ?? [])]);
  for (const name of names) {
    const [kind = ''] = name.split('\n');
    const grown = (last?.handles.get(name)?.blocks ?? 0) - (first?.handles.get(name)?.blocks ?? 0);
    handles[kind] = (handles[kind] ?? 0) + grown / iterations;
  }
  return {
    iterations,
    heap: first?.heap && last?.heap ? changeOf(first.heap, last.heap, iterations) : null,
    types: rows('types'),
    sites: rows('sites'),
    operations: rows('operations'),
    handles,
  };
}

function changeOf(from: Figures, to: Figures, runs: number): Omit<BalanceRow, 'name'> {
  const change = (name: keyof Figures) => (to[name] - from[name]) / runs;
  return {
    allocatedBytes: change('totalBytes'),
    allocatedBlocks: change('totalBlocks'),
    freedBytes: change('totalBytes') - change('bytes'),
    freedBlocks: change('totalBlocks') - change('blocks'),
    keptBytes: change('bytes'),
    keptBlocks: change('blocks'),
  };
}

/** A leak of an action, before its retainer path is known. */
export interface RepeatedFinding extends Finding {
  /** Names of its sites in the marks. */
  readonly siteNames: readonly string[];
}

/**
 * An object with a handle, then other places in the code: each one finding with all the blocks below it. Types,
 * operations and the heap as a whole are told of where no place is known.
 */
export function findingsOf(marks: readonly Mark[], knowledge: Knowledge): RepeatedFinding[] {
  const runs = marks.length - 1;
  const groups = groupByLine(findRepeated(marks, 'sites'));
  const types = findRepeated(marks, 'types');
  const operations = findRepeated(marks, 'operations');
  const context = {
    types: types.map(({ name, count }) => ({ name, count })),
    operations: operations.map(({ name, bytes }) => ({ name, bytes })),
  };
  const lost = findRepeated(marks, 'handles');
  const handles = lost.map((handle): Leak => {
    const [kind = '', ...stack] = handle.name.split('\n');
    const sites = takeSites(groups, applicationLine(stack), lost, knowledge);
    return {
      ...handle,
      kind,
      what: `${handle.count} more ${kind}`,
      stack,
      sites,
      bytes: Math.max(handle.bytes, sumOf(sites, 'bytes')),
      kept: Math.max(handle.kept, sumOf(sites, 'kept')),
    };
  });
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
        what: `${count} more ${count === 1 ? 'block' : 'blocks'} (${nameIn(framesOf(biggest.name)[0] ?? '')})`,
        stack: framesOf(biggest.name).map((frame) => `at ${frame}`),
        sites,
        bytes: sumOf(sites, 'bytes'),
        kept: sumOf(sites, 'kept'),
        confidence: Math.max(...sites.map(({ confidence }) => confidence)),
      },
    ];
  });
  const known = [...handles, ...places].sort((a, b) => b.bytes - a.bytes);
  const whole = known.length > 0 ? known : wholeOf(types, operations, marks);
  return whole.map((leak) => toFinding(leak, runs, context));
}

interface Leak extends Omit<Repeated, 'name' | 'count'> {
  readonly kind: string;
  readonly what: string;
  readonly stack: readonly string[] | null;
  readonly sites: readonly Repeated[];
}

function wholeOf(
  types: readonly Repeated[],
  operations: readonly Repeated[],
  marks: readonly Mark[],
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
  const rows = marks.flatMap(({ heap }) => heap ?? []);
  const count = rows.length === marks.length ? multipleOf(rows.map(({ bytes }) => bytes)) : null;
  if (count === null) return [];
  return [{ ...repeatedOf('', count, rows), ...unplaced, kind: 'heap', what: 'more memory' }];
}

function toFinding(
  { kind, what, stack, sites, bytes, kept, confidence }: Leak,
  runs: number,
  context: object,
): RepeatedFinding {
  const size = bytes > 0 ? `, ${formatBytes(bytes)}` : '';
  return {
    type: 'iteration_leak',
    severity: 'error',
    message: `Each run of the action leaves ${what} behind${size}; ${formatNumber(runs)} runs were watched.`,
    details: {
      ...common({
        confidence,
        bytes: kept,
        stack: stack?.join('\n') ?? null,
        advice:
          'Release at the end of the action what it makes at this place, also where it ends early or fails.',
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
  const own = functionIn(frame);
  const others = handles.filter(
    ({ name }) => functionIn(applicationLine(framesOf(name).slice(1))) === own,
  );
  if (others.length > 1) return taken;
  for (const [line, sites] of [...groups]) {
    const isOurs = ({ name }: Repeated) =>
      functionIn(applicationLine(framesOf(name))) === own &&
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

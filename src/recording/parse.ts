// A Recording as text, and back: what is broken, foreign or newer is refused with the place named.

import { byName } from './by-name.ts';
import { REMNANT_KINDS } from './evidence-types.ts';
import { HEAP_TABLES, SITE_TABLES, TRACK_MODES } from './heap-types.ts';
import {
  COLUMN_NAMES,
  OBJECT_KINDS,
  type ObjectRecord,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedSeries,
  type Recording,
} from './types.ts';
import { upgrade } from './upgrade.ts';

export type RecordingErrorCode =
  | 'NOT_JSON'
  /** JSON, but no recording of this profiler. */
  | 'FOREIGN'
  /** Made by a newer profiler. */
  | 'NEWER_VERSION'
  /** Something in it is missing or of the wrong type; `path` says what. */
  | 'INVALID';

export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: RecordingErrorCode;
  /** The broken place, such as `snapshots.heapUsed[3]`; empty for the whole. */
  readonly path: string;

  constructor(code: RecordingErrorCode, message: string, path = '') {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/**
 * What a value must be: its types, with `|` between them; after `=`, the words that it may be; a list
 * of one shape; the same after null, where it may be null; or an object with these members at least.
 */
type Shape =
  | string
  | readonly [Shape]
  | readonly [null, Shape]
  | { readonly [member: string]: Shape };
type Table = readonly (readonly [column: string, type: string])[];

const columnsOf = (table: Table): Shape =>
  Object.fromEntries(table.map(([name, type]) => [name, [type]]));

const OBJECT: Shape = {
  id: 'number',
  kind: `=${OBJECT_KINDS.join('|')}`,
  description: 'string',
  createdAt: 'number|null',
  collectedAt: 'number|null',
  bytes: 'number|null',
  stack: 'number|null',
};
const MODE: Shape = `=${TRACK_MODES.join('|')}`;
const FIGURE: Shape = { bytes: 'number', blocks: 'number|null' };
const HEAP: Shape = {
  module: {
    url: 'string|null',
    allocator: 'string|null',
    foundBy: 'string|null',
    confidence: [null, '=certain|likely'],
    pointerBits: 'number',
    sharedMemory: 'boolean',
    hasNames: 'boolean',
  },
  mode: MODE,
  accounting: {
    unknownFrees: 'number',
    duplicateAllocations: 'number',
    verified: 'boolean|null',
    verifiedBy: [null, '=mallinfo|heap-walk'],
    comparison: [
      null,
      {
        trackedBytes: 'number',
        allocatorBytes: 'number',
        untrackedBlocks: 'number|null',
        unallocatedBlocks: 'number|null',
      },
    ],
  },
  totals: byName<string, Shape>(['live', 'peak', 'allocated', 'freed'], () => FIGURE),
  sizeClasses: columnsOf(HEAP_TABLES.sizeClasses),
  ages: columnsOf(HEAP_TABLES.ages),
  sites: [
    null,
    {
      sampling: { mean: 'number', captures: 'number', time: 'number' },
      omitted: 'number',
      ...byName(Object.keys(SITE_TABLES) as (keyof typeof SITE_TABLES)[], (name) =>
        columnsOf(SITE_TABLES[name]),
      ),
    },
  ],
  ...byName<string, Shape>(['instances', 'holders', 'operations'], (name) => [
    null,
    columnsOf(HEAP_TABLES[name as keyof typeof HEAP_TABLES]),
  ]),
  explained: 'number|null',
  trackerBytes: 'number|null',
};
const LIVE: Shape = ['number|null'];
const LIVE_HEAP: Shape = { liveBytes: LIVE, liveBlocks: LIVE };
const SERIES: Shape = {
  elapsed: ['number'],
  sequence: ['number'],
  sampleMean: 'number|null',
  types: [{ name: 'string', live: LIVE }],
  sites: [{ stack: ['string'], ...LIVE_HEAP }],
  operations: [{ name: 'string', ...LIVE_HEAP }],
};
const STACK: Shape = [null, ['string']];
const HEAP_SNAPSHOT: Shape = {
  elapsed: 'number',
  isBaseline: 'boolean',
  ...byName<string, Shape>(
    ['blocks', 'bytes', 'unreachableBlocks', 'unreachableBytes', 'ambiguousShare'],
    () => 'number',
  ),
  explained: 'number|null',
  knowsHandles: 'boolean|null',
  unreachable: [
    {
      stack: STACK,
      type: 'string|null',
      operation: 'string|null',
      blocks: 'number',
      bytes: 'number',
      structures: 'number|null',
      firstSequence: 'number',
      lastSequence: 'number',
      freed: 'number|null',
      overdue: 'number|null',
    },
  ],
  remnants: [
    null,
    [
      {
        kind: `=${REMNANT_KINDS.join('|')}`,
        count: 'number',
        bytes: 'number',
        stack: STACK,
        path: ['string'],
        operation: 'string|null',
      },
    ],
  ],
  staticPlaces: [null, [{ stack: ['string'], blocks: 'number' }]],
};
const RECORDING: Shape = {
  profiler: { name: 'string', version: 'string' },
  environment: {
    runtime: '=node|page|worker',
    userAgent: 'string|null',
    page: 'string|null',
    crossOriginIsolated: 'boolean|null',
    gegl: 'object|null',
  },
  options: {
    sampleInterval: 'number',
    trackObjects: 'boolean',
    sampleRate: 'number',
    maxSnapshots: 'number',
    trackAllocations: MODE,
  },
  clock: {
    startedAt: 'number',
    duration: 'number',
    gaps: [{ from: 'number', to: 'number', reason: '=hidden|suspended|delayed|clock-set|stopped' }],
  },
  sources: {
    heapUsed: '=tracker|mallinfo|unknown',
    jsMemory: '=performance.memory|measureUserAgentSpecificMemory|process.memoryUsage|none',
    gegl: '=gegl-stats|none',
  },
  snapshots: {
    ...byName<string, Shape>(COLUMN_NAMES, () => ['number|null']),
    ...byName<string, Shape>(
      ['elapsed', 'timestamp', 'sequence', ...OBJECT_KINDS, 'bufferBytes'],
      () => ['number'],
    ),
  },
  objects: {
    totals: byName(OBJECT_KINDS, () => ({
      created: 'number',
      destroyed: 'number',
      live: 'number',
      collected: 'number',
    })),
    stacks: ['string'],
    live: [OBJECT],
    collected: [OBJECT],
    unfinished: ['number'],
    exits: [{ elapsed: 'number', counts: byName(OBJECT_KINDS, () => 'number'), objects: [OBJECT] }],
  },
  heap: [null, HEAP],
  heapSnapshots: [HEAP_SNAPSHOT],
  marks: [{ elapsed: 'number', name: 'string' }],
  instances: [
    {
      module: 'string',
      released: 'number',
      alive: [{ loadedAt: 'number|null', usedAt: 'number|null', bytes: 'number' }],
    },
  ],
  series: [null, SERIES],
  warnings: [{ code: 'string', message: 'string', elapsed: 'number' }],
};

/** @throws RecordingError */
export function parseRecording(text: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError('NOT_JSON', `This is no JSON: ${(error as Error).message}`);
  }
  const recording: Record<string, unknown> = Object(value);
  const { format, version } = recording;
  if (format !== RECORDING_FORMAT) {
    throw new RecordingError(
      'FOREIGN',
      `This is no recording: its "format" must be "${RECORDING_FORMAT}".`,
      'format',
    );
  }
  must(isPositiveInteger(version), 'version', 'it must be a positive integer');
  if (version > RECORDING_VERSION) {
    throw new RecordingError(
      'NEWER_VERSION',
      `The recording has version ${version}; this profiler reads up to ${RECORDING_VERSION}. Update gegl-memory-profiler.`,
      'version',
    );
  }
  const upgraded = upgrade(recording, version);
  check(upgraded, RECORDING, '');
  checkTables(upgraded);
  return upgraded;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  // A number that is too large for JavaScript.
  return value === Infinity || value === -Infinity ? 'infinity' : typeof value;
}

function check(value: unknown, shape: Shape, path: string): void {
  if (isNullable(shape)) {
    if (value !== null) check(value, shape[1], path);
    return;
  }
  const { allowed, fits } = testOf(typeof shape === 'string' ? shape : typeOf(shape));
  must(fits(value), path, `it must be ${allowed.join(' or ')}`);
  if (typeof shape === 'string') return;
  const [item] = Array.isArray(shape) ? shape : [];
  // Columns are long, and seldom broken.
  if (typeof item === 'string' && (value as unknown[]).every(testOf(item).fits)) return;
  for (const [name, member] of Object.entries(item ? (value as object) : shape)) {
    if (item) check(member, item, `${path}[${name}]`);
    else check((value as Record<string, unknown>)[name], member, path ? `${path}.${name}` : name);
  }
}

function testOf(shape: string) {
  const [types = '', words] = shape.split('=');
  const allowed: unknown[] = (words ?? types).split('|');
  const fits = (value: unknown) => allowed.includes(words ? value : typeOf(value));
  return { allowed, fits };
}

function isNullable(shape: Shape): shape is readonly [null, Shape] {
  return Array.isArray(shape) && shape.length === 2;
}

/** That a Date can have, in milliseconds. */
const LATEST = 8.64e15;

/** Columns must be of one length, time must go forward, and references must lead somewhere. */
function checkTables(value: unknown): asserts value is Recording {
  const { clock, snapshots, objects, heap, series } = value as Recording;
  for (const name of ['startedAt', 'duration'] as const) {
    must(Math.abs(clock[name]) <= LATEST, `clock.${name}`, 'there is no such time');
  }
  checkRows(snapshots, COLUMN_NAMES, 'snapshots');
  checkClocks(snapshots, 'snapshots');
  if (series) checkSeries(series);
  const checkStacks = (listed: readonly ObjectRecord[], path: string) => {
    const stacks = listed.map(({ stack }) => stack);
    checkPlaces(stacks, objects.stacks, `objects.${path}`, '.stack');
  };
  checkStacks(objects.live, 'live');
  checkStacks(objects.collected, 'collected');
  objects.exits.forEach((exit, at) => {
    checkStacks(exit.objects, `exits[${at}].objects`);
  });
  if (!heap) return;
  const { sites, instances, holders } = heap;
  for (const [name, columns] of Object.entries(HEAP_TABLES)) {
    checkRows(heap[name as keyof typeof HEAP_TABLES], columns.map(first), `heap.${name}`);
  }
  if (holders) checkPlaces(holders.instance, instances?.type ?? [], 'heap.holders.instance');
  if (!sites) return;
  for (const [name, columns] of Object.entries(SITE_TABLES)) {
    checkRows(sites[name as keyof typeof SITE_TABLES], columns.map(first), `heap.sites.${name}`);
  }
  const { sources, functions, frames, stacks, figures } = sites;
  const place = 'heap.sites.';
  checkPlaces(functions.source, sources.url, `${place}functions.source`);
  checkPlaces(frames.function, functions.name, `${place}frames.function`);
  checkPlaces(stacks.frame, frames.function, `${place}stacks.frame`);
  checkPlaces(figures.stack, stacks.frame, `${place}figures.stack`);
  checkPlaces(stacks.caller, stacks.frame, `${place}stacks.caller`);
  stacks.caller.forEach((caller, row) => {
    must((caller ?? -1) < row, `${place}stacks.caller[${row}]`, 'it leads to a later row');
  });
}

function checkSeries(series: RecordedSeries): void {
  checkRows(series, ['elapsed', 'sequence'], 'series');
  checkClocks(series, 'series');
  for (const [name, columns] of [
    ['types', ['live']],
    ['sites', ['liveBytes', 'liveBlocks']],
    ['operations', ['liveBytes', 'liveBlocks']],
  ] as const) {
    series[name].forEach((row, at) => {
      checkRows(
        { elapsed: series.elapsed, ...row },
        ['elapsed', ...columns],
        `series.${name}[${at}]`,
      );
    });
  }
}

function checkClocks(table: Pick<RecordedSeries, 'elapsed' | 'sequence'>, path: string): void {
  for (const name of ['elapsed', 'sequence'] as const) {
    const row = table[name].findIndex((value, at, column) => !(value > (column[at - 1] ?? -1)));
    must(row < 0, `${path}.${name}[${row}]`, 'it goes backward');
  }
}

const first = ([name]: readonly [string, string]) => name;

function checkRows(table: object | null, columns: readonly string[], path: string): void {
  if (!table) return;
  const lengths = columns.map((name) => (table as Record<string, unknown[]>)[name]?.length ?? 0);
  columns.forEach((name, column) => {
    const why = `it has ${lengths[column]} rows, ${columns[0]} has ${lengths[0]}`;
    must(lengths[column] === lengths[0], `${path}.${name}`, why);
  });
}

function checkPlaces(
  column: readonly (number | null)[],
  target: readonly unknown[],
  path: string,
  member = '',
): void {
  const index = column.findIndex((place) => place !== null && target[place] === undefined);
  must(index < 0, `${path}[${index}]${member}`, `there is no row ${column[index]}`);
}

function must(isRight: boolean, path: string, why: string): asserts isRight {
  if (!isRight) {
    throw new RecordingError('INVALID', `The recording is broken at ${path}: ${why}.`, path);
  }
}

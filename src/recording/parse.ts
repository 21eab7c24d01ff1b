// A Recording as text, and back: what is broken, foreign or newer is refused with the place named.

import {
  COLUMN_NAMES,
  OBJECT_KINDS,
  RECORDING_FORMAT,
  RECORDING_VERSION,
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

/** What a value must be: a `typeof`, `?` appended where null may stand, or a shape of its own. */
type Shape =
  | 'number'
  | 'number?'
  | 'string'
  | 'string?'
  | 'boolean'
  | 'boolean?'
  | 'object?'
  | { readonly list: Shape }
  | { readonly members: Readonly<Record<string, Shape>> };

const list = (of: Shape): Shape => ({ list: of });
const members = (of: Readonly<Record<string, Shape>>): Shape => ({ members: of });

const KNOWN_COLUMNS = new Set([
  'elapsed',
  'timestamp',
  'sequence',
  'buffers',
  'nodes',
  'processors',
  'colors',
  'bufferBytes',
]);
const OBJECT: Shape = members({
  id: 'number',
  kind: 'string',
  description: 'string',
  createdAt: 'number?',
  collectedAt: 'number?',
  bytes: 'number?',
  stack: 'number?',
});
const TOTALS: Shape = members({
  created: 'number',
  destroyed: 'number',
  live: 'number',
  collected: 'number',
});
const RECORDING: Shape = members({
  profiler: members({ name: 'string', version: 'string' }),
  environment: members({
    runtime: 'string',
    userAgent: 'string?',
    page: 'string?',
    crossOriginIsolated: 'boolean?',
    gegl: 'object?',
  }),
  options: members({
    sampleInterval: 'number',
    trackObjects: 'boolean',
    sampleRate: 'number',
    maxSnapshots: 'number',
  }),
  clock: members({
    startedAt: 'number',
    duration: 'number',
    gaps: list(members({ from: 'number', to: 'number', reason: 'string' })),
  }),
  sources: members({ heapUsed: 'string', jsMemory: 'string', gegl: 'string' }),
  snapshots: members(
    Object.fromEntries(
      COLUMN_NAMES.map((name) => [name, list(KNOWN_COLUMNS.has(name) ? 'number' : 'number?')]),
    ),
  ),
  objects: members({
    totals: members(Object.fromEntries(OBJECT_KINDS.map((kind) => [kind, TOTALS]))),
    stacks: list('string'),
    live: list(OBJECT),
    collected: list(OBJECT),
  }),
  warnings: list(members({ code: 'string', message: 'string', elapsed: 'number' })),
});

/** @throws RecordingError */
export function parseRecording(text: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError('NOT_JSON', `This is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(value) || value.format !== RECORDING_FORMAT) {
    throw new RecordingError(
      'FOREIGN',
      `This is no recording of this profiler: its "format" must be "${RECORDING_FORMAT}".`,
      'format',
    );
  }
  const { version } = value;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new RecordingError('INVALID', 'The version must be a positive integer.', 'version');
  }
  if (version > RECORDING_VERSION) {
    throw new RecordingError(
      'NEWER_VERSION',
      `The recording has version ${version}; this profiler reads up to ${RECORDING_VERSION}. Update gegl-memory-profiler.`,
      'version',
    );
  }
  const upgraded = upgrade(value, version);
  check(upgraded, RECORDING, '');
  checkTables(upgraded);
  return upgraded;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(value: unknown, shape: Shape, path: string): void {
  const fail = (wanted: string): never => {
    const given = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
    throw new RecordingError(
      'INVALID',
      `The recording is broken at ${path}: ${wanted} is needed, not ${given}.`,
      path,
    );
  };
  if (typeof shape === 'string') {
    if (shape.endsWith('?') && value === null) return;
    const type = shape.replace('?', '');
    if (typeof value !== type || (type === 'number' && !Number.isFinite(value))) fail(`a ${type}`);
  } else if ('list' in shape) {
    for (const [index, item] of (Array.isArray(value) ? value : fail('a list')).entries())
      check(item, shape.list, `${path}[${index}]`);
  } else {
    const object = isObject(value) ? value : fail('an object');
    for (const [name, member] of Object.entries(shape.members)) {
      check(object[name], member, path ? `${path}.${name}` : name);
    }
  }
}

/** Columns must be of one length, time must go forward, and references must lead somewhere. */
function checkTables(value: unknown): asserts value is Recording {
  const { snapshots, objects } = value as Recording;
  const rows = snapshots.elapsed.length;
  for (const name of COLUMN_NAMES) {
    const { length } = snapshots[name];
    if (length !== rows) broken(`snapshots.${name}`, `it has ${length} rows, elapsed has ${rows}`);
  }
  for (let row = 1; row < rows; row++) {
    if ((snapshots.elapsed[row] ?? 0) <= (snapshots.elapsed[row - 1] ?? 0)) {
      broken(`snapshots.elapsed[${row}]`, 'time goes backward');
    }
  }
  for (const table of ['live', 'collected'] as const) {
    for (const [index, { kind, stack }] of objects[table].entries()) {
      const path = `objects.${table}[${index}]`;
      if (!OBJECT_KINDS.includes(kind)) broken(`${path}.kind`, `there is no kind "${kind}"`);
      if (stack !== null && objects.stacks[stack] === undefined) {
        broken(`${path}.stack`, `there is no stack ${stack}`);
      }
    }
  }
}

function broken(path: string, why: string): never {
  throw new RecordingError('INVALID', `The recording is broken at ${path}: ${why}.`, path);
}

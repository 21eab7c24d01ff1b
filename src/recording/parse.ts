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

/**
 * What a value must be: a `typeof` (`?` appended where null may stand), `=` and the words that it may
 * be, a list of one shape, or an object with these members at least.
 */
type Shape = string | readonly [Shape] | { readonly [member: string]: Shape };

const sameFor = (names: readonly string[], shape: Shape): Shape =>
  Object.fromEntries(names.map((name) => [name, shape]));

const OBJECT: Shape = {
  id: 'number',
  kind: `=${OBJECT_KINDS.join('|')}`,
  description: 'string',
  createdAt: 'number?',
  collectedAt: 'number?',
  bytes: 'number?',
  stack: 'number?',
};
const RECORDING: Shape = {
  profiler: { name: 'string', version: 'string' },
  environment: {
    runtime: '=node|page|worker',
    userAgent: 'string?',
    page: 'string?',
    crossOriginIsolated: 'boolean?',
    gegl: 'object?',
  },
  options: {
    sampleInterval: 'number',
    trackObjects: 'boolean',
    sampleRate: 'number',
    maxSnapshots: 'number',
  },
  clock: {
    startedAt: 'number',
    duration: 'number',
    gaps: [{ from: 'number', to: 'number', reason: '=hidden|suspended|delayed|clock-set|stopped' }],
  },
  sources: {
    heapUsed: '=mallinfo|unknown',
    jsMemory: '=performance.memory|measureUserAgentSpecificMemory|process.memoryUsage|none',
    gegl: '=gegl-stats|none',
  },
  snapshots: {
    ...(sameFor(COLUMN_NAMES, ['number?']) as object),
    ...(sameFor(
      ['elapsed', 'timestamp', 'sequence', ...OBJECT_KINDS, 'bufferBytes'],
      ['number'],
    ) as object),
  },
  objects: {
    totals: sameFor(OBJECT_KINDS, {
      created: 'number',
      destroyed: 'number',
      live: 'number',
      collected: 'number',
    }),
    stacks: ['string'],
    live: [OBJECT],
    collected: [OBJECT],
  },
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
  if (typeof shape === 'string') {
    const isNullable = shape.endsWith('?');
    const isRight = shape.startsWith('=')
      ? (shape.slice(1).split('|') as readonly unknown[]).includes(value)
      : (isNullable && value === null) ||
        (shape.startsWith('object')
          ? isObject(value)
          : shape.startsWith(typeof value) && value !== Infinity && value !== -Infinity);
    if (!isRight) broken(path, `${JSON.stringify(value)} is not of ${shape}`);
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(value)) throw broken(path, 'a list is needed');
    const [item] = shape as readonly [Shape];
    value.forEach((entry, index) => {
      check(entry, item, `${path}[${index}]`);
    });
  } else {
    if (!isObject(value)) throw broken(path, 'an object is needed');
    for (const [name, member] of Object.entries(shape)) {
      check(value[name], member, path ? `${path}.${name}` : name);
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
  for (const name of ['elapsed', 'sequence'] as const) {
    snapshots[name].forEach((value, row, column) => {
      if (value <= (column[row - 1] ?? -1)) broken(`snapshots.${name}[${row}]`, 'it goes backward');
    });
  }
  for (const table of ['live', 'collected'] as const) {
    for (const [index, { stack }] of objects[table].entries()) {
      if (stack !== null && objects.stacks[stack] === undefined) {
        broken(`objects.${table}[${index}].stack`, `there is no stack ${stack}`);
      }
    }
  }
}

function broken(path: string, why: string): never {
  throw new RecordingError('INVALID', `The recording is broken at ${path}: ${why}.`, path);
}

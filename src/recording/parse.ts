// A Recording as text, and back: what is broken, foreign or newer is refused with the place named.

import { byName } from './by-name.ts';
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
 * What a value must be: its types, with `|` between them; after `=`, the words that it may be; a list
 * of one shape; or an object with these members at least.
 */
type Shape = string | readonly [Shape] | { readonly [member: string]: Shape };

const OBJECT: Shape = {
  id: 'number',
  kind: `=${OBJECT_KINDS.join('|')}`,
  description: 'string',
  createdAt: 'number|null',
  collectedAt: 'number|null',
  bytes: 'number|null',
  stack: 'number|null',
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
  const [types = '', words] = typeof shape === 'string' ? shape.split('=') : [typeOf(shape)];
  const allowed: unknown[] = (words ?? types).split('|');
  must(allowed.includes(words ? value : typeOf(value)), path, `it must be ${allowed.join(' or ')}`);
  if (typeof shape === 'string') return;
  const [item] = Array.isArray(shape) ? shape : [];
  for (const [name, member] of Object.entries(item ? (value as object) : shape)) {
    if (item) check(member, item, `${path}[${name}]`);
    else check((value as Record<string, unknown>)[name], member, path ? `${path}.${name}` : name);
  }
}

/** Columns must be of one length, time must go forward, and references must lead somewhere. */
function checkTables(value: unknown): asserts value is Recording {
  const { snapshots, objects } = value as Recording;
  const rows = snapshots.elapsed.length;
  for (const name of COLUMN_NAMES) {
    const { length } = snapshots[name];
    must(length === rows, `snapshots.${name}`, `it has ${length} rows, elapsed has ${rows}`);
  }
  for (const name of ['elapsed', 'sequence'] as const) {
    snapshots[name].forEach((value, row, column) => {
      must(value > (column[row - 1] ?? -1), `snapshots.${name}[${row}]`, 'it goes backward');
    });
  }
  for (const name of ['live', 'collected'] as const) {
    objects[name].forEach(({ stack }, index) => {
      must(
        stack === null || objects.stacks[stack] !== undefined,
        `objects.${name}[${index}].stack`,
        `there is no stack ${stack}`,
      );
    });
  }
}

function must(isRight: boolean, path: string, why: string): asserts isRight {
  if (!isRight) {
    throw new RecordingError('INVALID', `The recording is broken at ${path}: ${why}.`, path);
  }
}

// A budget as a list of limits: what is wrong in it is refused with the place named.

import { OBJECT_KINDS, type Severity } from '../../recording/types.ts';
import { UNITS } from '../figures.ts';
import type { FigureTime } from '../memory-figures.ts';
import { BudgetError } from './types.ts';

/** What is limited. */
export type Limited =
  | { readonly of: 'heapSize' | 'liveBytes'; readonly time: FigureTime }
  | { readonly of: 'objects'; readonly kind: (typeof OBJECT_KINDS)[number] }
  | { readonly of: 'types'; readonly pattern: string }
  | { readonly of: 'sites'; readonly what: 'function' | 'stack'; readonly pattern: string }
  | { readonly of: 'leaks'; readonly severity: Severity };

export type Limit = Limited & {
  /** As in the budget: `liveBytes.peak`. */
  readonly path: string;
  /** Bytes, or a count. */
  readonly most: number;
};

export interface Limits {
  readonly limits: readonly Limit[];
  readonly allowUnknown: boolean;
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];
const TIMES: readonly FigureTime[] = ['end', 'peak'];

/** How the members of a part become limits. */
type Read = (name: string, value: unknown, path: string) => Limit;

const PARTS: Readonly<Record<Limited['of'], Read>> = {
  heapSize: sizeAt('heapSize'),
  liveBytes: sizeAt('liveBytes'),
  objects: (name, value, path) => ({
    of: 'objects',
    kind: oneOf(OBJECT_KINDS, name, path),
    path,
    most: countOf(value, path),
  }),
  types: (pattern, value, path) => ({ of: 'types', pattern, path, most: countOf(value, path) }),
  sites: (name, value, path) => {
    const [, what, pattern = ''] = /^(function|stack):(.+)$/.exec(name) ?? [];
    if (what !== 'function' && what !== 'stack') {
      throw new BudgetError(path, 'a pattern of sites begins with "function:" or "stack:"');
    }
    return { of: 'sites', what, pattern, path, most: bytesOf(value, path) };
  },
  leaks: (name, value, path) => ({
    of: 'leaks',
    severity: oneOf(SEVERITIES, name, path),
    path,
    most: countOf(value, path),
  }),
};

/** @throws BudgetError */
export function limitsOf(budget: unknown): Limits {
  const limits: Limit[] = [];
  let allowUnknown = false;
  for (const [name, value] of membersOf(budget, '')) {
    if (name === '$schema') continue;
    if (name === 'allowUnknown') {
      if (typeof value !== 'boolean') throw new BudgetError(name, 'it must be true or false');
      allowUnknown = value;
      continue;
    }
    const part = oneOf(Object.keys(PARTS) as Limited['of'][], name, name);
    const members = membersOf(value, name);
    if (members.length === 0) throw new BudgetError(name, 'it limits nothing');
    for (const [member, most] of members) {
      limits.push(PARTS[part](member, most, `${name}.${member}`));
    }
  }
  if (limits.length === 0) throw new BudgetError('', 'it limits nothing');
  return { limits, allowUnknown };
}

function sizeAt(part: 'heapSize' | 'liveBytes'): Read {
  return (name, value, path) => ({
    of: part,
    time: oneOf(TIMES, name, path),
    path,
    most: bytesOf(value, path),
  });
}

function membersOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BudgetError(path, 'it must be an object');
  }
  return Object.entries(value);
}

function oneOf<Name extends string>(names: readonly Name[], name: string, path: string): Name {
  const known = names.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new BudgetError(path, `there is no such budget; there are ${names.join(', ')}`);
  }
  return known;
}

function countOf(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new BudgetError(path, 'it must be a whole number from 0');
}

/** `64 MB` and `64MiB` are the same here, as in all that this profiler writes. */
const SIZE = /^(\d+(?:\.\d+)?) ?(?:([KMGT])i?)?B$/;

function bytesOf(value: unknown, path: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  const [, digits, prefix = ''] = (typeof value === 'string' && SIZE.exec(value)) || [];
  if (digits === undefined) {
    throw new BudgetError(path, 'it must be a number of bytes, or a text such as "64 MB"');
  }
  return Number(digits) * 1024 ** UNITS.indexOf(`${prefix}B`);
}

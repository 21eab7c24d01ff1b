// What the detectors must be told of the library whose heap it is: without it they serve any module, and know of no
// cache that is meant, and of no object that belongs to another.

import type { ObjectKind } from '../recording/types.ts';

export interface Knowledge {
  /** Functions whose blocks are kept on purpose, and within limits. */
  readonly caches: RegExp;
  /** Functions whose blocks are kept for ever, one for each new thing: they grow for long, but not with use. */
  readonly registers: RegExp;
  /** Functions of the library's own. */
  readonly functions: RegExp;
  /** Functions that make an object. */
  readonly makers: RegExp;
  /** Types of objects that are made for others: the owner is told of, not they. */
  readonly parts: RegExp;
  /** What lies behind the handles of a kind. */
  readonly handles: Readonly<Record<ObjectKind, HandleKnowledge>> | null;
}

export interface HandleKnowledge {
  /** Types of which each handle stands for one. */
  readonly types: RegExp;
  /** Whether it keeps objects of any type alive, as many as it likes. */
  readonly holdsOthers: boolean;
}

const NEVER = /(?!)/;

export const NOTHING_KNOWN: Knowledge = {
  caches: NEVER,
  registers: NEVER,
  functions: NEVER,
  makers: NEVER,
  parts: NEVER,
  handles: null,
};

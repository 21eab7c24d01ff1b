// Findings that are known and accepted, each with its reason. A file of them is text: one a line, `what:pattern`,
// two hyphens and the reason. `#` begins a comment.
//
//     # The class of this operation keeps one string for ever (GEGL 0.4.62).
//     function:gegl_op_*_class_init -- made once, known upstream
//     stack:src/undo.js -- the undo stack is bounded
//     type:GeglColor -- the palette
//     finding:buffer_alive_at_exit -- the process ends anyway

import { splitFrame } from '../recording/split-frame.ts';
import type { Finding } from '../recording/types.ts';

/** What a pattern is compared with. */
export const SUPPRESSED = ['function', 'stack', 'type', 'finding'] as const;

export interface Suppression {
  /**
   * `function`: the name of a function of the finding's stack, whole, `*` for anything; `stack`: any part of its
   * stack; `type`: the kind or type of its objects, as `function`; `finding`: its type, as `function`.
   */
  readonly what: (typeof SUPPRESSED)[number];
  readonly pattern: string;
  readonly reason: string;
}

export interface Suppressed {
  /** What was not suppressed. */
  readonly findings: readonly Finding[];
  /** With how many findings each has suppressed. */
  readonly used: readonly (Suppression & { readonly count: number })[];
  /** Those that fit nothing: what they were for is gone, or the pattern is wrong. */
  readonly unused: readonly Suppression[];
}

export class SuppressionError extends Error {
  override readonly name = 'SuppressionError';
  readonly code = 'INVALID_SUPPRESSION';
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, why: string) {
    super(`The suppressions are wrong in line ${line}: ${why}.`);
    this.line = line;
  }
}

/** @throws SuppressionError for a line that is none, or without a reason. */
export function parseSuppressions(text: string): Suppression[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) return [];
    const [rule = '', ...reasons] = content.split(/\s+--\s*/);
    const [, named, pattern = ''] = /^(\w+):(.*)$/.exec(rule.trim()) ?? [];
    const what = SUPPRESSED.find((known) => known === named);
    if (!what) {
      const known = SUPPRESSED.map((name) => `"${name}:"`).join(', ');
      throw new SuppressionError(index + 1, `it must begin with one of ${known}`);
    }
    if (pattern.trim() === '') throw new SuppressionError(index + 1, 'the pattern is missing');
    const reason = reasons.join(' -- ').trim();
    if (reason === '') {
      throw new SuppressionError(index + 1, 'the reason is missing: write it after " -- "');
    }
    return [{ what, pattern: pattern.trim(), reason }];
  });
}

/** @param given the text of a file, or what was parsed. @throws SuppressionError */
export function suppressionsFrom(given: string | readonly Suppression[]): readonly Suppression[] {
  return typeof given === 'string' ? parseSuppressions(given) : given;
}

/** The first suppression that fits a finding is used. */
export function applySuppressions(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
): Suppressed {
  const counts = suppressions.map(() => 0);
  const tests = suppressions.map(testOf);
  const left = findings.filter((finding) => {
    const place = tests.findIndex((fits) => fits(finding));
    if (place < 0) return true;
    counts[place] = (counts[place] ?? 0) + 1;
    return false;
  });
  return {
    findings: left,
    used: suppressions.flatMap((suppression, place) =>
      counts[place] ? [{ ...suppression, count: counts[place] }] : [],
    ),
    unused: suppressions.filter((_, place) => !counts[place]),
  };
}

function testOf({ what, pattern }: Suppression): (finding: Finding) => boolean {
  switch (what) {
    case 'finding': {
      const fits = nameTest(pattern);
      return ({ type }) => fits(type);
    }
    case 'type': {
      const fits = nameTest(pattern);
      return ({ details }) =>
        [details.kind, details.objectType].some((name) => typeof name === 'string' && fits(name));
    }
    default: {
      const fits = stackTest(what, pattern);
      return (finding) => stacksOf(finding).some(fits);
    }
  }
}

/** Whether a pattern is a name, whole; `*` is anything. */
export function nameTest(pattern: string): (name: string) => boolean {
  // No regular expression: of many `.*`, one can take for ever.
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  return (name) => {
    if (last === undefined) return name === first;
    let at = first.length;
    for (const part of parts) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.startsWith(first) && name.endsWith(last) && name.length >= at + last.length;
  };
}

/** Whether a pattern fits a stack, a frame a line: the name of a function of it, or any part. */
export function stackTest(what: 'function' | 'stack', pattern: string): (stack: string) => boolean {
  if (what === 'stack') return (stack) => stack.includes(pattern);
  const fits = nameTest(pattern);
  return (stack) => stack.split('\n').some((frame) => fits(splitFrame(frame).name));
}

/** Its own; where a finding has several places, all of them must be meant, so the first stands for all. */
function stacksOf({ details }: Finding): string[] {
  const { stack, sites } = details;
  const [first]: unknown[] = Array.isArray(sites) ? sites : [];
  const ofSite: unknown =
    first !== null && typeof first === 'object' && 'stack' in first ? first.stack : null;
  return [stack, ofSite].filter((text): text is string => typeof text === 'string');
}

// Findings as text: what leaks, how that is known, where it was made, who holds it and what to do.

import type { Finding } from '../../recording/types.ts';
import { evidenceOf, type Place } from './evidence.ts';
import { type Paint, wrap } from './layout.ts';
import { type Context, contextOf, type FormatOptions, indent, plural, textOf } from './parts.ts';

const FRAMES = 4;
/** Of one leak, the places that made most objects. */
const PLACES = 3;
/** Of what grew because of one leak. */
const EXPLAINED = 6;

/** One after the other, numbered, each with its stack. */
export function formatFindings(findings: readonly Finding[], options: FormatOptions = {}): string {
  return textOf([findingLines(findings, contextOf(options))]);
}

export function findingLines(findings: readonly Finding[], context: Context): string[] {
  const { paint, width } = context;
  const lines: string[] = [];
  findings.forEach((finding, index) => {
    const number = `${index + 1}.`.padStart(4);
    const color = finding.severity === 'error' ? 'red' : 'yellow';
    const message = wrap(finding.message, width - 5);
    if (index > 0) lines.push('');
    lines.push(
      `${number} ${paint(color, finding.severity)} ${paint('dim', finding.type)}`,
      ...indent(message, 5),
      ...indent(describeEvidence(finding, context), 5),
    );
  });
  return lines;
}

/** Where, how sure, how much an hour, who holds it, and what to do. */
function describeEvidence(finding: Finding, { width, paint, root }: Context): string[] {
  const { places, facts, path, advice, explains } = evidenceOf(finding, root);
  const hidden = places.length - PLACES;
  return [
    ...describePlaces(places.slice(0, PLACES), paint),
    ...(hidden > 0 ? [paint('dim', `and ${plural(hidden, 'place')} more`)] : []),
    ...(facts.length > 0 ? [facts.join(', ')] : []),
    ...(path.length > 0 ? wrap(`held by ${path.join(' > ')}`, width - 5) : []),
    ...(explains.length > 0
      ? wrap(`Grew because of it: ${shorten(explains, EXPLAINED)}`, width - 5)
      : []),
    ...(advice === null ? [] : wrap(`What to do: ${advice}`, width - 5)),
  ];
}

function shorten(texts: readonly string[], limit: number): string {
  const rest = texts.length - limit;
  return [...texts.slice(0, limit), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}

function describePlaces(places: readonly Place[], paint: Paint): string[] {
  const tops = new Set<string>();
  return places.flatMap(({ what, frames }) => {
    const top = frames[0] ?? '';
    // A second place is told by its first frame, unless that is the same: then by its callers.
    const isKnown = tops.size === 0 || tops.has(top);
    tops.add(top);
    const rest = isKnown ? frames.length - FRAMES : 0;
    return [
      ...(what === null ? [] : [what]),
      ...frames
        .slice(0, isKnown ? FRAMES : 1)
        .map((frame, depth) => paint(depth === 0 ? 'cyan' : 'dim', `  at ${frame}`)),
      ...(rest > 0 ? [paint('dim', `  and ${plural(rest, 'frame')} more`)] : []),
    ];
  });
}

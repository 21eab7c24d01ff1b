// The tables as text.

import { printTable } from '../profiler/table.ts';
import type { Score } from './grade.ts';

export function printScores(title: string, scores: readonly Score[]): void {
  printTable(
    title,
    [
      '',
      'recall',
      'at any time',
      'false positives',
      'at any time',
      'steps to detection',
      'guilty site first, of those detected',
    ],
    scores.map((score) => [
      score.detector,
      share(score.detected, score.leaking),
      share(score.everDetected, score.leaking),
      share(score.falseAlarms, score.clean),
      share(score.passingAlarms, score.clean),
      score.medianDelay === null ? '' : `${score.medianDelay}`,
      share(score.named, score.detected),
    ]),
  );
}

/** The runs that the last detector, which stands for all, did not get right. */
export function printFailures(title: string, { verdicts }: Score): void {
  const lines = new Map<string, string[]>();
  for (const { scenario, steps, isLeaking, isReported, namesSite, told } of verdicts) {
    const fault =
      isLeaking !== isReported
        ? isLeaking
          ? 'missed'
          : 'false alarm'
        : isLeaking && !namesSite
          ? 'another site first'
          : null;
    if (fault === null) continue;
    const key = `${fault}: ${scenario}`;
    lines.set(key, [
      ...(lines.get(key) ?? []),
      told ? `${steps} steps, ${told}` : `${steps} steps`,
    ]);
  }
  console.log(`\n${title}: ${lines.size === 0 ? 'none' : ''}`);
  for (const [line, cases] of [...lines].sort()) {
    console.log([`  ${line}`, ...cases].join('\n    '));
  }
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} % (${part}/${whole})`;
}

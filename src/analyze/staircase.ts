// Growth in steps: an array that doubles, an arena that takes one more page. Between two steps nothing is seen, so no
// trend test believes in it; but where use grows evenly, each step lasts as long as the room that it made.

import type { Series, Trend } from './trend.ts';

/** The last steps are tested; the first ones are warm-up. */
const MAX_STEPS = 8;
/** Times between steps. */
const MIN_TIMES = 3;
/** Samples from the first of these steps to the last: less may be the building of one table. */
const MIN_SPAN = 60;
/** By what share a time may differ from what the room lasts for, beside the sample in which a step is seen. */
const MAX_DEVIATION = 0.25;

interface Step {
  readonly row: number;
  readonly at: number;
  readonly room: number;
}

/**
 * Null where it does not grow in such steps, or has stopped. Confidence is 1 - p, and p the chance that steps at random
 * times come so evenly: spacings of random times are Dirichlet distributed (Pyke, J. Royal Statistical Society B 27,
 * 1965), so that of n times all but the longest lie within their bounds with a chance of at most (n - 1)! times the
 * product of the widths of these bounds.
 */
export function findStaircase({ sequence, elapsed, values }: Series): Trend | null {
  const steps = stepsOf(sequence, values)?.slice(-MAX_STEPS) ?? [];
  const [first] = steps;
  const last = steps.at(-1);
  if (!first || !last || steps.length <= MIN_TIMES) return null;
  const span = last.at - first.at;
  const filled = steps.slice(0, -1).reduce((sum, { room }) => sum + room, 0);
  const samplesPerByte = span / filled;
  const times = steps.slice(1).map(({ at }, before) => ({
    time: at - (steps[before]?.at ?? 0),
    expected: (steps[before]?.room ?? 0) * samplesPerByte,
  }));
  const deviation = Math.max(
    ...times.map(({ time, expected }) => (Math.abs(time - expected) - 1) / expected),
    0,
  );
  const now = sequence.at(-1) ?? 0;
  const due = last.room * samplesPerByte * (1 + MAX_DEVIATION) + 1;
  if (span < MIN_SPAN || deviation > MAX_DEVIATION || now - last.at > due) return null;
  const seconds = ((elapsed[last.row] ?? 0) - (elapsed[first.row] ?? 0)) / 1000;
  const from = values[first.row] ?? 0;
  const to = values.at(-1) ?? 0;
  return {
    slopePerSample: 1 / samplesPerByte,
    slopePerSecond: seconds > 0 ? filled / seconds : 0,
    confidence: 1 - chance(times, deviation, span),
    steady: true,
    from,
    to,
    growth: to - from,
    since: first.at,
    isYoung: false,
  };
}

/** Null where anything was ever given back. */
function stepsOf(sequence: readonly number[], values: readonly number[]): Step[] | null {
  const steps: Step[] = [];
  for (let row = 1; row < values.length; row++) {
    const room = (values[row] ?? 0) - (values[row - 1] ?? 0);
    if (room < 0) return null;
    if (room > 0) steps.push({ row, at: sequence[row] ?? 0, room });
  }
  return steps;
}

function chance(
  times: readonly { readonly expected: number }[],
  deviation: number,
  span: number,
): number {
  const expected = times.map((time) => time.expected).sort((a, b) => a - b);
  return expected
    .slice(0, -1)
    .reduce((p, time, at) => p * (at + 1) * ((2 * (deviation * time + 1)) / span), 1);
}

// Whether one series grows in step with another: with each of these come so many of those, all along.

/** Parts of the time whose lowest values are compared. */
const PARTS = 10;
/** What may be left over, or too much, at any time: a share of the growth. */
const TOLERANCE = 0.1;

/** By how much the lowest value of the last tenth is above that of the first. */
export function floorGrowth(values: readonly number[]): number {
  const floors = floorsOf(values);
  return (floors.at(-1) ?? 0) - (floors[0] ?? 0);
}

/** The lowest value of each tenth: what is only at work for a moment does not show. */
function floorsOf(values: readonly number[]): number[] {
  const width = values.length / PARTS;
  return Array.from({ length: PARTS }, (_, part) =>
    values
      .slice(Math.floor(part * width), Math.floor((part + 1) * width))
      .reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  );
}

/** Whether a series stays as it is, all along, but for a share of `growth` and for `slack`. */
export function isLevel(
  values: readonly number[],
  growth: number,
  { tolerance = TOLERANCE, slack = 0 } = {},
): boolean {
  const floors = floorsOf(values);
  return Math.max(...floors) - Math.min(...floors) <= Math.max(tolerance * growth, slack);
}

/** Fewer than this may come at the same time by chance. */
const MIN_CAUSES = 3;

/** How many of the one come with each of the other; null where they do not grow in step. */
export function timesInStep(values: readonly number[], causes: readonly number[]): number | null {
  const growth = floorGrowth(values);
  const ofCauses = floorGrowth(causes);
  const times = Math.round(growth / ofCauses);
  if (ofCauses < MIN_CAUSES || times < 1) return null;
  // One may be on its way.
  return isLevel(less(values, causes, times), growth, { slack: times }) ? times : null;
}

/** Row by row; what is not known is none. */
export function less(
  values: readonly (number | null)[],
  others: readonly (number | null)[],
  times = 1,
): readonly number[] {
  return values.map((value, row) => (value ?? 0) - times * (others[row] ?? 0));
}

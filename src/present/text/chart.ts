// A series over time as rows of block characters, eight levels a row.

const BLOCKS = ' ▁▂▃▄▅▆▇█';
const LEVELS = BLOCKS.length - 1;
/** A sample stands for the time up to the next one, unless that is later than this many intervals. */
const HOLD_INTERVALS = 3;

export interface ChartPoint {
  /** Milliseconds. */
  readonly elapsed: number;
  /** Null is unknown, and drawn as a gap. */
  readonly value: number | null;
}

/** The highest known value in each of `width` equal stretches of time; null where none is known. */
export function toColumns(points: readonly ChartPoint[], width: number): (number | null)[] {
  const first = points[0]?.elapsed ?? 0;
  const span = (points.at(-1)?.elapsed ?? first) - first;
  const columns = new Array<number | null>(width).fill(null);
  const hold = HOLD_INTERVALS * medianInterval(points);
  const columnAt = (elapsed: number) =>
    span > 0 ? Math.min(width - 1, Math.floor(((elapsed - first) / span) * width)) : 0;
  points.forEach(({ elapsed, value }, index) => {
    if (value === null) return;
    const next = points[index + 1]?.elapsed ?? elapsed;
    const begin = columnAt(elapsed);
    const end = next - elapsed <= hold ? Math.max(begin + 1, columnAt(next)) : begin + 1;
    for (let column = begin; column < end; column++) {
      columns[column] = Math.max(columns[column] ?? value, value);
    }
  });
  return columns;
}

/** Rows of text, highest first. `top` is the value that fills all rows. */
export function drawArea(
  columns: readonly (number | null)[],
  top: number,
  rows: number,
): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * LEVELS;
    const cells = columns.map((value) => {
      if (value === null || top <= 0) return ' ';
      const level = Math.round((value / top) * rows * LEVELS);
      // What is there at all shows, however little.
      const shown = value > 0 ? Math.max(level, 1) : level;
      return BLOCKS[Math.min(Math.max(shown - below, 0), LEVELS)] ?? ' ';
    });
    return cells.join('');
  });
}

function medianInterval(points: readonly ChartPoint[]): number {
  const intervals = points
    .slice(1)
    .map(({ elapsed }, index) => elapsed - (points[index]?.elapsed ?? 0))
    .sort((a, b) => a - b);
  return intervals[intervals.length >> 1] ?? 0;
}

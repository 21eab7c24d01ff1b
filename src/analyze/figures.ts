// Figures as a person reads them, for the sentences of findings (details keep the exact numbers), and
// figures made of many, some of which are not known.

export const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `1.5 MB`; 1 KB is 1024 B here, as in the tools that show a heap's size. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatNumber(value)} ${UNITS[unit]}`;
}

/** Three digits are enough to read. */
export function formatNumber(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

/** `99.5 %`, rounded down, since nothing is certain but what is 1. */
export function formatShare(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}

/** What `combine` makes of the values that are known; null when none is. */
export function combineKnown(
  values: readonly (number | null)[],
  combine: (a: number, b: number) => number,
): number | null {
  return values.reduce((a, b) => (a === null || b === null ? (a ?? b) : combine(a, b)), null);
}

/** Row by row; null in rows where one is. */
export function sumColumns(columns: readonly (readonly (number | null)[])[]): (number | null)[] {
  return (columns[0] ?? []).map((_, row) =>
    columns.reduce<number | null>((all, column) => {
      const value = column[row] ?? null;
      return all === null || value === null ? null : all + value;
    }, 0),
  );
}

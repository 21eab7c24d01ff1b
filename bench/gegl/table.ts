// The table that bench:gegl prints.

export interface Row {
  work: string;
  /** Milliseconds. */
  wasm: number[];
  native: number[];
  goal: string;
}

export function printTable(rows: readonly Row[]): void {
  const header = ['', 'wasm', 'native', 'ratio', 'goal'];
  const table = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  console.log(
    '\nMilliseconds: median (minimum). Ratio of wasm to native: of the medians (of the minima).\n',
  );
  console.log(lines.join('\n'));
}

function cellsOf({ work, wasm, native, goal }: Row): string[] {
  const ratio = median(wasm) / median(native);
  const ratioOfMinima = minimum(wasm) / minimum(native);
  return [
    work,
    `${median(wasm).toFixed(1)} (${minimum(wasm).toFixed(1)})`,
    `${median(native).toFixed(1)} (${minimum(native).toFixed(1)})`,
    `${ratio.toFixed(2)} (${ratioOfMinima.toFixed(2)})`,
    goal,
  ];
}

export function minimum(values: readonly number[]): number {
  return Math.min(...values);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

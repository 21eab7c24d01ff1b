// Live figures by type, site and operation over time: a row a snapshot, thinned evenly. Sites are kept by number
// and become stacks only when somebody asks, so that a row costs little.

import type { RecordedSeries } from '../../recording/evidence-types.ts';
import type { LiveFigures } from './live.ts';

const MAX_ROWS = 240;
/** Of types, sites and operations each. */
const MAX_LISTED = 200;
/** The share of time that the rows of the timer may cost. */
const BUDGET = 0.02;

export class SeriesRecorder {
  #elapsed: number[] = [];
  #sequence: number[] = [];
  #hasSites: boolean[] = [];
  readonly #types = new Table();
  readonly #sites = new Table();
  readonly #operations = new Table();
  /** Snapshots from one row to the next. */
  #stride = 1;
  #nextSequence = 0;
  #nextTime = 0;

  /** @param isTimed whether it comes by itself: then it keeps to its budget. */
  add(elapsed: number, sequence: number, isTimed: boolean, read: () => LiveFigures): void {
    if (sequence < this.#nextSequence || (isTimed && elapsed < this.#nextTime)) return;
    const before = performance.now();
    const { types, forEachSite, operations } = read();
    const row = this.#elapsed.length;
    this.#elapsed.push(elapsed);
    this.#sequence.push(sequence);
    this.#hasSites.push(forEachSite !== null);
    for (const [name, { blocks }] of types) this.#types.set(name, row, 0, blocks);
    forEachSite?.((site, blocks, bytes) => this.#sites.set(site, row, bytes, blocks));
    for (const [name, { bytes, blocks }] of operations) {
      this.#operations.set(name, row, bytes, blocks);
    }
    if (this.#elapsed.length >= MAX_ROWS) this.#thin();
    this.#nextSequence = (this.#sequence.at(-1) ?? sequence) + this.#stride;
    this.#nextTime = elapsed + (performance.now() - before) / BUDGET;
  }

  /** @param stackOf frames as text, innermost first; none where they are not known. */
  build(stackOf: (site: number) => readonly string[], sampleMean: number | null): RecordedSeries {
    const rows = this.#elapsed.length;
    const known = (row: number, value: number) => (this.#hasSites[row] ? value : null);
    const sites = new Map<
      string,
      { stack: readonly string[]; bytes: number[]; blocks: number[] }
    >();
    // Sites that differ in frames that no reader is shown are one.
    for (const [site, columns] of this.#sites.most(MAX_LISTED * 2, rows)) {
      const stack = stackOf(Number(site));
      if (stack.length === 0) continue;
      const key = stack.join('\n');
      const same = sites.get(key);
      if (same) {
        for (let row = 0; row < rows; row++) {
          same.bytes[row] = (same.bytes[row] ?? 0) + (columns.bytes[row] ?? 0);
          same.blocks[row] = (same.blocks[row] ?? 0) + (columns.blocks[row] ?? 0);
        }
      } else sites.set(key, { stack, ...columns });
    }
    return {
      elapsed: [...this.#elapsed],
      sequence: [...this.#sequence],
      sampleMean,
      types: this.#types.most(MAX_LISTED, rows).map(([name, { blocks }]) => ({
        name: String(name),
        live: blocks,
      })),
      sites: [...sites.values()].slice(0, MAX_LISTED).map(({ stack, bytes, blocks }) => ({
        stack,
        liveBytes: bytes.map((value, row) => known(row, Math.round(value))),
        liveBlocks: blocks.map((value, row) => known(row, Math.round(value * 100) / 100)),
      })),
      operations: this.#operations.most(MAX_LISTED, rows).map(([name, { bytes, blocks }]) => ({
        name: String(name),
        liveBytes: bytes,
        liveBlocks: blocks,
      })),
    };
  }

  #thin(): void {
    const isKept = (_: unknown, row: number) => row % 2 === 0;
    this.#elapsed = this.#elapsed.filter(isKept);
    this.#sequence = this.#sequence.filter(isKept);
    this.#hasSites = this.#hasSites.filter(isKept);
    for (const table of [this.#types, this.#sites, this.#operations]) table.thin();
    this.#stride *= 2;
  }
}

interface Columns {
  readonly bytes: number[];
  readonly blocks: number[];
}

/** Two columns for each name; before a name was first seen, and where it is not named, it has nothing. */
class Table {
  readonly #columns = new Map<string | number, { bytes: Float64Array; blocks: Float32Array }>();

  set(name: string | number, row: number, bytes: number, blocks: number): void {
    let columns = this.#columns.get(name);
    if (!columns) {
      if (blocks === 0) return;
      columns = { bytes: new Float64Array(MAX_ROWS), blocks: new Float32Array(MAX_ROWS) };
      this.#columns.set(name, columns);
    }
    columns.bytes[row] = bytes;
    columns.blocks[row] = blocks;
  }

  thin(): void {
    for (const { bytes, blocks } of this.#columns.values()) {
      for (let row = 0; row < MAX_ROWS; row += 2) {
        bytes[row / 2] = bytes[row] ?? 0;
        blocks[row / 2] = blocks[row] ?? 0;
      }
      bytes.fill(0, MAX_ROWS / 2);
      blocks.fill(0, MAX_ROWS / 2);
    }
  }

  /** Those that gained most blocks and those that gained most bytes since the first third, in turn; then any others. */
  most(limit: number, rows: number): (readonly [string | number, Columns])[] {
    const start = Math.floor(rows / 3);
    const gained = (column: Float64Array | Float32Array) =>
      (column[rows - 1] ?? 0) - (column[start] ?? 0);
    const all = [...this.#columns].map(([name, { bytes, blocks }]) => ({
      name,
      bytes,
      blocks,
      gains: [gained(blocks), gained(bytes)],
    }));
    // In a long session most stay as they are, and sorting all would take long.
    const growing = all.filter(({ gains }) => gains.some((gain) => gain > 0));
    const orders = [0, 1].map((order) => {
      const gainsOf = ({ gains }: (typeof all)[number]) => gains[order] ?? 0;
      const least = Float64Array.from(growing, gainsOf).sort().at(-limit) ?? -Infinity;
      const most = growing.filter((one) => gainsOf(one) >= least);
      return most.sort((a, b) => gainsOf(b) - gainsOf(a));
    });
    const chosen = new Set<(typeof all)[number]>();
    for (let place = 0; place < growing.length && chosen.size < limit; place++) {
      for (const order of orders) {
        const one = order[place];
        if (one && chosen.size < limit) chosen.add(one);
      }
    }
    for (const one of all) {
      if (chosen.size >= limit) break;
      chosen.add(one);
    }
    return [...chosen].map(({ name, bytes, blocks }) => [
      name,
      { bytes: Array.from(bytes.subarray(0, rows)), blocks: Array.from(blocks.subarray(0, rows)) },
    ]);
  }
}

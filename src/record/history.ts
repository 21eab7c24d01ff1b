// Snapshots by column, bounded: when there are too many, old ones are thinned out evenly. Of each
// stretch the first snapshot stays, and where it rises above its neighbours, its peak.

import { byName } from '../recording/by-name.ts';
import { COLUMN_NAMES, type ColumnName, type SnapshotColumns } from '../recording/types.ts';

/** One snapshot, by column name. */
export type Row = { readonly [Name in ColumnName]: SnapshotColumns[Name][number] };

type MutableColumns = { -readonly [Name in ColumnName]: SnapshotColumns[Name][number][] };

/** The latest snapshots are never thinned: a tenth of all. */
const RECENT_SHARE = 0.1;
/** A peak is kept for this many stretches together. */
const STRETCHES_A_PEAK = 8;

export class History {
  /** The most snapshots that are kept, at least 10. */
  limit: number;
  #columns: MutableColumns = emptyColumns();
  /** Snapshots of a stretch: a power of two, which grows as the recording does. */
  #stretch = 1;
  #count = 0;
  #last: Row | null = null;
  /** The snapshot before the last one, where both are of one heap. */
  before: Row | null = null;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#columns.elapsed.length;
  }

  get last(): Row | null {
    return this.#last;
  }

  get columns(): SnapshotColumns {
    return this.#columns;
  }

  /** As they are now, whatever is added. */
  copyColumns(): SnapshotColumns {
    return byName(COLUMN_NAMES, (name) => [...this.#columns[name]]) as MutableColumns;
  }

  add(row: Omit<Row, 'sequence'>): Row {
    if (this.length >= this.limit) this.#thin();
    this.#count += 1;
    const whole: Row = { ...row, sequence: this.#count };
    append(this.#columns, whole);
    this.before = this.#last;
    this.#last = whole;
    return whole;
  }

  /** What was in the heap so far is unknown: it was another one. */
  forgetHeap(): void {
    for (const name of ['heapSize', 'heapUsed', 'liveBytes', 'liveBlocks'] as const) {
      this.#columns[name].fill(null);
    }
    this.#last = null;
  }

  clear(): void {
    this.#columns = emptyColumns();
    this.#stretch = 1;
    this.#count = 0;
    this.#last = null;
  }

  #thin(): void {
    const recent = this.length - Math.ceil(this.limit * RECENT_SHARE);
    const target = this.limit / 2;
    // What is no longer recent is thinned as the old is; only where that is not enough, all grows coarser.
    let kept = chooseKept(this.#columns, recent, this.#stretch);
    while (kept.length > target) {
      this.#stretch *= 2;
      kept = chooseKept(this.#columns, recent, this.#stretch);
    }
    for (let index = recent; index < this.length; index++) kept.push(index);
    const columns = byName(COLUMN_NAMES, (name) =>
      kept.map((index) => this.#columns[name][index] ?? null),
    ) as MutableColumns;
    this.#columns = columns;
  }
}

function chooseKept(columns: SnapshotColumns, end: number, stretch: number): number[] {
  const kept = new Set<number>();
  const peaks = new Map<number, number>();
  let before = -1;
  for (let index = 0; index < end; index++) {
    const current = Math.floor((columns.sequence[index] ?? 0) / stretch);
    if (current !== before) kept.add(index);
    before = current;
    const group = Math.floor(current / STRETCHES_A_PEAK);
    const peak = peaks.get(group);
    if (peak === undefined || isHigher(columns, index, peak)) peaks.set(group, index);
  }
  for (const peak of peaks.values()) kept.add(peak);
  return [...kept].sort((a, b) => a - b);
}

/** By bytes in use; a snapshot where they are unknown is no peak of them, whatever its heap's size. */
function isHigher({ heapUsed, heapSize }: SnapshotColumns, index: number, than: number): boolean {
  const difference = (heapUsed[index] ?? -1) - (heapUsed[than] ?? -1);
  return (difference || (heapSize[index] ?? -1) - (heapSize[than] ?? -1)) > 0;
}

function emptyColumns(): MutableColumns {
  return byName(COLUMN_NAMES, () => []) as MutableColumns;
}

export function rowAt(columns: SnapshotColumns, index: number): Row {
  return byName(COLUMN_NAMES, (name) => columns[name][index] ?? null) as Row;
}

function append(columns: MutableColumns, row: Row): void {
  for (const name of COLUMN_NAMES) (columns[name] as (number | null)[]).push(row[name]);
}

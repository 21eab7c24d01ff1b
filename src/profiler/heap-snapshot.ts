// A heap snapshot: who holds what in a WebAssembly heap, at one moment.

import {
  ambiguousShare,
  type HeapGraph,
  type HeapImage,
  NONE,
  type PathStep,
  retainerPath,
  walkDominators,
} from '../analyze/heap-graph/index.ts';
import { formatHeapSnapshot } from '../present/formats/heapsnapshot.ts';
import { findBlock } from '../record/heap/contents.ts';
import type { FollowedGroup } from './unreachable-history.ts';

export type { FollowedGroup as UnreachableGroup, PathStep };

/** Blocks of one type; what retains others retains their bytes, too. */
export interface HeapSnapshotType {
  /** A GType's name, 'tile data', ...; null: not known. */
  readonly type: string | null;
  readonly count: number;
  readonly selfBytes: number;
  /** What would be free without all of them. */
  readonly retainedBytes: number;
}

export interface HeapSnapshotSite {
  /** Innermost first; null: not known. */
  readonly stack: readonly string[] | null;
  readonly count: number;
  readonly selfBytes: number;
  readonly retainedBytes: number;
}

export interface HeapSnapshotParts {
  readonly image: HeapImage;
  readonly graph: HeapGraph;
  readonly isBaseline: boolean;
  /** What nobody holds beyond the baseline. */
  readonly groups: readonly FollowedGroup[];
  readonly pauseMs: number;
  readonly knowsStack: boolean;
  readonly knowsHandles: boolean;
}

interface Totals {
  readonly blocks: number;
  readonly bytes: number;
}

export class HeapSnapshot {
  /** For tools; see docs/heap-snapshots.md. */
  readonly image: HeapImage;
  readonly graph: HeapGraph;
  readonly isBaseline: boolean;
  /** Milliseconds for which the page was stopped; 0 where it was taken in slices. */
  readonly pauseMs: number;
  /** False where the idle stack was not told from static data: old pointers in it may hide leaks. */
  readonly knowsStack: boolean;
  /**
   * Whether all is known that JavaScript holds of this module, by GEGL's wrapper or classes. Where it is not, handles of
   * bindings are known, and what JavaScript keeps by numbers looks as if nobody did.
   */
  readonly knowsHandles: boolean;
  readonly #groups: readonly FollowedGroup[];
  #explained: number | null = null;

  constructor(parts: HeapSnapshotParts) {
    this.image = parts.image;
    this.graph = parts.graph;
    this.isBaseline = parts.isBaseline;
    this.pauseMs = parts.pauseMs;
    this.knowsStack = parts.knowsStack;
    this.knowsHandles = parts.knowsHandles;
    this.#groups = parts.groups;
  }

  /** Milliseconds since 1970. */
  get takenAt(): number {
    return this.image.takenAt;
  }

  /** Live blocks. */
  get blocks(): number {
    return this.image.blocks.addresses.length;
  }

  get bytes(): number {
    return this.image.blocks.sizes.reduce((sum, size) => sum + size, 0);
  }

  get reachable(): Totals {
    const { blocks, bytes } = this.unreachable;
    return { blocks: this.blocks - blocks, bytes: this.bytes - bytes };
  }

  /** Of the whole heap, what the baseline knew included. */
  get unreachable(): Totals {
    const { reachable } = this.graph;
    let blocks = 0;
    let bytes = 0;
    for (let block = 0; block < reachable.length; block++) {
      if (reachable[block]) continue;
      blocks += 1;
      bytes += this.#sizeOf(block);
    }
    return { blocks, bytes };
  }

  /** The share of pointers into the middle of blocks, or with tags: they may be mere numbers. */
  get ambiguousShare(): number {
    return ambiguousShare(this.graph) ?? 0;
  }

  /**
   * The share of bytes of which it is known what they are for: blocks with a type, of an operation's run or with a
   * stack that has a named function, and what only such blocks hold. Null for an empty heap.
   */
  get explained(): number | null {
    this.#explained ??= this.#explain();
    return this.#explained;
  }

  /** Most retained bytes first. */
  types(): HeapSnapshotType[] {
    const { labels } = this.image;
    return this.#sum(this.image.blocks.labels).map(([label, figures]) => ({
      type: labels[label - 1] ?? null,
      ...figures,
    }));
  }

  /** Most retained bytes first. */
  sites(): HeapSnapshotSite[] {
    return this.#sum(this.image.blocks.sites).map(([site, figures]) => ({
      stack: this.image.sites[site - 1]?.stack ?? null,
      ...figures,
    }));
  }

  /**
   * What nobody holds and the baseline did not know, by type and site; most bytes first. The baseline itself
   * has none.
   */
  unreachableGroups(): FollowedGroup[] {
    return [...this.#groups];
  }

  /**
   * Who holds a block: a shortest way from static data, a handle or a global to it, both included. From the top
   * of its structure on where nobody does. Null where no block is at the address.
   */
  retainerPath(address: number): PathStep[] | null {
    const block = findBlock(this.image.blocks, address);
    return block < 0 ? null : retainerPath(this.graph, this.image, block);
  }

  /**
   * The text of a .heapsnapshot file, which Chrome's DevTools and memlab open.
   *
   * @throws HeapSnapshotFileError `HEAP_SNAPSHOT_TOO_LARGE` beyond the longest string of V8's, some 512 MB.
   */
  toHeapSnapshot(): string {
    return formatHeapSnapshot(this.image, this.graph);
  }

  #sizeOf(block: number): number {
    return this.image.blocks.sizes[block] ?? 0;
  }

  /** Figures by the values of a column, most retained bytes first. */
  #sum(column: Uint32Array) {
    const { dominators, retained, blockCount } = this.graph;
    const sums = new Map<number, ReturnType<typeof newSum>>();
    for (const step of walkDominators(dominators, blockCount)) {
      const block = step < 0 ? ~step : step;
      const value = column[block] ?? 0;
      const sum = sums.get(value) ?? newSum();
      sums.set(value, sum);
      if (step < 0) {
        sum.above -= 1;
        continue;
      }
      sum.count += 1;
      sum.selfBytes += this.#sizeOf(block);
      // What another of the same kind retains is counted with that.
      if (sum.above === 0) sum.retainedBytes += retained[block] ?? 0;
      sum.above += 1;
    }
    return [...sums]
      .map(([value, { above: _, ...sum }]) => [value, sum] as const)
      .sort(([, a], [, b]) => b.retainedBytes - a.retainedBytes);
  }

  #explain(): number | null {
    const { labels, scopes, sites, sizes } = this.image.blocks;
    const { dominators, blockCount } = this.graph;
    const isNamed = this.image.sites.map(({ stack }) =>
      stack.some((frame) => !/^wasm-function\[/.test(frame)),
    );
    /** 1: no, 2: yes. */
    const answers = new Uint8Array(blockCount);
    let explained = 0;
    let bytes = 0;
    for (let block = 0; block < blockCount; block++) {
      const way: number[] = [];
      let answer = 0;
      for (let at = block; answer === 0; at = dominators[at] ?? NONE) {
        if (at >= blockCount) answer = 1;
        else if (answers[at]) answer = answers[at] ?? 1;
        else if (labels[at] || scopes[at] || isNamed[(sites[at] ?? 0) - 1]) answer = 2;
        if (at < blockCount) way.push(at);
      }
      for (const passed of way) answers[passed] = answer;
      const size = sizes[block] ?? 0;
      bytes += size;
      if (answer === 2) explained += size;
    }
    return bytes === 0 ? null : explained / bytes;
  }
}

/** `above`: how many of the same kind stand above the block at hand. */
function newSum() {
  return { count: 0, selfBytes: 0, retainedBytes: 0, above: 0 };
}

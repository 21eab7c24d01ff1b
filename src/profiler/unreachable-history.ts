// What becomes of unreachable blocks, from heap snapshot to heap snapshot. One that is freed later was no leak: the
// program still knew it, by a pointer in a form that no scan sees, such as a number that JavaScript keeps. So it may be
// with others of that place, then.

import {
  groupKey,
  groupUnreachable,
  type HeapGraph,
  type HeapImage,
  type UnreachableGroup,
} from '../analyze/heap-graph/index.ts';
import { findBlock } from '../record/heap/contents.ts';

/** With what became of this place's. */
export interface FollowedGroup extends UnreachableGroup {
  /** Structures that an earlier heap snapshot found, and that have been freed since. */
  readonly freed: number;
  /** Structures that still are there although allocated before the last of those. */
  readonly overdue: number;
}

interface Place {
  /** What heap snapshots found: address and number of the allocation, which no other block has. */
  readonly heads: Map<number, number>;
  freed: number;
  /** The latest allocation among those freed. */
  lastFreed: number;
}

interface Analyzed {
  readonly image: HeapImage;
  readonly graph: HeapGraph;
}

/** Of one heap. */
export class UnreachableHistory {
  /** Whether any heap snapshot knew what JavaScript holds: an engine may have exited since. */
  knowsHandles = false;
  readonly #places = new Map<string, Place>();
  #baseline: ReadonlyMap<number, number> | null = null;

  get hasBaseline(): boolean {
    return this.#baseline !== null;
  }

  /** To be told of each heap snapshot. What is unreachable beyond the baseline; nothing, in a baseline. */
  add({ image, graph }: Analyzed, isBaseline: boolean): FollowedGroup[] {
    for (const place of this.#places.values()) dropFreed(place, image);
    const known = isBaseline ? null : this.#baseline;
    const { addresses, sequences } = image.blocks;
    const groups = groupUnreachable(graph, image, {
      isLeftOut: (block) => known?.get(addresses[block] ?? -1) === sequences[block],
    });
    for (const group of groups) this.#remember(group, image);
    if (!isBaseline) return groups.map((group) => this.#follow(group, image));
    this.#baseline = unreachableBlocks(image, graph);
    return [];
  }

  #remember(group: UnreachableGroup, image: HeapImage): void {
    const key = groupKey(group);
    const place = this.#places.get(key) ?? { heads: new Map(), freed: 0, lastFreed: 0 };
    this.#places.set(key, place);
    for (const address of group.addresses) {
      const sequence = sequenceAt(image, address);
      if (sequence !== null) place.heads.set(address, sequence);
    }
  }

  #follow(group: UnreachableGroup, image: HeapImage): FollowedGroup {
    const { freed, lastFreed } = this.#places.get(groupKey(group)) ?? { freed: 0, lastFreed: 0 };
    const isOverdue = (address: number) =>
      freed > 0 && isBefore(sequenceAt(image, address) ?? 0, lastFreed);
    return { ...group, freed, overdue: group.addresses.filter(isOverdue).length };
  }
}

function dropFreed(place: Place, image: HeapImage): void {
  for (const [address, sequence] of place.heads) {
    if (sequenceAt(image, address) === sequence) continue;
    place.heads.delete(address);
    if (place.freed === 0 || isBefore(place.lastFreed, sequence)) place.lastFreed = sequence;
    place.freed += 1;
  }
}

function unreachableBlocks({ blocks }: HeapImage, { reachable }: HeapGraph): Map<number, number> {
  const found = new Map<number, number>();
  reachable.forEach((isReachable, block) => {
    if (!isReachable) found.set(blocks.addresses[block] ?? 0, blocks.sequences[block] ?? 0);
  });
  return found;
}

/** Null where no block starts. */
function sequenceAt({ blocks }: HeapImage, address: number): number | null {
  const place = findBlock(blocks, address);
  return blocks.addresses[place] === address ? (blocks.sequences[place] ?? null) : null;
}

/** Numbers of allocations go round. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

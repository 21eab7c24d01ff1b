// What came and went between two heap snapshots.

import type { HeapImage } from './types.ts';

export interface Amount {
  readonly blocks: number;
  readonly bytes: number;
}

export interface Change {
  /** In the second heap snapshot only. */
  readonly new: Amount;
  /** In the first only. */
  readonly freed: Amount;
  /** In both. */
  readonly surviving: Amount;
}

export interface HeapDiff extends Change {
  /** By what blocks are known to be (null: not known); most growth in bytes first. */
  readonly byType: readonly (Change & { readonly type: string | null })[];
  /** By where blocks were allocated (null: not known); most growth in bytes first. */
  readonly bySite: readonly (Change & { readonly stack: readonly string[] | null })[];
  /** Places of the new blocks in the second image, and of the freed ones in the first. */
  readonly newBlocks: Uint32Array<ArrayBuffer>;
  readonly freedBlocks: Uint32Array<ArrayBuffer>;
}

type Way = keyof Change;
type MutableChange = Record<Way, { blocks: number; bytes: number }>;

/**
 * New, freed and surviving blocks, in total, by type and by site. A block survives where address and number
 * of the allocation are equal; it is counted with what the second heap snapshot knows of it.
 */
export function diffHeapSnapshots(
  { image: a }: { readonly image: HeapImage },
  { image: b }: { readonly image: HeapImage },
): HeapDiff {
  const total = newChange();
  const types = new Map<string | null, MutableChange>();
  const sites = new Map<string, { stack: readonly string[] | null; change: MutableChange }>();
  const keys = new Map([a, b].map((image) => [image, siteKeys(image)]));
  const add = (way: Way, image: HeapImage, block: number) => {
    const { blocks } = image;
    const bytes = blocks.sizes[block] ?? 0;
    const type = image.labels[(blocks.labels[block] ?? 0) - 1] ?? null;
    const site = blocks.sites[block] ?? 0;
    const key = keys.get(image)?.[site] ?? '';
    const byType = types.get(type) ?? newChange();
    types.set(type, byType);
    const bySite = sites.get(key) ?? {
      stack: image.sites[site - 1]?.stack ?? null,
      change: newChange(),
    };
    sites.set(key, bySite);
    for (const change of [total, byType, bySite.change]) {
      change[way].blocks++;
      change[way].bytes += bytes;
    }
  };

  const newBlocks: number[] = [];
  const freedBlocks: number[] = [];
  let before = 0;
  let after = 0;
  const [old, now] = [a.blocks, b.blocks];
  while (before < old.addresses.length || after < now.addresses.length) {
    const oldAddress = old.addresses[before] ?? Number.POSITIVE_INFINITY;
    const newAddress = now.addresses[after] ?? Number.POSITIVE_INFINITY;
    if (oldAddress === newAddress && old.sequences[before] === now.sequences[after]) {
      add('surviving', b, after++);
      before++;
    } else if (oldAddress <= newAddress) {
      freedBlocks.push(before);
      add('freed', a, before++);
    } else {
      newBlocks.push(after);
      add('new', b, after++);
    }
  }
  return {
    ...total,
    byType: [...types].map(([type, change]) => ({ type, ...change })).sort(byGrowth),
    bySite: [...sites.values()].map(({ stack, change }) => ({ stack, ...change })).sort(byGrowth),
    newBlocks: new Uint32Array(newBlocks),
    freedBlocks: new Uint32Array(freedBlocks),
  };
}

function newChange(): MutableChange {
  return {
    new: { blocks: 0, bytes: 0 },
    freed: { blocks: 0, bytes: 0 },
    surviving: { blocks: 0, bytes: 0 },
  };
}

/** By `blocks.sites`: what is equal for equal stacks, in any image. */
function siteKeys({ sites }: HeapImage): string[] {
  return ['', ...sites.map(({ stack }) => `@${stack.join('\n')}`)];
}

function byGrowth(a: Change, b: Change): number {
  return b.new.bytes - b.freed.bytes - (a.new.bytes - a.freed.bytes);
}

// The map from a block's address to what is known of it: a two-level table of the whole address space, so that finding
// takes two loads however many blocks there are. A slot is changed only by the owner of its block, so no lock.
//
// Blocks lie further apart than their addresses are fine: dlmalloc's begin at multiples of 8, but never two in 16 bytes.
// So a slot is for a granule, and says where in it its block begins. Where two begin in one, granules are made finer.

import { shared } from './imports';
import {
  LEAF_BITS,
  PLACE,
  PLACE_MASK,
  SLOT_BITS,
  THREAD_MISALIGNED,
  TOP,
  TOP_BITS,
} from './layout';
import { increase, reserve } from './memory';
import { fold, mask, places, self, setGranules, shift, stop, stopped, unit } from './thread';

const LEAF_MASK: u32 = (1 << LEAF_BITS) - 1;
const LEAF_BYTES: u32 = 1 << (LEAF_BITS + SLOT_BITS);

let spareLeaf: u32 = 0;

/** The number of an address, or 0 where it is none of a block: 0, misaligned or too high. */
export function idOf(address: u64): u32 {
  if (address & mask || address >> (unit + 32)) return 0;
  return <u32>(address >> unit);
}

/** Address of the slot; in a leaf that stays empty where the granule's has not been made. */
// @inline
export function slotOf(id: u32): u32 {
  const index = id >> fold;
  return load<u32>(TOP + ((index >> LEAF_BITS) << 2)) + ((index & LEAF_MASK) << SLOT_BITS);
}

/** The same in a leaf that may be written to, or 0 when there is no memory. */
// @inline
export function writableSlotOf(id: u32): u32 {
  const index = id >> fold;
  const top = TOP + ((index >> LEAF_BITS) << 2);
  const leaf = load<u32>(top) || makeLeaf(top);
  return leaf ? leaf + ((index & LEAF_MASK) << SLOT_BITS) : 0;
}

/** Whether what a slot has is of the block with this address, not of another in the granule. */
// @inline
export function isAt(entry: u64, id: u32): bool {
  return !(((<u32>entry >> PLACE) ^ id) & places);
}

/** 0 where there is none. */
export function entryAt(id: u32): u64 {
  const entry = load<u64>(slotOf(id));
  return isAt(entry, id) ? entry : 0;
}

/** What a slot has of a block with this address. */
// @inline
export function placed(entry: u64, id: u32): u64 {
  return (entry & ~(<u64>(PLACE_MASK << PLACE))) | <u64>((id & places) << PLACE);
}

function makeLeaf(top: u32): u32 {
  let leaf = spareLeaf;
  if (leaf) {
    spareLeaf = load<u32>(leaf);
    store<u32>(leaf, 0);
  } else {
    leaf = reserve(LEAF_BYTES);
    if (!leaf) {
      stop();
      return 0;
    }
  }
  if (shared) {
    const theirs = atomic.cmpxchg<u32>(top, 0, leaf);
    if (theirs) {
      store<u32>(leaf, spareLeaf);
      spareLeaf = leaf;
      return theirs;
    }
  } else store<u32>(top, leaf);
  return leaf;
}

/** By how many bits numbers of addresses became longer at the last widening. */
export let widenedBy: u32 = 0;

/** Makes granules of 2^fine bytes, fewer than they have. False where that can't be. */
export function widen(fine: u32): bool {
  widenedBy = 0;
  if (stopped()) return false;
  let top: u32 = 1 << TOP_BITS;
  while (top > 1 && !load<u32>(TOP + ((top - 1) << 2))) top -= 1;
  if (shared || ((top - 1) << (shift - fine)) >> TOP_BITS) {
    increase(self + THREAD_MISALIGNED, 1);
    return false;
  }
  const foldBefore = fold;
  const unitBefore = unit;
  setGranules(fine);
  widenedBy = unitBefore - unit;
  // From the highest leaf down, as what is moved goes up: never to where a leaf is still to be moved from.
  while (top > 0) {
    top -= 1;
    const leaf = load<u32>(TOP + (top << 2));
    if (!leaf) continue;
    store<u32>(TOP + (top << 2), 0);
    for (let at: u32 = 0; at <= LEAF_MASK; at++) {
      const entry = load<u64>(leaf + (at << SLOT_BITS));
      if (!entry) continue;
      const index = (top << LEAF_BITS) | at;
      const id = ((index << foldBefore) | ((<u32>entry >> PLACE) & PLACE_MASK)) << widenedBy;
      const slot = writableSlotOf(id);
      if (!slot) return false;
      store<u64>(slot, placed(entry, id));
    }
    memory.fill(leaf, 0, LEAF_BYTES);
    store<u32>(leaf, spareLeaf);
    spareLeaf = leaf;
  }
  return true;
}

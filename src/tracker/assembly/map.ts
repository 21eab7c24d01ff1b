// The map from an address, in granules, to its block's record: a two-level table of the whole address space, so that
// finding takes two loads however many blocks there are. A slot is changed only by the owner of its block, so no lock.

import { shared } from './imports';
import { LEAF_BITS, SHIFT, THREAD_MISALIGNED, TOP, TOP_BITS } from './layout';
import { increase, reserve } from './memory';
import { mask, self, setShift, shift, stop, stopped } from './thread';

const LEAF_MASK: u32 = (1 << LEAF_BITS) - 1;
const LEAF_BYTES: u32 = 4 << LEAF_BITS;

let spareLeaf: u32 = 0;

/** Address of the slot; in a leaf that stays empty where the granule's has not been made. */
// @inline
export function slotOf(index: u32): u32 {
  return load<u32>(TOP + ((index >> LEAF_BITS) << 2)) + ((index & LEAF_MASK) << 2);
}

/** The same in a leaf that may be written to, or 0 when there is no memory. */
// @inline
export function writableSlotOf(index: u32): u32 {
  const top = TOP + ((index >> LEAF_BITS) << 2);
  const leaf = load<u32>(top) || makeLeaf(top);
  return leaf ? leaf + ((index & LEAF_MASK) << 2) : 0;
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

/** Granule of a block's address, or 0 where it is none: 0, misaligned or too high. */
export function indexOf(address: u64): u32 {
  if (address & mask || address >> (shift + 32)) return 0;
  return <u32>(address >> shift);
}

/** How many bits the granules of old indices were cut into by the last widening. */
export let widenedBy: u32 = 0;

/** Makes room for an address that is no whole granule, by finer granules. False where that can't be. */
export function widen(address: u64): bool {
  widenedBy = 0;
  if (stopped()) return false;
  const fine: u32 = min(shift, <u32>ctz(address));
  const by = shift - fine;
  if (shared || address >> (fine + 32)) {
    increase(self + THREAD_MISALIGNED, 1);
    return false;
  }
  // From the highest leaf down, as what is moved goes up: never to where a leaf is still to be moved from.
  for (let place: u32 = 1 << TOP_BITS; place > 0; ) {
    place -= 1;
    const top = TOP + (place << 2);
    const leaf = load<u32>(top);
    if (!leaf) continue;
    if ((place << by) >> TOP_BITS) {
      increase(self + THREAD_MISALIGNED, 1);
      return false;
    }
    store<u32>(top, 0);
    for (let at: u32 = 0; at <= LEAF_MASK; at++) {
      const record = load<u32>(leaf + (at << 2));
      if (!record) continue;
      const slot = writableSlotOf(((place << LEAF_BITS) | at) << by);
      if (!slot) return false;
      store<u32>(slot, record);
    }
    memory.fill(leaf, 0, LEAF_BYTES);
    store<u32>(leaf, spareLeaf);
    spareLeaf = leaf;
  }
  store<u32>(SHIFT, fine);
  setShift(fine);
  widenedBy = by;
  return true;
}

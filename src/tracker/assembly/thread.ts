// This thread: its figures in memory, and its part in the list of threads.

import {
  FIRST_FREE,
  NEXT_FREE,
  SHIFT,
  SITE_BYTES,
  THREAD_BYTES,
  THREADS,
  UNIT_BITS,
  UNKNOWN_SITE,
} from './layout';
import { lock, reserve, unlock } from './memory';

/** Address of this thread's figures. */
export let self: u32 = 0;
/** A granule has 2^shift bytes, and one block at most begins in it. */
export let shift: u32 = 0;
/** Addresses are whole multiples of 2^unit, by which they are numbered. */
export let unit: u32 = 0;
/** A granule has 2^fold of these. */
export let fold: u32 = 0;
/** The bits of a number that say which of them. */
export let places: u32 = 0;
/** The bits that an address must not have; all of them once this thread has stopped. */
export let mask: i32 = -1;

/** Begins the tracker, or joins one that another thread has begun. The thread, or 0 when there is no memory. */
export function join(granuleShift: u32): u32 {
  const first = !load<u32>(NEXT_FREE);
  if (first) {
    store<u32>(NEXT_FREE, FIRST_FREE);
    store<u32>(UNKNOWN_SITE, reserve(SITE_BYTES));
    store<u32>(SHIFT, granuleShift);
  }
  self = reserve(THREAD_BYTES);
  if (!self) return 0;
  lock();
  store<u32>(self, load<u32>(THREADS));
  store<u32>(THREADS, self);
  unlock();
  setShift(load<u32>(SHIFT));
  return self;
}

/** For all threads that will join. Nothing happens where another one has: their maps would differ. */
export function setGranules(granuleShift: u32): void {
  lock();
  if (load<u32>(THREADS) === self && !load<u32>(self)) {
    store<u32>(SHIFT, granuleShift);
    setShift(granuleShift);
  }
  unlock();
}

function setShift(granuleShift: u32): void {
  shift = granuleShift;
  unit = min<u32>(granuleShift, UNIT_BITS);
  fold = granuleShift - unit;
  places = (1 << fold) - 1;
  mask = (1 << unit) - 1;
}

/** For want of memory: from now on this thread's hooks do nothing. */
export function stop(): void {
  mask = -1;
}

export function stopped(): bool {
  return mask === -1;
}

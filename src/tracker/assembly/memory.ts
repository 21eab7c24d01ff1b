// Memory that is given out and never taken back, a lock, and counters that several threads may change.

import { shared } from './imports';
import { FAILED, LOCK, NEXT_FREE } from './layout';

const PATIENCE: u32 = 1 << 27;

/** Zeroed memory at a multiple of 8, or 0 when there is no more: then the tracker has failed, in all threads. */
export function reserve(bytes: u32): u32 {
  if (load<u32>(FAILED)) return 0;
  const size = (bytes + 7) & ~7;
  const start = shared ? atomic.add<u32>(NEXT_FREE, size) : load<u32>(NEXT_FREE);
  const end = <u64>start + size;
  if (!shared) store<u32>(NEXT_FREE, start + size);
  if (end > reach()) {
    const pages: u32 = memory.size();
    const missing = <u32>((end + 0xffff) >> 16) - pages;
    // Another thread may grow it meanwhile.
    if (memory.grow(max(missing, pages >> 3)) < 0 && memory.grow(missing) < 0 && end > reach()) {
      store<u32>(FAILED, 1);
      return 0;
    }
  }
  return start;
}

function reach(): u64 {
  return (<u64>memory.size()) << 16;
}

/** For some microseconds. A thread that was ended within leaves it locked: whoever waits for seconds, takes it. */
// @inline
export function lock(): void {
  if (shared) take();
}

function take(): void {
  let patience = PATIENCE;
  while (atomic.cmpxchg<u32>(LOCK, 0, 1) && patience) patience -= 1;
}

// @inline
export function unlock(): void {
  if (shared) atomic.store<u32>(LOCK, 0);
}

/** Adds to what other threads may be adding to; returns what it was. */
// @inline
export function add(address: u32, value: u64): u64 {
  if (shared) return atomic.add<u64>(address, value);
  const before = load<u64>(address);
  store<u64>(address, before + value);
  return before;
}

/** Adds to what is this thread's, or locked. */
// @inline
export function increase(address: u32, value: u64): void {
  store<u64>(address, load<u64>(address) + value);
}

// Records of live blocks of which more is known than a slot holds: a list of unused ones for each thread, in which no
// other thread has part.

import { shared } from './imports';
import { RECORD_BYTES, STOCK } from './layout';
import { lock, reserve, unlock } from './memory';
import { stop } from './thread';

const BATCH: u32 = 1024;

let unused: u32 = 0;
/** Length of the list, with shared memory. */
let count: u32 = 0;
/** A whole batch, or none. */
let kept: u32 = 0;

/** 0 when there is no memory. */
// @inline
export function takeRecord(): u32 {
  let record = unused;
  if (!record) {
    record = moreRecords();
    if (!record) return 0;
  }
  unused = load<u32>(record);
  if (shared) count -= 1;
  return record;
}

function moreRecords(): u32 {
  count = BATCH;
  const own = kept;
  kept = 0;
  if (own) return own;
  if (shared) {
    lock();
    const batch = load<u32>(STOCK);
    if (batch) store<u32>(STOCK, load<u32>(batch, 4));
    unlock();
    if (batch) return batch;
  }
  const chunk = reserve(BATCH * RECORD_BYTES);
  if (!chunk) {
    stop();
    return 0;
  }
  const last = chunk + (BATCH - 1) * RECORD_BYTES;
  for (let record = chunk; record < last; record += RECORD_BYTES) {
    store<u32>(record, record + RECORD_BYTES);
  }
  return chunk;
}

// @inline
export function giveRecord(record: u32): void {
  store<u32>(record, unused);
  unused = record;
  if (shared) {
    count += 1;
    if (count === BATCH) giveBatch();
  }
}

/** A thread that frees what others allocate would gather records without end. */
function giveBatch(): void {
  const batch = unused;
  unused = 0;
  count = 0;
  if (!kept) {
    kept = batch;
    return;
  }
  lock();
  store<u32>(batch, load<u32>(STOCK), 4);
  store<u32>(STOCK, batch);
  unlock();
}

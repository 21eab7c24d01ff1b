// The hooks of the allocator. Indices are addresses in granules. Every hook is harmless when it is nested in another,
// and after an exception has skipped the one that should have followed.

import { scrub, shared } from './imports';
import {
  CLASS_BITS,
  LIVE,
  RECORD_SEQUENCE,
  RECORD_SITE,
  SEQUENCE,
  THREAD_CLASSES,
  THREAD_DUPLICATES,
  THREAD_PEAK,
  THREAD_UNKNOWN_FREES,
} from './layout';
import { indexOf, slotOf, widen, widenedBy, writableSlotOf } from './map';
import { add, increase } from './memory';
import { giveRecord, takeRecord } from './records';
import { count, reached, sample } from './sampler';
import { countAllocated, countFreed, scope } from './scopes';
import { mask, self, shift, stopped } from './thread';

const SIZE_MASK: u64 = 0xffff_ffff_ffff;

/** What was last allocated, as far as a composing function may have done it. */
let inner: u32 = 0;
/** What realloc is about to move: its record is out of the map until it is known how that went. */
let pending: u32 = 0;
let pendingRecord: u32 = 0;

export function allocated32(address: u32, size: u32, context: i32): void {
  if (address & mask && !finer(address)) return;
  registerHere(address >> shift, size, context);
}

export function allocated64(address: u64, size: u64, context: i32): void {
  const index = placeFor(address);
  if (index) register(index, size & SIZE_MASK, context);
}

export function freeing32(address: u32): void {
  const index = address & mask ? 0 : address >> shift;
  const slot = slotOf(index);
  const record = load<u32>(slot);
  if (record) {
    store<u32>(slot, 0);
    releaseHere(record);
  } else freeingOther(index);
}

export function freeing64(address: u64): void {
  const index = indexOf(address);
  const slot = slotOf(index);
  const record = load<u32>(slot);
  if (record) {
    store<u32>(slot, 0);
    release(record);
  } else freeingOther(index);
}

/** In the place of freeing32 while old pointers shall not outlive the block that they stood in. */
export function scrubbing32(address: u32): void {
  scrubBlock(address);
  freeing32(address);
}

export function scrubbing64(address: u64): void {
  scrubBlock(address);
  freeing64(address);
}

function scrubBlock(address: u64): void {
  const index = indexOf(address);
  // realloc frees what it has moved.
  const record = load<u32>(slotOf(index)) || (index && index === pending ? pendingRecord : 0);
  if (record) scrub(<f64>address, <f64>(load<u64>(record) & SIZE_MASK));
}

export function composing(): void {
  inner = 0;
}

export function composed32(address: u32, size: u32, context: i32): void {
  if (address & mask && !finer(address)) return;
  settle(address >> shift, size, context);
}

export function composed64(address: u64, size: u64, context: i32): void {
  const index = placeFor(address);
  if (index) settle(index, size & SIZE_MASK, context);
}

export function reallocating32(old: u32): void {
  reallocating64(old);
}

export function reallocating64(old: u64): void {
  inner = 0;
  if (!old || stopped()) return;
  const index = indexOf(old);
  if (!index) {
    countUnknown();
    return;
  }
  const slot = slotOf(index);
  const record = load<u32>(slot);
  if (record) store<u32>(slot, 0);
  else if (pending === index) return;
  // Left behind by an exception.
  if (pendingRecord) release(pendingRecord);
  pending = index;
  pendingRecord = record;
}

export function reallocated32(old: u32, address: u32, size: u32, context: i32): void {
  reallocated64(old, address, size, context);
}

export function reallocated64(old: u64, address: u64, size: u64, context: i32): void {
  const index = placeFor(address);
  const before = indexOf(old);
  if (before && before === pending) {
    const record = pendingRecord;
    pending = 0;
    pendingRecord = 0;
    if (!address && size) {
      // It failed, and the old block is as it was.
      if (record) {
        const slot = slotOf(before);
        if (load<u32>(slot)) release(record);
        else store<u32>(slot, record);
      }
    } else if (record) release(record);
    else countUnknown();
  }
  if (index) settle(index, size & SIZE_MASK, context);
}

/** Counts the block once, whether or not an inner function has registered it. */
function settle(index: u32, size: u64, context: i32): void {
  if (inner === index) {
    const record = load<u32>(slotOf(index));
    if (record) {
      const head = load<u64>(record);
      // Mostly the inner one was asked for as much.
      if ((head & SIZE_MASK) === size) return;
      tally(record, -1);
      store<u64>(record, (head & ~SIZE_MASK) | size);
      tally(record, 1);
      return;
    }
  }
  if (inner && inner !== index) {
    const slot = slotOf(inner);
    const ghost = load<u32>(slot);
    if (ghost) {
      store<u32>(slot, 0);
      tally(ghost, -1);
      giveRecord(ghost);
    }
  }
  register(index, size, context);
}

/** Takes an allocation out of all figures, or puts it in again: it does not count as freed. */
function tally(record: u32, sign: i64): void {
  const head = load<u64>(record);
  const size = head & SIZE_MASK;
  const bytes = <u64>sign * size;
  const figures = classOf(size);
  increase(figures, sign);
  increase(figures + 8, bytes);
  add(LIVE, bytes);
  const owner = <u32>(head >> 48);
  if (owner) countAllocated(owner, sign, bytes);
  if (load<u32>(record, RECORD_SITE)) count(record, size, <f64>sign, true);
}

function register(index: u32, size: u64, context: i32): void {
  registerHere(index, size, context);
}

// @inline
function registerHere(index: u32, size: u64, context: i32): void {
  const slot = writableSlotOf(index);
  if (!slot) return;
  const before = load<u32>(slot);
  if (before) {
    store<u32>(slot, 0);
    increase(self + THREAD_DUPLICATES, 1);
    release(before);
  }
  const record = takeRecord();
  if (!record) return;
  store<u32>(slot, record);
  store<u64>(record, size | ((<u64>scope) << 48));
  store<u32>(record, 0, RECORD_SITE);
  let sequence: u32;
  if (shared) {
    sequence = atomic.add<u32>(SEQUENCE, 1);
    atomic.add<u64>(LIVE, size);
  } else {
    sequence = load<u32>(SEQUENCE);
    store<u32>(SEQUENCE, sequence + 1);
    store<u64>(LIVE, load<u64>(LIVE) + size);
  }
  store<u32>(record, sequence + 1, RECORD_SEQUENCE);
  const figures = classOf(size);
  increase(figures, 1);
  increase(figures + 8, size);
  if (scope) countAllocated(scope, 1, size);
  // Last, as the capture of a stack may run code of the page that allocates.
  if (reached(size)) sample(record, size, context);
  inner = index;
}

function freeingOther(index: u32): void {
  if (index && index === pending) {
    const record = pendingRecord;
    pending = 0;
    pendingRecord = 0;
    if (record) {
      release(record);
      return;
    }
  }
  countUnknown();
}

/** A release of what was not seen, or, with shared memory, could not be registered. */
function countUnknown(): void {
  if (!stopped()) increase(self + THREAD_UNKNOWN_FREES, 1);
}

function release(record: u32): void {
  releaseHere(record);
}

/** Peaks are taken before live bytes fall, so that what a composing function takes back was never in them. */
// @inline
function releaseHere(record: u32): void {
  const head = load<u64>(record);
  const size = head & SIZE_MASK;
  const live = add(LIVE, 0 - size);
  if (live > load<u64>(self, THREAD_PEAK)) store<u64>(self, live, THREAD_PEAK);
  const figures = classOf(size);
  increase(figures + 16, 1);
  increase(figures + 24, size);
  const owner = <u32>(head >> 48);
  if (owner) countFreed(owner, size);
  if (load<u32>(record, RECORD_SITE)) count(record, size, -1, false);
  giveRecord(record);
}

// @inline
function classOf(size: u64): u32 {
  return self + THREAD_CLASSES + ((<u32>(64 - clz(size))) << CLASS_BITS);
}

function placeFor(address: u64): u32 {
  if (!address) return 0;
  return indexOf(address) || (finer(address) ? indexOf(address) : 0);
}

function finer(address: u64): bool {
  if (!widen(address)) return false;
  inner <<= widenedBy;
  pending <<= widenedBy;
  return true;
}

// The hooks of the allocator. An id is the number of an address (./map.ts). Every hook is harmless when it is nested in another,
// and after an exception has skipped the one that should have followed.

import { scrub, shared } from './imports';
import {
  CLASS_BITS,
  INLINE,
  INLINE_SCOPE,
  INLINE_SCOPE_MASK,
  INLINE_SIZE,
  INLINE_SIZE_MASK,
  LIVE,
  PLACE,
  RECORD_SITE,
  RECORD_UNIT,
  SEQUENCE,
  THREAD_CLASSES,
  THREAD_DUPLICATES,
  THREAD_MISALIGNED,
  THREAD_PEAK,
  THREAD_UNKNOWN_FREES,
} from './layout';
import { entryAt, idOf, isAt, placed, slotOf, widen, widenedBy, writableSlotOf } from './map';
import { add, increase } from './memory';
import { giveRecord, takeRecord } from './records';
import { count, reached, sample } from './sampler';
import { countAllocated, countFreed, scope } from './scopes';
import { mask, places, self, shift, stopped, unit } from './thread';

const SIZE_MASK: u64 = 0xffff_ffff_ffff;
const RECORD_MASK: u32 = ~(RECORD_UNIT - 1);
/** The number of the allocation. */
const HIGH: u64 = 0xffff_ffff_0000_0000;

/** What was last allocated, as far as a composing function may have done it. */
let inner: u32 = 0;
/** What realloc is about to move: its entry is out of the map until it is known how that went. */
let pending: u32 = 0;
let pendingEntry: u64 = 0;

export function allocated32(address: u32, size: u32, context: i32): void {
  if (address & mask && !finer(address)) return;
  registerHere(address >> unit, size, context);
}

export function allocated64(address: u64, size: u64, context: i32): void {
  const id = idFor(address);
  if (id) register(id, size & SIZE_MASK, context);
}

export function freeing32(address: u32): void {
  const id = address & mask ? 0 : address >> unit;
  const slot = slotOf(id);
  const entry = load<u64>(slot);
  if (entry && isAt(entry, id)) {
    store<u64>(slot, 0);
    releaseHere(entry);
  } else freeingOther(id);
}

export function freeing64(address: u64): void {
  const id = idOf(address);
  const slot = slotOf(id);
  const entry = load<u64>(slot);
  if (entry && isAt(entry, id)) {
    store<u64>(slot, 0);
    release(entry);
  } else freeingOther(id);
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
  const id = idOf(address);
  // realloc frees what it has moved.
  const entry = entryAt(id) || (id && id === pending ? pendingEntry : 0);
  if (entry) scrub(<f64>address, <f64>sizeOf(entry));
}

export function composing(): void {
  inner = 0;
}

export function composed32(address: u32, size: u32, context: i32): void {
  composed64(address, size, context);
}

export function composed64(address: u64, size: u64, context: i32): void {
  const id = idFor(address);
  if (id) settle(id, size & SIZE_MASK, context);
}

export function reallocating32(old: u32): void {
  reallocating64(old);
}

export function reallocating64(old: u64): void {
  inner = 0;
  if (!old || stopped()) return;
  const id = idOf(old);
  if (!id) {
    countUnknown();
    return;
  }
  const entry = entryAt(id);
  if (entry) store<u64>(slotOf(id), 0);
  else if (pending === id) return;
  // Left behind by an exception.
  if (pendingEntry) release(pendingEntry);
  pending = id;
  pendingEntry = entry;
}

export function reallocated32(old: u32, address: u32, size: u32, context: i32): void {
  reallocated64(old, address, size, context);
}

export function reallocated64(old: u64, address: u64, size: u64, context: i32): void {
  const id = idFor(address);
  const before = idOf(old);
  if (before && before === pending) {
    const entry = pendingEntry;
    pending = 0;
    pendingEntry = 0;
    if (!address && size) {
      // It failed, and the old block is as it was.
      if (entry) {
        const slot = entryAt(before) ? 0 : emptySlotOf(before);
        if (slot) store<u64>(slot, placed(entry, before));
        else release(entry);
      }
    } else if (entry) release(entry);
    else countUnknown();
  }
  if (id) settle(id, size & SIZE_MASK, context);
}

/** Counts the block once, whether or not an inner function has registered it. */
function settle(id: u32, size: u64, context: i32): void {
  if (inner === id) {
    const entry = entryAt(id);
    if (entry) {
      // Mostly the inner one was asked for as much.
      if (sizeOf(entry) !== size) resize(id, entry, size);
      return;
    }
  }
  if (inner && inner !== id) {
    const ghost = entryAt(inner);
    if (ghost) {
      store<u64>(slotOf(inner), 0);
      tally(ghost, -1);
      const record = recordOf(ghost);
      if (record) giveRecord(record);
    }
  }
  register(id, size, context);
}

function resize(id: u32, entry: u64, size: u64): void {
  let resized = entry;
  tally(entry, -1);
  if (recordOf(entry)) setHead(recordOf(entry), size, scopeOf(entry));
  else if (size <= <u64>INLINE_SIZE_MASK) {
    // The bits of the size alone.
    resized ^= (size ^ sizeOf(entry)) << INLINE_SIZE;
  } else {
    const record = newRecord(size, scopeOf(entry));
    if (!record) return;
    resized = placed((entry & HIGH) | record, id);
  }
  store<u64>(slotOf(id), resized);
  tally(resized, 1);
}

/** Takes an allocation out of all figures, or puts it in again: it does not count as freed. */
function tally(entry: u64, sign: i64): void {
  const size = sizeOf(entry);
  const bytes = <u64>sign * size;
  const figures = classOf(size);
  increase(figures, sign);
  increase(figures + 8, bytes);
  add(LIVE, bytes);
  const owner = scopeOf(entry);
  if (owner) countAllocated(owner, sign, bytes);
  const record = recordOf(entry);
  if (record && load<u32>(record, RECORD_SITE)) count(record, size, <f64>sign, true);
}

function register(id: u32, size: u64, context: i32): void {
  registerHere(id, size, context);
}

// @inline
function registerHere(id: u32, size: u64, context: i32): void {
  let slot = writableSlotOf(id);
  if (!slot) return;
  if (load<u64>(slot)) {
    slot = emptySlotOf(id);
    if (!slot) return;
  }
  const isSampled = reached(size);
  let record: u32 = 0;
  if (isSampled || size > <u64>INLINE_SIZE_MASK || scope > <u32>INLINE_SCOPE_MASK) {
    record = newRecord(size, scope);
    if (!record) return;
  }
  let sequence: u32;
  if (shared) {
    sequence = atomic.add<u32>(SEQUENCE, 1);
    atomic.add<u64>(LIVE, size);
  } else {
    sequence = load<u32>(SEQUENCE);
    store<u32>(SEQUENCE, sequence + 1);
    store<u64>(LIVE, load<u64>(LIVE) + size);
  }
  const low = record || ((<u32>size) << INLINE_SIZE) | (scope << INLINE_SCOPE) | INLINE;
  store<u64>(slot, ((<u64>(sequence + 1)) << 32) | low | ((id & places) << PLACE));
  const figures = classOf(size);
  increase(figures, 1);
  increase(figures + 8, size);
  if (scope) countAllocated(scope, 1, size);
  // Last, as the capture of a stack may run code of the page that allocates.
  if (isSampled) sample(record, size, context);
  inner = id;
}

/** Drops what has the address already, and makes granules finer where another block begins in this one. */
function emptySlotOf(id: u32): u32 {
  let slot = writableSlotOf(id);
  for (let entry: u64; slot; ) {
    entry = load<u64>(slot);
    if (!entry) break;
    if (isAt(entry, id)) {
      store<u64>(slot, 0);
      increase(self + THREAD_DUPLICATES, 1);
      release(entry);
      break;
    }
    if (!widen(shift - 1)) return 0;
    slot = writableSlotOf(id);
  }
  return slot;
}

/** 0 when there is no memory. */
function newRecord(size: u64, owner: u32): u32 {
  const record = takeRecord();
  if (record) {
    setHead(record, size, owner);
    store<u32>(record, 0, RECORD_SITE);
  }
  return record;
}

function setHead(record: u32, size: u64, owner: u32): void {
  store<u64>(record, size | ((<u64>owner) << 48));
}

/** 0 where there is none. */
function recordOf(entry: u64): u32 {
  return <u32>entry & INLINE ? 0 : <u32>entry & RECORD_MASK;
}

function sizeOf(entry: u64): u64 {
  const record = recordOf(entry);
  return record ? load<u64>(record) & SIZE_MASK : (entry >> INLINE_SIZE) & INLINE_SIZE_MASK;
}

function scopeOf(entry: u64): u32 {
  const record = recordOf(entry);
  return record ? load<u16>(record, 6) : <u32>entry >> INLINE_SCOPE;
}

function freeingOther(id: u32): void {
  if (id && id === pending) {
    const entry = pendingEntry;
    pending = 0;
    pendingEntry = 0;
    if (entry) {
      release(entry);
      return;
    }
  }
  countUnknown();
}

/** A release of what was not seen, or, with shared memory, could not be registered. */
function countUnknown(): void {
  if (!stopped()) increase(self + THREAD_UNKNOWN_FREES, 1);
}

function release(entry: u64): void {
  releaseHere(entry);
}

/** Peaks are taken before live bytes fall, so that what a composing function takes back was never in them. */
// @inline
function releaseHere(entry: u64): void {
  const record = <u32>entry & INLINE ? 0 : <u32>entry & RECORD_MASK;
  let size = (entry >> INLINE_SIZE) & INLINE_SIZE_MASK;
  let owner = <u32>entry >> INLINE_SCOPE;
  if (record) {
    size = load<u64>(record) & SIZE_MASK;
    owner = load<u16>(record, 6);
  }
  const live = add(LIVE, 0 - size);
  if (live > load<u64>(self, THREAD_PEAK)) store<u64>(self, live, THREAD_PEAK);
  const figures = classOf(size);
  increase(figures + 16, 1);
  increase(figures + 24, size);
  if (owner) countFreed(owner, size);
  if (record) {
    if (load<u32>(record, RECORD_SITE)) count(record, size, -1, false);
    giveRecord(record);
  }
}

// @inline
function classOf(size: u64): u32 {
  return self + THREAD_CLASSES + ((<u32>(64 - clz(size))) << CLASS_BITS);
}

function idFor(address: u64): u32 {
  if (!address) return 0;
  return idOf(address) || (finer(address) ? idOf(address) : 0);
}

/** Makes room for an address that has no number yet. False where that can't be. */
function finer(address: u64): bool {
  if (stopped()) return false;
  const fine: u32 = min(unit, <u32>ctz(address));
  if (address >> (fine + 32)) {
    increase(self + THREAD_MISALIGNED, 1);
    return false;
  }
  if (!widen(fine)) return false;
  inner <<= widenedBy;
  pending <<= widenedBy;
  return true;
}

// Scopes: what was allocated while a watched function ran, by that function and its key, and how high live bytes rose.

import {
  DEPTH_LIMIT,
  FRAME_BYTES,
  FRAME_LIVE,
  FRAME_PEAK,
  LIVE,
  OTHER_SCOPES,
  SCOPE_ALLOCATED_BLOCKS,
  SCOPE_BITS,
  SCOPE_COUNT,
  SCOPE_FREED_BLOCKS,
  SCOPE_OF_KEY,
  SCOPE_PEAK,
  SCOPE_RUNS,
  SCOPES,
  THREAD_DEPTH,
  THREAD_FRAMES,
  THREAD_PEAK,
} from './layout';
import { add, lock, reserve, unlock } from './memory';
import { find, insert } from './table';
import { self, stop, stopped } from './thread';

/** Number of the innermost open scope; 0 where there is none. */
export let scope: u32 = 0;

function scopeAt(id: u32): u32 {
  return load<u32>(SCOPES + ((id >> 8) << 2)) + ((id & 0xff) << SCOPE_BITS);
}

export function countAllocated(id: u32, blocks: u64, bytes: u64): void {
  const at = scopeAt(id) + SCOPE_ALLOCATED_BLOCKS;
  add(at, blocks);
  add(at + 8, bytes);
}

export function countFreed(id: u32, bytes: u64): void {
  const at = scopeAt(id) + SCOPE_FREED_BLOCKS;
  add(at, 1);
  add(at + 8, bytes);
}

export function scopeOpened(probe: i32, key: i32): i32 {
  if (stopped()) return 0;
  const name = ((<u64>(probe + 1)) << 32) | <u32>key;
  const id = find(SCOPE_OF_KEY, name) || newScope(name, probe, key);
  if (!id) return 0;
  add(scopeAt(id) + SCOPE_RUNS, 1);
  const depth = load<u32>(self, THREAD_DEPTH);
  if (depth === DEPTH_LIMIT) return depth;
  const live = load<u64>(LIVE);
  const frame = self + THREAD_FRAMES + depth * FRAME_BYTES;
  risePeak(frame + FRAME_PEAK, max(load<u64>(self, THREAD_PEAK), live));
  store<u32>(frame, id, FRAME_BYTES);
  store<u64>(frame, live, FRAME_BYTES + FRAME_LIVE);
  store<u64>(frame, live, FRAME_BYTES + FRAME_PEAK);
  store<u64>(self, live, THREAD_PEAK);
  store<u32>(self, depth + 1, THREAD_DEPTH);
  scope = id;
  return depth;
}

export function scopeClosed(token: i32): void {
  if (stopped()) return;
  const live = load<u64>(LIVE);
  for (let depth = load<u32>(self, THREAD_DEPTH); depth > <u32>token; ) {
    const frame = self + THREAD_FRAMES + depth * FRAME_BYTES;
    const peak = max(max(load<u64>(frame, FRAME_PEAK), load<u64>(self, THREAD_PEAK)), live);
    const closed = scopeAt(load<u32>(frame)) + SCOPE_PEAK;
    lock();
    risePeak(closed, peak - load<u64>(frame, FRAME_LIVE));
    unlock();
    risePeak(frame - FRAME_BYTES + FRAME_PEAK, peak);
    store<u64>(self, live, THREAD_PEAK);
    depth -= 1;
    store<u32>(self, depth, THREAD_DEPTH);
    scope = load<u32>(frame - FRAME_BYTES);
  }
}

function risePeak(address: u32, value: u64): void {
  if (value > load<u64>(address)) store<u64>(address, value);
}

function newScope(name: u64, probe: i32, key: i32): u32 {
  lock();
  const id = find(SCOPE_OF_KEY, name) || makeScope(name, probe, key);
  unlock();
  if (!id) stop();
  return id;
}

function makeScope(name: u64, probe: i32, key: i32): u32 {
  const id: u32 = min(load<u32>(SCOPE_COUNT) + 1, OTHER_SCOPES);
  const chunk = SCOPES + ((id >> 8) << 2);
  if (!load<u32>(chunk)) {
    const made = reserve(256 << SCOPE_BITS);
    if (!made) return 0;
    store<u32>(chunk, made);
  }
  if (id !== OTHER_SCOPES) {
    if (!insert(SCOPE_OF_KEY, name, id)) return 0;
    store<u32>(scopeAt(id), probe);
    store<u32>(scopeAt(id), key, 4);
    store<u32>(SCOPE_COUNT, id);
  }
  return id;
}

// Hash tables from a key to a pointer or number, neither of them 0. Finding needs no lock where nothing is removed:
// a table that has grown lies elsewhere, and an entry whose value is not there yet counts as missing.

import { ENTRY_BITS, TABLE_ENTRIES } from './layout';
import { reserve } from './memory';

const FIRST_MASK: u32 = 63;

function hash(key: u64): u32 {
  return <u32>((key * (((<u64>0x9e37_79b9) << 32) | 0x7f4a_7c15)) >> 32);
}

/** Address of the entry with the key, or of the empty one where it would be. */
function entryOf(body: u32, key: u64): u32 {
  const mask = load<u32>(body);
  let place = hash(key);
  let entry: u32;
  let there: u64;
  do {
    entry = body + TABLE_ENTRIES + ((place & mask) << ENTRY_BITS);
    there = load<u64>(entry);
    place += 1;
  } while (there && there !== key);
  return entry;
}

/** 0 where there is none. */
export function find(table: u32, key: u64): u32 {
  const entry = entryOf(load<u32>(table), key);
  return load<u64>(entry) ? load<u32>(entry, 8) : 0;
}

/** What was in the place of the value that was inserted last, 0 where nothing was. */
export let replaced: u32 = 0;

/** Locked. False when there is no memory. */
export function insert(table: u32, key: u64, value: u32): bool {
  const body = load<u32>(table);
  let entry = entryOf(body, key);
  replaced = load<u64>(entry) ? load<u32>(entry, 8) : 0;
  if (!replaced) {
    const count = load<u32>(table, 4) + 1;
    const mask = load<u32>(body);
    if (count > mask >> 1) {
      const wider = mask ? mask * 2 + 1 : FIRST_MASK;
      const next = reserve(TABLE_ENTRIES + ((wider + 1) << ENTRY_BITS));
      if (!next) return false;
      store<u32>(next, wider);
      // The empty table has room for one entry, which is empty.
      for (let place: u32 = 0; place <= mask; place++) {
        const from = body + TABLE_ENTRIES + (place << ENTRY_BITS);
        const moved = load<u64>(from);
        if (moved) put(entryOf(next, moved), moved, load<u32>(from, 8));
      }
      store<u32>(table, next);
      entry = entryOf(next, key);
    }
    store<u32>(table, count, 4);
  }
  put(entry, key, value);
  return true;
}

function put(entry: u32, key: u64, value: u32): void {
  store<u32>(entry, value, 8);
  store<u64>(entry, key);
}

/** Locked. The value that is no longer there, 0 where there was none. */
export function remove(table: u32, key: u64): u32 {
  const body = load<u32>(table);
  let hole = entryOf(body, key);
  if (!load<u64>(hole)) return 0;
  const value = load<u32>(hole, 8);
  store<u32>(table, load<u32>(table, 4) - 1, 4);
  const mask = load<u32>(body);
  const entries = body + TABLE_ENTRIES;
  let empty = (hole - entries) >> ENTRY_BITS;
  // Those behind it move up, as long as that brings them no further than their own place.
  for (let place = empty; ; ) {
    place = (place + 1) & mask;
    const entry = entries + (place << ENTRY_BITS);
    const moved = load<u64>(entry);
    if (!moved) break;
    if (((place - hash(moved)) & mask) >= ((place - empty) & mask)) {
      store<u32>(hole, load<u32>(entry, 8), 8);
      store<u64>(hole, moved);
      hole = entry;
      empty = place;
    }
  }
  store<u64>(hole, 0);
  return value;
}

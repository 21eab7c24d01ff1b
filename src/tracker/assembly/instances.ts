// Instances that are alive, by type: a probe that saw their creation and its key.

import {
  THREAD_UNKNOWN_INSTANCES,
  TYPE_BYTES,
  TYPE_CREATED,
  TYPE_FREED,
  TYPE_NEXT,
  TYPE_OF_INSTANCE,
  TYPE_OF_KEY,
  TYPES,
} from './layout';
import { increase, lock, reserve, unlock } from './memory';
import { find, insert, remove, replaced } from './table';
import { self, stop, stopped } from './thread';

/** An address that is an instance already counts as freed: its release was not seen. */
export function instanceCreated(probe: i32, address: i32, key: i32): void {
  if (stopped() || !address) return;
  lock();
  const type = typeOf(probe, key);
  const added = type && insert(TYPE_OF_INSTANCE, <u32>address, type);
  if (added) {
    if (replaced) increase(replaced + TYPE_FREED, 1);
    increase(type + TYPE_CREATED, 1);
  }
  unlock();
  if (!added) stop();
}

export function instanceFreeing(_probe: i32, address: i32, _key: i32): void {
  if (stopped() || !address) return;
  lock();
  const type = remove(TYPE_OF_INSTANCE, <u32>address);
  if (type) increase(type + TYPE_FREED, 1);
  unlock();
  if (!type) increase(self + THREAD_UNKNOWN_INSTANCES, 1);
}

/** What was found last: instances of a type come together. */
let lastName: u64 = 0;
let lastType: u32 = 0;

function typeOf(probe: i32, key: i32): u32 {
  const name = ((<u64>(probe + 1)) << 32) | <u32>key;
  if (name !== lastName) {
    lastType = find(TYPE_OF_KEY, name) || newType(name, probe, key);
    lastName = lastType ? name : 0;
  }
  return lastType;
}

function newType(name: u64, probe: i32, key: i32): u32 {
  const type = reserve(TYPE_BYTES);
  if (!type || !insert(TYPE_OF_KEY, name, type)) return 0;
  store<u32>(type, probe);
  store<u32>(type, key, 4);
  store<u32>(type, load<u32>(TYPES), TYPE_NEXT);
  store<u32>(TYPES, type);
  return type;
}

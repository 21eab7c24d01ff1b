// The conservative scan's inner loop: which words of a piece of a heap are addresses within blocks, and of which ones.
//
// It takes no branch on what a word holds, since no processor foresees which words are pointers, and how far into a block.

import {
  ALIGNMENT,
  CANDIDATES,
  DEEP,
  FLAGS,
  INTERIOR,
  RANGE_BYTES,
  RANGES,
  SHUFFLES,
  TABLE,
  TAGGED,
  TARGETS,
  WEAK,
} from './layout';

export { collectLate, countPlaces, descend, layLate, startDescent } from './depth-first';
export { findSemidominators, settle, startDominators } from './dominators';
export { countStarts, layOut, search, startSearch } from './graph';

/** The first address of any block, and the end of the last. */
let lowest: f64 = 0;
let highest: f64 = 0;
/** Bytes in a word: 4 or 8. */
let wordBytes: u32 = 4;

/**
 * Where blocks lie densely, as they do in a heap, it is counted how many start up to an address. Each 32 granules of
 * 2^shift bytes have 16 bytes, so that most words take one look at memory: in which of them blocks start; how many
 * start before; which of them lie in blocks; and of which the bytes tell. Else blocks are searched by halves.
 */
let isDense: bool = true;
let shift: u32 = 3;
/**
 * Dense: 8 bytes a block, where it starts, from the first one on, and its length, with the highest bit where any address
 * in it holds it. Else f64 of both, by block; a length below 0 where any address does.
 */
let spans: u32 = 0;
const LENGTH: u32 = 0x7fff_ffff;
let blockCount: u32 = 0;
/** Groups below this one have their count. */
let counted: u32 = 0;

export function configure(
  from: f64,
  to: f64,
  bytesOfWord: u32,
  dense: bool,
  granule: u32,
  spansAt: u32,
  blocks: u32,
): void {
  lowest = from;
  highest = to;
  wordBytes = bytesOfWord;
  isDense = dense;
  shift = granule;
  spans = spansAt;
  blockCount = blocks;
  counted = 0;
  for (let mask: u32 = 0; mask < 16; mask++) {
    let at = SHUFFLES + (mask << 4);
    for (let lane: u32 = 0; lane < 4; lane++) {
      if (((mask >> lane) & 1) === 0) continue;
      store<u32>(at, 0x0302_0100 + lane * 0x0404_0404);
      at += 4;
    }
  }
}

/** Puts blocks `from` to `to`, exclusive, into groups: all in turn, when all spans are there. */
export function group(from: u32, to: u32): void {
  const inColumn: u32 = 1 << shift === ALIGNMENT ? 8 : 12;
  for (let block = from; block < to; block++) {
    const span = spans + (block << 3);
    const start = load<u32>(span);
    count(start >> (shift + 5), block);
    const at = groupOf(start);
    store<u32>(at, load<u32>(at) | (1 << ((start >> shift) & 31)));
    const length = load<u32>(span, 4);
    let end = start + (length & LENGTH);
    // Where blocks overlap, an address lies in the one that starts last.
    if (block + 1 < blockCount) end = min<u32>(end, load<u32>(span, 8));
    const whole = end >> shift;
    if (length > u32(DEEP) && length <= LENGTH) mark(12, (start + DEEP) >> shift, whole);
    // Of the granule in which a block ends, some bytes lie in it; where granules are small, starts have tags in others.
    mark(inColumn, start >> shift, whole);
    if (whole << shift < end) mark(12, whole, whole + 1);
  }
  if (to === blockCount) count(((spans - TABLE) >> 4) - 1, blockCount);
}

/** So many blocks start before the groups up to the last one that have no count yet. */
function count(last: u32, blocks: u32): void {
  for (; counted <= last; counted++) store<u32>(TABLE + (counted << 4), blocks, 4);
}

/** Sets the bits of granules `from` to `to`, exclusive, in a column of the groups. */
function mark(column: u32, from: u32, to: u32): void {
  let granule = from;
  while (granule < to) {
    const end = min<u32>(to, (granule | 31) + 1);
    const bits = (0xffff_ffff << (granule & 31)) & (0xffff_ffff >> (31 - ((end - 1) & 31)));
    const at = TABLE + ((granule >> 5) << 4) + column;
    store<u32>(at, load<u32>(at) | bits);
    granule = end;
  }
}

/** Scans the ranges that are listed; returns how many edges there are. */
export function scan(rangeCount: u32): u32 {
  const last: u32 = RANGES + rangeCount * RANGE_BYTES;
  let edges: u32 = 0;
  for (let range: u32 = RANGES; range < last; range += RANGE_BYTES) {
    const from = load<u32>(range);
    const end = load<u32>(range, 4);
    const flags = load<u32>(range, 8);
    if (!isDense) edges = addBySearch(from, end, flags, edges);
    else
      edges = addDensely(
        wordBytes === 4 ? collect32(from, end) : collect64(from, end),
        flags,
        edges,
      );
    store<u32>(range, edges, 12);
  }
  return edges;
}

/** The block that contains the address; -1: none. */
export function find(address: f64): i32 {
  if (!(address >= lowest && address < highest)) return -1;
  if (isDense) {
    const above = u32(address - lowest);
    const block = lastStart(above);
    const span = spans + (block << 3);
    return above - load<u32>(span) < (load<u32>(span, 4) & LENGTH) ? block : -1;
  }
  const block = search(address);
  const span = spans + (block << 4);
  return address - load<f64>(span) < abs(load<f64>(span, 8)) ? block : -1;
}

/** Notes the words between the first block and the end of the last; returns the end of what it noted. */
function collect32(from: u32, end: u32): u32 {
  const base = i32x4.splat(u32(u64(lowest)));
  // Of blocks that 32 bits can't address there is none.
  const limit = i32x4.splat(
    u32(max<f64>(0, min<f64>(min<f64>(highest, 4294967296) - lowest, 4294967295))),
  );
  let to: u32 = CANDIDATES;
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const above = i32x4.sub(v128.load(at), base);
    const mask = i32x4.bitmask(i32x4.lt_u(above, limit));
    v128.store(to, v128.swizzle(above, v128.load(SHUFFLES + (mask << 4))));
    to += popcnt(mask) << 2;
  }
  if (at < end) {
    const above = i32x4.sub(v128.load(at), base);
    const mask = i32x4.bitmask(i32x4.lt_u(above, limit)) & ((1 << ((end - at) >> 2)) - 1);
    v128.store(to, v128.swizzle(above, v128.load(SHUFFLES + (mask << 4))));
    to += popcnt(mask) << 2;
  }
  return to;
}

function collect64(from: u32, end: u32): u32 {
  const base = u64(lowest);
  const limit = u64(highest - lowest);
  let to: u32 = CANDIDATES;
  for (let at = from; at < end; at += 8) {
    const above = load<u64>(at) - base;
    store<u32>(to, u32(above));
    to += u32(above < limit) << 2;
  }
  return to;
}

/** Turns candidates into edges. What leads between two blocks is written over by what comes next. */
function addDensely(end: u32, flags: u32, first: u32): u32 {
  let edge = first;
  for (let at: u32 = CANDIDATES; at < end; at += 4) {
    const above = load<u32>(at);
    const group = groupOf(above);
    const bit = (above >> shift) & 31;
    const block = lastStart(above);
    const isAtStart = (load<u32>(group) >> bit) & 1;
    const isTagged = u32((above & (ALIGNMENT - 1)) !== 0);
    let isInside = (load<u32>(group, 8) >> bit) & 1;
    let flag = (1 - isAtStart) * INTERIOR + (isAtStart & isTagged) * TAGGED;
    if ((load<u32>(group, 12) >> bit) & 1) {
      const span = spans + (block << 3);
      const offset = above - load<u32>(span);
      const length = load<u32>(span, 4);
      isInside = u32(offset < (length & LENGTH));
      flag = flagOf(offset, length > LENGTH);
    }
    store<u32>(TARGETS + (edge << 2), block);
    store<u8>(FLAGS + edge, flags | flag);
    edge += isInside;
  }
  return edge;
}

function addBySearch(from: u32, end: u32, flags: u32, first: u32): u32 {
  let edge = first;
  for (let at = from; at < end; at += wordBytes) {
    const address = wordBytes === 4 ? f64(load<u32>(at)) : f64(load<u64>(at));
    const block = find(address);
    if (block < 0) continue;
    const span = spans + (block << 4);
    const offset = min<f64>(DEEP, address - load<f64>(span));
    store<u32>(TARGETS + (edge << 2), block);
    store<u8>(FLAGS + edge, flags | flagOf(u32(offset), load<f64>(span, 8) < 0));
    edge++;
  }
  return edge;
}

// @inline
function groupOf(above: u32): u32 {
  return TABLE + ((above >> (shift + 5)) << 4);
}

/** The last block that starts at or below an address, which counts from the first block's. */
// @inline
function lastStart(above: u32): u32 {
  const group = groupOf(above);
  // Bits up to the granule's own.
  const bits = load<u32>(group) & (0xffff_ffff >> (31 - ((above >> shift) & 31)));
  return load<u32>(group, 4) + popcnt(bits) - 1;
}

function search(address: f64): u32 {
  let low: u32 = 0;
  let high = blockCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(spans + (middle << 4)) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** 0 at the start, TAGGED below ALIGNMENT, else INTERIOR; WEAK, too, where it holds nothing so deep. */
// @inline
function flagOf(offset: u32, isHeldAnywhere: bool): u32 {
  return (
    u32(offset !== 0) * TAGGED -
    u32(offset >= u32(ALIGNMENT)) * (TAGGED - INTERIOR) +
    u32(offset >= u32(DEEP) && !isHeldAnywhere) * WEAK
  );
}

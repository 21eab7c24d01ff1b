// The search by depth, as dominators need it: nodes are numbered by the order in which they are met ("places"; what
// stands above all has place 0), and of the edges it keeps what says more than the tree does.

import {
  dominators,
  edgesOf,
  links,
  nodeCount,
  offsets,
  parentEdges,
  parents,
  queue,
  records,
  states,
  targets,
  waiting,
} from './graph';
import { EDGES_AT_ONCE } from './layout';

/** Nodes with a place. */
export let placeCount: u32 = 0;
/** The place from which on nothing is reachable. */
export let lost: u32 = 0;

let unmet: u32 = 0;
let met: u32 = 0;
/** The place at hand, the first of this search, and the edges of the place given last that are still to be read. */
let place: u32 = 0;
let bottom: u32 = 0;
let edge: u32 = 0;
let end: u32 = 0;
/**
 * The end of those that wait: targets that were not met when their source was, of all the places that are not done with.
 * They are copied, so that a source's edges are read but once: by the time the search comes back to them, they have
 * left the caches.
 */
let top: u32 = 0;

/** The node at the place. */
// @inline
export function nodeAt(at: u32): u32 {
  return load<u32>(queue + (at << 2));
}

/** The place from where that one was met. The first has itself. */
// @inline
export function parentOf(at: u32): u32 {
  return load<u32>(parents + (at << 2));
}

/**
 * By node: its place (-1: it has none); the least place from where an edge leads there; where the late ones to it start and
 * end: the places from where edges lead to lower ones. By node, as blocks mostly point to their neighbours: it spares the caches.
 */
// @inline
export function recordOf(node: u32): u32 {
  return records + (node << 4);
}

export function countPlaces(): u32 {
  return placeCount;
}

/** By node: how many late edges lead there. */
// @inline
function lateTo(node: u32): u32 {
  return dominators + (node << 2);
}

/** Begins a search from the node, to the `count` nodes that wait, the last of them first. */
export function startDescent(node: u32, count: u32, from: u32, to: u32, isFirst: bool): void {
  if (isFirst) {
    placeCount = 0;
    memory.fill(records, 0xff, nodeCount << 4);
    memory.fill(dominators, 0, nodeCount << 2);
  }
  unmet = from;
  met = to;
  lost = placeCount;
  bottom = placeCount;
  top = waiting;
  give(node, 0);
  top += count << 2;
}

/** Gives a node the next place; its edges are to be read next. */
function give(node: u32, parent: u32): void {
  place = placeCount++;
  store<u8>(states + node, met);
  store<u32>(queue + (place << 2), node);
  store<u32>(parents + (place << 2), parent);
  store<u32>(parentEdges + (place << 2), top);
  const record = recordOf(node);
  store<u32>(record, place);
  store<u32>(record, parent, 4);
  edge = edgesOf(node);
  end = edgesOf(node + 1);
}

/** Searches on for a while; true: all is met. */
export function descend(): bool {
  let left: i32 = EDGES_AT_ONCE;
  while (left > 0) {
    left -= readEdges(left) + 1;
    if (edge < end) break;
    // What was met meanwhile waits in vain.
    const base = load<u32>(parentEdges + (place << 2));
    let node: u32 = -1;
    let at = top;
    for (; at > base && left > 0 && node === -1; left--) {
      at -= 4;
      const target = load<u32>(at);
      if (load<u8>(states + target) === unmet) node = target;
    }
    top = at;
    if (node !== -1) give(node, place);
    else if (at > base) break;
    else if (place === bottom) return true;
    else place = parentOf(place);
  }
  return false;
}

/** Lets targets wait, of `most` edges; returns how many it has read. No branch: whether a block was met is anybody's guess. */
function readEdges(most: u32): u32 {
  const from = edge;
  const stop = min<u32>(end, from + (most << 2));
  let to = top;
  let at = from;
  for (; at < stop; at += 4) {
    const target = load<u32>(at);
    load<u32>(offsets + (target << 2));
    const state = load<u8>(states + target);
    const late = lateTo(target);
    store<u32>(late, load<u32>(late) + u32(state === met));
    store<u32>(to, target);
    to += u32(state === unmet) << 2;
  }
  edge = at;
  top = to;
  return (at - from) >> 2;
}

/** The node whose edges come next, when late ones are collected. */
let source: u32 = 0;

/** Makes room for the late edges, when they are counted. */
export function layLate(): void {
  source = 0;
  edge = targets;
  let to = waiting;
  for (let node: u32 = 0; node < nodeCount; node++) {
    const record = recordOf(node);
    if (load<u32>(record) === -1) continue;
    store<u32>(record, to, 8);
    store<u32>(record, to, 12);
    to += load<u32>(lateTo(node)) << 2;
  }
}

/** Writes late edges down for a while, and finds the least places; true: that was all. */
export function collectLate(): bool {
  let left: i32 = EDGES_AT_ONCE;
  let at = edge;
  let node = source;
  for (; node < nodeCount && left > 0; node++) {
    const own = load<u32>(recordOf(node));
    const stop = edgesOf(node + 1);
    if (own === -1) at = stop;
    // What is unreachable doesn't hold what is reachable.
    const lowest = own < lost ? 0 : lost;
    const pause = min<u32>(stop, at + (left << 2));
    left -= ((pause - at) >> 2) + 1;
    for (; at < pause; at += 4) {
      const record = recordOf(load<u32>(at));
      const late = u32(load<u32>(record) - lowest < own - lowest);
      const to = load<u32>(record, 12);
      store<u32>(late ? to : links, own);
      store<u32>(record, to + (late << 2), 12);
      store<u32>(record, min<u32>(load<u32>(record, 4), own), 4);
    }
    if (at < stop) break;
  }
  edge = at;
  source = node;
  return node === nodeCount;
}

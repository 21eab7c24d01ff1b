// The graph in the kernel's memory, in columns, and the search by breadth. JavaScript lays the columns out.
//
// Nodes lie anywhere in memory, so that searches wait for it more than they count. They take no branch on what they find
// there, where they can, and ask early for what comes next.

import { EDGES_AT_ONCE, GAP } from './layout';

/** u32 by node, and one more: its first edge. By edge: the node that it leads to. */
export let offsets: u32 = 0;
export let targets: u32 = 0;
/** u8 by node: which search met it last. Each goes to nodes in one state and puts them in another. */
export let states: u32 = 0;
/** u32 by node, in the order in which they were met. */
export let queue: u32 = 0;
/** u32 by node: from where, and by which edge, it was met. The search by depth has columns of its own there. */
export let parents: u32 = 0;
export let parentEdges: u32 = 0;
/** 16 bytes by node, or by place. */
export let records: u32 = 0;
/** u32 by edge and node. */
export let waiting: u32 = 0;
/** 8 bytes by place, and 4 by place. */
export let links: u32 = 0;
export let dominators: u32 = 0;
export let nodeCount: u32 = 0;

export function layOut(
  nodes: u32,
  offsetsAt: u32,
  targetsAt: u32,
  statesAt: u32,
  queueAt: u32,
  parentsAt: u32,
  parentEdgesAt: u32,
  recordsAt: u32,
  waitingAt: u32,
  linksAt: u32,
  dominatorsAt: u32,
): void {
  nodeCount = nodes;
  offsets = offsetsAt;
  targets = targetsAt;
  states = statesAt;
  queue = queueAt;
  parents = parentsAt;
  parentEdges = parentEdgesAt;
  records = recordsAt;
  waiting = waitingAt;
  links = linksAt;
  dominators = dominatorsAt;
  memory.fill(states, 0, nodes);
  // Ahead of what is met, the queue is read, too.
  memory.fill(queue, 0, (nodes << 2) + GAP);
  memory.fill(parents, 0xff, nodes << 2);
  memory.fill(parentEdges, 0xff, nodes << 2);
}

/** The address of the node's first edge; the end of those of the node before. */
// @inline
export function edgesOf(node: u32): u32 {
  return targets + (load<u32>(offsets + (node << 2)) << 2);
}

let unmet: u32 = 0;
let met: u32 = 0;
/** The parent of what the search starts from. */
let above: u32 = 0;
/** In the list of nodes to start from: the next, the end, and the end of those that it did start from. */
let next: u32 = 0;
let last: u32 = 0;
let kept: u32 = 0;
let isTogether: bool = false;
/** In the queue: the first that is not done with, its next edge (0: its first), and the end. */
let done: u32 = 0;
let edge: u32 = 0;
let end: u32 = 0;

/**
 * Begins a search from the nodes that are listed in `records`, as far as they are not met: from all at once, else from
 * one after the other, each when all that those before it reach is met.
 */
export function startSearch(count: u32, from: u32, to: u32, parent: u32, together: bool): void {
  unmet = from;
  met = to;
  above = parent;
  next = records;
  kept = records;
  last = records + (count << 2);
  isTogether = together;
  done = queue;
  end = queue;
  edge = 0;
}

/** How many of the list it has started from. They are the list's first now. */
export function countStarts(): u32 {
  return (kept - records) >> 2;
}

/** Searches on for a while; true: all is met. */
export function search(): bool {
  let left: i32 = EDGES_AT_ONCE;
  while (left > 0) {
    const isListed = next < last;
    if (done < end && !(isTogether && isListed)) left = spread(left);
    else if (isListed) left -= start();
    else return true;
  }
  return false;
}

function start(): i32 {
  const node = load<u32>(next);
  next += 4;
  if (load<u8>(states + node) === unmet) {
    store<u32>(kept, node);
    kept += 4;
    meet(end, node, above, -1);
    end += 4;
  }
  return 1;
}

// @inline
function meet(at: u32, node: u32, parent: u32, by: u32): void {
  store<u32>(at, node);
  store<u8>(states + node, met);
  store<u32>(parents + (node << 2), parent);
  store<u32>(parentEdges + (node << 2), by);
}

/** Meets what the queue leads to; returns what is left of the budget. */
function spread(budget: i32): i32 {
  let left = budget;
  let from = done;
  let to = end;
  let at = edge;
  while (from < to && left > 0) {
    const node = load<u32>(from);
    // As they may trap, no compiler leaves out loads that nobody wants the result of.
    load<u32>(edgesOf(load<u32>(from, 32)));
    load<u32>(offsets + (load<u32>(from, 64) << 2));
    const stop = edgesOf(node + 1);
    if (at === 0) at = edgesOf(node);
    const pause = min<u32>(stop, at + (left << 2));
    left -= ((pause - at) >> 2) + 1;
    for (; at < pause; at += 4) {
      const target = load<u32>(at);
      if (load<u8>(states + target) !== unmet) continue;
      meet(to, target, node, (at - targets) >> 2);
      to += 4;
    }
    if (at < stop) break;
    at = 0;
    from += 4;
  }
  done = from;
  end = to;
  edge = at;
  return left;
}

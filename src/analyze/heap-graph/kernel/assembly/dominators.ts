// Immediate dominators: the last node through which every way from the top leads.
//
// By the semi-NCA algorithm: L. Georgiadis, R. E. Tarjan, R. F. Werneck, "Finding Dominators in Practice",
// Journal of Graph Algorithms and Applications 10 (2006); semidominators and path compression are those of
// T. Lengauer, R. E. Tarjan, "A fast algorithm for finding dominators in a flowgraph", ACM TOPLAS 1 (1979). As
// semi-NCA needs no more of a place on the way than its semidominator, that one is kept instead of the place.

import { lost, nodeAt, parentOf, placeCount, recordOf } from './depth-first';
import { dominators, links, parentEdges, records } from './graph';
import { EDGES_AT_ONCE } from './layout';

/** The place at hand, and the next of the late edges to it. */
let place: u32 = 0;
let edge: u32 = 0;

/**
 * By place: an ancestor, and the least semidominator between this place and that one, which is excluded; -1 up to the
 * place at hand. Those above it form a forest: the ways to the roots of its trees are shortened as they are asked for.
 */
// @inline
function linkOf(at: u32): u32 {
  return links + (at << 3);
}

export function startDominators(): void {
  for (let at: u32 = 0; at < placeCount; at++) {
    store<u32>(linkOf(at), parentOf(at));
    store<u32>(linkOf(at), -1, 4);
  }
  place = placeCount - 1;
  edge = load<u32>(recordOf(nodeAt(place)), 8);
}

/** Finds semidominators, from the last place on, for a while; true: that was the first. */
export function findSemidominators(): bool {
  let left: i32 = EDGES_AT_ONCE;
  for (; place > 0 && left > 0; left--) {
    const record = recordOf(nodeAt(place));
    const end = load<u32>(record, 12);
    const stop = min<u32>(end, edge + (left << 2));
    // None is lower than that of which all here hangs: what else leads here does not matter then.
    const lowest = place > lost ? lost : 0;
    let least = load<u32>(record, 4);
    // What is found without going up is right as well, if not the least, and often the lowest.
    for (let at = edge; at < stop; at += 4) least = min(least, leastOf(load<u32>(at)));
    for (let at = edge; at < stop && least > lowest; at += 4) {
      const source = load<u32>(at);
      if (load<u32>(linkOf(source)) > place) left -= compress(source, place);
      least = min(least, leastOf(source));
    }
    left -= (stop - edge) >> 2;
    if (stop < end && least > lowest) {
      store<u32>(record, least, 4);
      edge = stop;
      continue;
    }
    store<u32>(linkOf(place), least, 4);
    store<u32>(dominators + (place << 2), least);
    place--;
    edge = load<u32>(recordOf(nodeAt(place)), 8);
  }
  return place === 0;
}

// @inline
function leastOf(at: u32): u32 {
  return load<u32>(linkOf(at), 4);
}

/** Lets the places on the way up from `source` point past the last one above `at`; returns how many there were. */
function compress(source: u32, at: u32): u32 {
  let stack = parentEdges;
  let link = linkOf(source);
  for (let next = load<u32>(link); next > at; next = load<u32>(link)) {
    store<u32>(stack, link);
    stack += 4;
    link = linkOf(next);
  }
  const count = (stack - parentEdges) >> 2;
  const ancestor = load<u32>(link);
  let least = load<u32>(link, 4);
  while (stack > parentEdges) {
    stack -= 4;
    link = load<u32>(stack);
    least = min(least, load<u32>(link, 4));
    store<u32>(link, ancestor);
    store<u32>(link, least, 4);
  }
  return count;
}

/** By place, behind one another: a dominator far up, and how many dominators there are. */
// @inline
function jumpOf(at: u32): u32 {
  return records + (at << 3);
}

/**
 * Finds dominators, when semidominators are there: from the tree's parent upwards, the first that is not below the
 * semidominator. There may be a million above one another, so that each knows one far up, too (E. W. Myers, "An applicative
 * random-access stack", Information Processing Letters 17 (1983)).
 */
export function settle(): bool {
  if (place === 0) {
    store<u32>(dominators, 0);
    store<u64>(records, 0);
    place = 1;
  }
  const stop = min<u32>(placeCount, place + EDGES_AT_ONCE);
  for (; place < stop; place++) {
    const limit = load<u32>(dominators + (place << 2));
    let at = parentOf(place);
    while (at > limit) {
      const far = load<u32>(jumpOf(at));
      at = far > limit ? far : load<u32>(dominators + (at << 2));
    }
    store<u32>(dominators + (place << 2), at);
    const jump = jumpOf(load<u32>(jumpOf(at)));
    const depth = load<u32>(jumpOf(at), 4);
    const further = load<u32>(jump);
    const isEven =
      depth - load<u32>(jump, 4) === load<u32>(jump, 4) - load<u32>(jumpOf(further), 4);
    store<u32>(jumpOf(place), isEven ? further : at);
    store<u32>(jumpOf(place), depth + 1, 4);
  }
  return place === placeCount;
}

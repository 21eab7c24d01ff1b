// The same answers by the plainest means, to compare with.

import {
  type HeapGraph,
  type HeapImage,
  INTERIOR,
  TAGGED,
  WEAK,
} from '../../../src/analyze/heap-graph/index.ts';

export interface NaiveEdge {
  readonly source: number;
  readonly target: number;
  readonly address: number | null;
  readonly flags: number;
}

export function naiveEdges({ memory, pointerBits, blocks, roots, pointers, words }: HeapImage) {
  const bytes = pointerBits / 8;
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const edges: NaiveEdge[] = [];
  const add = (source: number, value: number, address: number | null) => {
    const target = blocks.addresses.findLastIndex((start) => start <= value);
    const offset = value - (blocks.addresses[target] ?? 0);
    if (target < 0 || offset >= Math.max(8, blocks.sizes[target] ?? 0)) return;
    const known = address === null ? -1 : words.addresses.indexOf(address);
    const weak = known >= 0 && words.weak[known] === 1 ? WEAK : 0;
    const isDeep =
      address !== null &&
      offset >= 4096 &&
      (blocks.sizes[target] ?? 0) >= 2 ** 17 &&
      blocks.scanned[target] === blocks.sizes[target];
    const doubt = offset === 0 ? 0 : offset < 8 ? TAGGED : INTERIOR;
    edges.push({ source, target, address, flags: weak | doubt | (isDeep ? WEAK : 0) });
  };
  /** @param offset where in the image's memory they start. */
  const scan = (source: number, from: number, length: number, offset: number) => {
    for (let at = 0; at + bytes <= memory.length; at += bytes) {
      if (at < offset || at + bytes > offset + length) continue;
      const word = bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
      add(source, word, at - offset + from);
    }
  };
  const count = blocks.addresses.length;
  for (let block = 0; block < count; block++) {
    const from = blocks.addresses[block] ?? 0;
    scan(block, from, blocks.scanned[block] ?? 0, blocks.offsets[block] ?? 0);
  }
  for (const [place, { from, to, offset }] of roots.entries()) {
    scan(count + place, from, to - from, offset);
  }
  for (const [place, { address }] of pointers.entries()) {
    add(count + roots.length + place, address, null);
  }
  return edges;
}

export type Links = ReadonlyMap<number, ReadonlySet<number>>;

function links(pairs: Iterable<readonly [number, number]>): Links {
  const map = new Map<number, Set<number>>();
  for (const [from, to] of pairs) map.set(from, (map.get(from) ?? new Set()).add(to));
  return map;
}

export function reachedFrom(starts: Iterable<number>, edges: Links, without = -1): Set<number> {
  const met = new Set<number>([...starts].filter((node) => node !== without));
  for (const node of met) {
    for (const target of edges.get(node) ?? []) if (target !== without) met.add(target);
  }
  return met;
}

/** The edges that count, with those of the two nodes that stand for all. */
export function countingLinks(graph: HeapGraph, edges: readonly NaiveEdge[]): Links {
  const { blockCount, unreachableNode, topNode, heads, reachable } = graph;
  const isReachable = (node: number) => node >= blockCount || reachable[node] === 1;
  const counted = edges.filter(
    ({ source, target, flags }) =>
      (flags & WEAK) === 0 && (isReachable(source) || !isReachable(target)),
  );
  return links([
    ...counted.map(({ source, target }) => [source, target] as const),
    ...Array.from(
      { length: unreachableNode - blockCount + 1 },
      (_, place) => [topNode, blockCount + place] as const,
    ),
    ...[...heads].map((head) => [unreachableNode, head] as const),
  ]);
}

export function strongLinks(edges: readonly NaiveEdge[]): Links {
  const strong = edges.filter(({ flags }) => (flags & WEAK) === 0);
  return links(strong.map(({ source, target }) => [source, target] as const));
}

/** What can't be reached from the top without the node. */
export function dominatedBy(graph: HeapGraph, edges: Links, node: number): Set<number> {
  const without = reachedFrom([graph.topNode], edges, node);
  const all = reachedFrom([graph.topNode], edges);
  return new Set([...all].filter((other) => !without.has(other)));
}
